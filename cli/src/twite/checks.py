"""Commands that check the settings and what they refer to."""

import stat
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from queue import Empty, Queue
from threading import Thread

import click

from twite.options import data_option, load
from twite_common import settings as settings_module
from twite_common.errors import TwiteError, Unavailable
from twite_common.settings import InvalidSettings, Settings

TIMEOUT_SECONDS = 10.0
"""How long a check may take: what doesn't answer by then is as good as away."""
ROOM_BYTES = 1_000_000
"""Less room than this in the data folder is as good as none."""


@click.command()
@data_option
def settings() -> None:
    """List every setting with its default and description.

    Set it with the variable TWITE_NAME or a line `name = …` in twite.toml in the data folder.
    """
    for name, default, meaning in settings_module.descriptions():
        click.echo(f"{name} = {default or '(empty)'}\n    TWITE_{name.upper()}. {meaning}\n")


@click.command()
@data_option
def check() -> None:
    """Check the settings and everything they refer to.

    This covers the data folder, the database, where media files are, the broker, the mail server and, if the site is
    running, whether its processes are alive and making progress. Exits with 1 if any check fails.
    """
    try:
        settings = load()
    except InvalidSettings as error:
        for problem in error.problems:
            click.echo(f"wrong  {problem}")
        sys.exit(1)
    click.echo("ok     All settings are valid.")
    failures = [_say(name, look, settings) for name, look in CHECKS.items()]
    sys.exit(1 if any(failures) else 0)


def _say(name: str, look: Callable[[Settings], str], settings: Settings) -> bool:
    try:
        click.echo(f"ok     {name}: {_within_timeout(partial(look, settings))}")
    except TwiteError as error:
        click.echo(f"wrong  {name}: {error}")
        return True
    return False


def _within_timeout(look: Callable[[], str]) -> str:
    """Return what a check says. Raises Unavailable when that takes too long: not all that is asked has limits."""
    answers: Queue[str | BaseException] = Queue()

    def run() -> None:
        try:
            answers.put(look())
        except BaseException as error:  # noqa: BLE001 - raised again below
            answers.put(error)

    Thread(target=run, daemon=True).start()
    try:
        answer = answers.get(timeout=TIMEOUT_SECONDS)
    except Empty:
        raise Unavailable(f"no answer within {TIMEOUT_SECONDS:.0f} seconds.") from None
    if isinstance(answer, BaseException):
        raise answer
    return answer


def _data_folder(settings: Settings) -> str:
    if not settings.data.is_dir():
        raise TwiteError(f"the folder {settings.data} doesn't exist; `twite run` creates it.")
    if stat.S_IMODE(settings.data.stat().st_mode) & 0o077:
        raise TwiteError(f"{settings.data} is readable by other users: chmod 700 {settings.data}")
    try:
        with tempfile.TemporaryFile(dir=settings.data) as file:
            file.write(bytes(ROOM_BYTES))
    except OSError as error:
        raise TwiteError(f"{settings.data} isn't writable: {error.strerror}.") from error
    return f"{settings.data} is private and writable."


def _database(settings: Settings) -> str:
    from twite_common import migrations, replica

    migrations.require_current(settings.database_url)
    if migrations.state(settings.database_url) == "newer":
        return "it can be reached; a newer version of Twite has upgraded it, but this version still works with it."
    if settings.database_replica:
        return f"it can be reached and is up to date; its replica is {replica.behind(settings):,} bytes behind."
    return "it can be reached and is up to date."


def _media(settings: Settings) -> str:
    from twite_common.media.storage import checking

    return checking.check(settings)


def _broker(settings: Settings) -> str:
    from twite_broker import connectivity

    if not settings.broker and not settings.data.is_dir():
        raise TwiteError("it is a folder in the data folder, which doesn't exist.")
    return connectivity.check(settings)


def _mail(settings: Settings) -> str:
    from twite_tasks.notifications import mail_server

    return mail_server.check(settings)


def _logging_in(settings: Settings) -> str:
    from twite_common.services.identity import passkeys

    if settings.login_links and not settings.smtp:
        return "login_links is on, but without smtp nobody gets the links."
    if not passkeys.available(settings):
        return f"browsers make no passkeys for {settings.base_url}: it isn't a name, or isn't reached over https."
    return f"people can make passkeys for {settings.base_url}, and lose them if that name changes."


def _processes(settings: Settings) -> str:
    from twite_common import clock, database, migrations
    from twite_common.queries.operations import liveness

    # Looking must not make a database.
    migrations.require_current(settings.database_url)
    site_database = database.connect(settings)
    try:
        with site_database.reading() as db:
            now = clock.now()
            state = liveness.read(db, now=now, folder=settings.data)
    finally:
        site_database.close()
    if state.problems:
        raise TwiteError("\n       ".join(state.problems))
    if not state.running:
        return "this site isn't running."
    return "\n       ".join(["this site is running.", *liveness.described(state, now)])


CHECKS: dict[str, Callable[[Settings], str]] = {
    "Data folder": _data_folder,
    "Database": _database,
    "Media files": _media,
    "Broker": _broker,
    "Mail server": _mail,
    "Logging in": _logging_in,
    "Processes": _processes,
}
