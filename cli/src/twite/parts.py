"""Commands that run the parts of a site, together or one at a time."""

import os
import sys
from importlib.util import find_spec

import click

from twite import addresses, preparation
from twite.options import data_option, load, make_folder
from twite_broker.queues import QUEUES
from twite_common.settings import Settings

prepared_option = click.option(
    "--prepared", is_flag=True, hidden=True, help="The database has just been brought up to date."
)


def _require_watchfiles(_context: click.Context, _parameter: click.Parameter, reload: bool) -> bool:
    if reload and find_spec("watchfiles") is None:
        raise click.UsageError("--reload is for developing: `make` installs watchfiles, which it needs.")
    return reload


reload_option = click.option(
    "--reload",
    is_flag=True,
    hidden=True,
    callback=_require_watchfiles,
    help="For developing: restart web processes when a source file changes, show changed templates at once.",
)


@click.command()
@data_option
@click.option("--host", metavar="H", help="Network address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), metavar="N", help="Port to listen on.")
@reload_option
def run(host: str | None, port: int | None, reload: bool) -> None:
    """Run everything: site, API, tasks and clock.

    The database is brought up to date first. Ctrl-C stops all of it. Running it again finds everything as it was.
    """
    from twite import supervisor

    if host is not None:
        os.environ["TWITE_HOST"] = host
    if port is not None:
        os.environ["TWITE_PORT"] = str(port)
    sys.exit(supervisor.run(load(), reload=reload))


@click.command()
@data_option
@prepared_option
@reload_option
def web(prepared: bool, reload: bool) -> None:
    """Run the website and the API only."""
    settings = _ready(prepared)
    addresses.require_free(settings)
    from twite_web.server import serve

    serve(settings, reload=reload)


@click.command()
@data_option
@prepared_option
@click.option(
    "--only",
    type=click.Choice(list(QUEUES)),
    multiple=True,
    help="Do this kind of work only; may be given several times. Without it, all kinds are done.",
)
def worker(prepared: bool, only: tuple[str, ...]) -> None:
    """Run a worker only: mail, large timelines, videos, statistics. There may be several.

    Each kind of work has threads of its own, so that none keeps another waiting.
    """
    settings = _ready(prepared)
    from twite_tasks import worker as worker_module

    worker_module.run(settings, only=only)


@click.command()
@data_option
@prepared_option
def clock(prepared: bool) -> None:
    """Run the clock only, which asks workers for periodic jobs. One is enough."""
    settings = _ready(prepared)
    from twite_tasks import clock as clock_module

    clock_module.run(settings)


@click.command()
@data_option
def migrate() -> None:
    """Bring the database's tables up to this version of Twite.

    An empty database gets all of them.
    """
    from twite_common import migrations

    migrations.upgrade(load().database_url)
    click.echo("The database is up to date.")


def _ready(prepared: bool) -> Settings:
    """Return the settings of a part that may start, because its database is up to date."""
    settings = load()
    make_folder(settings.data)
    if not prepared:
        preparation.require_current()
    return settings
