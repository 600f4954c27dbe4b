"""Schema changes: Alembic migrations that run on SQLite and on PostgreSQL."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from twite_common import dialects
from twite_common.errors import TwiteError, Unavailable


class TooNew(TwiteError):
    """The database was written by a newer version of Twite than this one."""


class TooOld(TwiteError):
    """The database has not been brought up to this version of Twite yet."""


def upgrade(url: str, revision: str = "head") -> None:
    """Bring a database's tables up to this version of the code, or to an earlier one; create them in an empty one.

    Raises TooNew when the database is ahead of the code, and Unavailable when it can't be reached.
    """
    make_room(url)
    if _state(url) == "older":
        command.upgrade(configuration(url), revision)


def require_current(url: str) -> None:
    """Raise TooOld or TooNew unless the database's tables are those that this code knows."""
    if _state(url) == "older":
        raise TooOld("The database isn't up to date. Run `twite migrate` first.")


def head() -> str:
    """Return the revision that this version of the code knows as the newest."""
    return ScriptDirectory.from_config(configuration("sqlite://")).get_current_head() or ""


def knows(revision: str) -> bool:
    """Say whether a revision is this code's or an earlier one's."""
    return revision in {
        script.revision for script in ScriptDirectory.from_config(configuration("sqlite://")).walk_revisions()
    }


def _state(url: str) -> str:
    """Return "current" or "older"; raise TooNew where the code doesn't know the database's revision."""
    present = _revision(url)
    if present is not None and not knows(present):
        raise TooNew(
            f"The database was written by a newer version of Twite (its revision is {present}). "
            "Install that version or a later one; nothing was changed."
        )
    return "current" if present == head() else "older"


def _revision(url: str) -> str | None:
    file = _file(url)
    if file is not None and not file.exists():
        # Looking would make one.
        return None
    engine = create_engine(dialects.normal(url))
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except DBAPIError as error:
        address = make_url(url).render_as_string(hide_password=True)
        raise Unavailable(f"The database {address} can't be opened: {error.orig}.") from error
    finally:
        engine.dispose()


def configuration(url: str) -> Config:
    """Return Alembic's configuration for a database."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["url"] = dialects.normal(url)
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
        raise Unavailable(f"The database {file} can't be made: {error.strerror}.") from error


def _file(url: str) -> Path | None:
    name = make_url(url).database
    return Path(name) if dialects.is_sqlite(url) and name and name != ":memory:" else None
