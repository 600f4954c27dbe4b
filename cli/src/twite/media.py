"""Commands about the files that people have uploaded."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from twite.options import data_option, database, load
from twite_common import clock

if TYPE_CHECKING:
    from twite_common.database import Database
    from twite_common.services.operations.media_sweep import Found


@click.group()
def media() -> None:
    """Find files that nothing uses, and missing ones."""


@media.command()
@data_option
def check() -> None:
    """Say which files nothing uses, and which are missing.

    Exits with 1 if there are any. Files younger than an hour are left out: they may be about to be used.
    """
    strays, lost = 0, 0
    with database() as site_database:
        for step in _steps(site_database):
            for file in step.strays:
                click.echo(f"{file} is used by nothing")
            for row in step.lost:
                click.echo(f"{row.kind} {row.id} names {', '.join(row.files)}, not there")
            strays, lost = strays + len(step.strays), lost + len(step.lost)
    if not (strays or lost):
        click.echo("Every file is used, and every file that is used is there.")
        return
    click.echo(f"{strays} without rows, {lost} rows without files. `twite media repair` removes both.")
    sys.exit(1)


@media.command()
@data_option
def repair() -> None:
    """Remove unused files, and forget missing ones.

    What a row shows without its file is taken out of it; an emoji without its pictures goes.

    If files are missing because a folder isn't mounted or a backup was not restored, put that right first.
    """
    from twite_common.services.operations import media_sweep

    strays, lost = 0, 0
    with database() as site_database:
        for step in _steps(site_database):
            if step.strays or step.lost:
                with site_database.writing() as db:
                    media_sweep.remove_strays(db, load(), step.strays)
                    for row in step.lost:
                        media_sweep.mend(db, row, now=clock.now())
            strays, lost = strays + len(step.strays), lost + len(step.lost)
    click.echo(f"Files removed: {strays}. Rows put right: {lost}.")


def _steps(site_database: "Database") -> Iterator["Found"]:
    """Give what each step of a sweep finds."""
    from twite_common.services.operations import media_sweep

    settings = load()
    place: media_sweep.Place | None = media_sweep.Place()
    while place is not None:
        with site_database.reading() as db:
            step = media_sweep.look(db, settings, place, now=clock.now())
        yield step
        place = step.next
