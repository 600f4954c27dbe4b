"""Schema changes: Alembic migrations that run on SQLite and on PostgreSQL."""

from pathlib import Path
from typing import Literal

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from twite_common.errors import TwiteError, Unavailable
from twite_common.migrations import compatibility, locks
from twite_common.sql import engines

COMPATIBILITY = compatibility.TABLE
"""The table in which migrations write down which code works with the others."""

State = Literal["older", "current", "newer"]
"""Newer tables are those of a later version of Twite that this code can work with all the same."""


class TooNew(TwiteError):
    """The database was written by a newer version of Twite than this one."""


class TooOld(TwiteError):
    """The database has not been brought up to this version of Twite yet."""


def upgrade(url: str, revision: str = "head") -> None:
    """Bring a database's tables up to this version of the code, or to an earlier one; create them in an empty one.

    One that a newer version has brought further stays as it is. Processes that do this at once do it one after another.
    Raises TooNew when this code can't work with a newer version's tables, and Unavailable when the database can't be
    reached or is never free for a moment.
    """
    make_room(url)
    if state(url) != "older":
        return
    with locks.alone(url):
        # Another process may have done it in the meantime.
        if state(url) == "older":
            locks.patiently(lambda: command.upgrade(configuration(url), revision))


def require_current(url: str) -> None:
    """Raise TooOld or TooNew unless this code can work with the database's tables."""
    if state(url) == "older":
        raise TooOld("The database isn't up to date. Run `twite migrate` first.")


def state(url: str) -> State:
    """Return how a database's tables stand to those that this code knows.

    Raises TooNew when a newer version of Twite has changed them so that this code can't work with them.
    """
    present, oldest = _revisions(url)
    if present is None or knows(present):
        return "current" if present == head() else "older"
    if oldest is None or not knows(oldest):
        raise TooNew(
            f"The database was written by a newer version of Twite (its revision is {present}). "
            "Install that version or a later one; nothing was changed."
        )
    return "newer"


def head() -> str:
    """Return the revision that this version of the code knows as the newest."""
    return _scripts().get_current_head() or ""


def knows(revision: str) -> bool:
    """Say whether a revision is this code's or an earlier one's."""
    return revision in {script.revision for script in _scripts().walk_revisions()}


def revision(db: Connection) -> str | None:
    """Return the revision of a database's tables; None when it has none."""
    return MigrationContext.configure(db).get_current_revision()


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(configuration("sqlite://"))


def _revisions(url: str) -> tuple[str | None, str | None]:
    """Return a database's revision, and the oldest one whose code works with it."""
    file = _file(url)
    if file is not None and not file.exists():
        # Looking would make one.
        return None, None
    engine = engines.looking_engine(url)
    try:
        with engine.connect() as connection:
            return revision(connection), compatibility.recorded(connection)
    except DBAPIError as error:
        address = make_url(url).render_as_string(hide_password=True)
        raise Unavailable(f"The database {address} can't be opened: {error.orig}.") from error
    finally:
        engine.dispose()


def configuration(url: str) -> Config:
    """Return Alembic's configuration for a database."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["url"] = engines.normal(url)
    return config


def make_room(url: str) -> None:
    """Create an SQLite file, and its folder, readable by their owner alone.

    Raises Unavailable when that can't be done.
    """
    file = _file(url)
    if file is None:
        return
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(mode=0o600)
    except OSError as error:
        raise Unavailable(f"The database {file} can't be created: {error.strerror}.") from error


def _file(url: str) -> Path | None:
    name = make_url(url).database
    return Path(name) if engines.is_sqlite(url) and name and name != ":memory:" else None
