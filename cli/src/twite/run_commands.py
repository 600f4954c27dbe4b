"""Commands that run the parts of a site, together or one at a time."""

import os
import sys
from importlib.util import find_spec

import click

from twite import port_check, preparation
from twite.options import data_option, load, make_folder
from twite_broker.queues import QUEUES
from twite_common.settings import Settings

prepared_option = click.option(
    "--prepared", is_flag=True, hidden=True, help="The database has just been brought up to date."
)


def _require_watchfiles(_context: click.Context, _parameter: click.Parameter, reload: bool) -> bool:
    if reload and find_spec("watchfiles") is None:
        raise click.UsageError("--reload is for development: it needs watchfiles, which `make` installs.")
    return reload


reload_option = click.option(
    "--reload",
    is_flag=True,
    hidden=True,
    callback=_require_watchfiles,
    help="For development: restart web processes when a source file changes and reload templates.",
)


@click.command()
@data_option
@click.option("--host", metavar="H", help="Network address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), metavar="N", help="Port to listen on.")
@reload_option
def run(host: str | None, port: int | None, reload: bool) -> None:
    """Run everything: website, API, tasks and clock.

    Upgrades the database first. Ctrl-C stops everything; running it again picks up where it left off.
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
    """Run only the website and the API."""
    settings = _ready(prepared)
    port_check.require_free(settings)
    from twite_web.server import serve

    serve(settings, reload=reload)


@click.command()
@data_option
@prepared_option
@click.option(
    "--only",
    type=click.Choice(list(QUEUES)),
    multiple=True,
    help="Only do this kind of work; can be repeated. Default: all kinds.",
)
def worker(prepared: bool, only: tuple[str, ...]) -> None:
    """Run only a worker: mail, large timelines, videos, statistics. There can be several.

    Each kind of work has its own threads, so none delays another.
    """
    settings = _ready(prepared)
    from twite_tasks import worker as worker_module

    worker_module.run(settings, only=only)


@click.command()
@data_option
@prepared_option
def clock(prepared: bool) -> None:
    """Run only the clock, which schedules periodic jobs. One is enough."""
    settings = _ready(prepared)
    from twite_tasks import clock as clock_module

    clock_module.run(settings)


@click.command()
@data_option
def migrate() -> None:
    """Upgrade the database to this version of Twite.

    Creates all tables in an empty database.
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
