"""Options shared by commands, and the settings, data folder, database and account that they lead to."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from twite_common import settings as settings_module
from twite_common.errors import NotFound, Unavailable
from twite_common.settings import Settings

if TYPE_CHECKING:
    # What a command needs is imported when it runs, so that the others start fast.
    from twite_common.database import Connection, Database

Command = TypeVar("Command", bound=Callable[..., object])


def _choose(_context: click.Context, _parameter: click.Parameter, folder: Path | None) -> None:
    """Have this process, and those that it starts, use the data folder."""
    if folder is not None:
        os.environ["TWITE_DATA"] = str(folder)


def data_option(command: Command) -> Command:
    """Give a command the option --data."""
    return click.option(
        "--data",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        expose_value=False,
        callback=_choose,
        help="Folder with the site's data.",
    )(command)


ID = click.IntRange(1, 2**63 - 1)
"""The number of a row; a larger one fits no column."""


def load() -> Settings:
    """Return the settings; raises InvalidSettings."""
    return settings_module.load()


def make_folder(folder: Path) -> None:
    """See that there is a data folder; a new one is for its owner alone.

    Raises Unavailable when it can't be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(f"The data folder {folder} can't be created: {error.strerror}.") from error


@contextmanager
def database() -> Iterator["Database"]:
    """Give the site's database, up to date; what is dispatched goes to the broker.

    Raises TooOld or TooNew when its tables aren't those that this version knows.
    """
    from twite_broker import news
    from twite_broker.dispatcher import Dispatcher
    from twite_common import migrations
    from twite_common.database import connect

    settings = load()
    migrations.require_current(settings.database_url)
    dispatcher = Dispatcher(settings)
    site_database = connect(settings, dispatcher.dispatch, publish=news.publisher(settings))
    try:
        yield site_database
    finally:
        site_database.close()
        dispatcher.close()


def account_id(db: "Connection", name: str) -> int:
    """Return the id of the account of that name, with or without @, or of that e-mail address.

    Raises NotFound when there is none.
    """
    from twite_common.queries.accounts import credentials

    account = credentials.by_login(db, name)
    if account is None:
        raise NotFound(f"There is no account {name}.")
    return account.account_id
