"""Commands about uploaded files."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from twite.options import data_option, database, load
from twite_common import clock
from twite_common.errors import Unavailable

if TYPE_CHECKING:
    from twite_common.database import Database
    from twite_common.services.operations.media_sweep import Found


@click.group()
def media() -> None:
    """Move files; find unused and missing ones."""


@media.command()
@data_option
def check() -> None:
    """List unused and missing files.

    Exits with 1 if there are any. Ignores files younger than an hour: they may be about to be used.
    """
    strays, lost = 0, 0
    with database() as site_database:
        for step in _steps(site_database):
            for file in step.strays:
                click.echo(f"{file} is unused")
            for row in step.lost:
                click.echo(f"{row.kind} {row.id} names {', '.join(row.files)}, missing")
            strays, lost = strays + len(step.strays), lost + len(step.lost)
    if not (strays or lost):
        click.echo("No unused or missing files.")
        return
    click.echo(f"{strays} unused, {lost} rows with missing files. `twite media repair` cleans up both.")
    sys.exit(1)


@media.command()
@data_option
def repair() -> None:
    """Remove unused files and references to missing ones.

    Rows lose the attachments or pictures whose files are missing; an emoji without its picture is removed.

    If files are missing because a folder isn't mounted or a backup wasn't restored, fix that first.
    """
    from twite_common.services.operations import media_sweep

    strays, lost, settings = 0, 0, load()
    with database() as site_database:
        for step in _steps(site_database):
            media_sweep.remove_strays(site_database, settings, step.strays)
            if step.lost:
                with site_database.writing() as db:
                    for row in step.lost:
                        media_sweep.mend(db, row, now=clock.now())
            strays, lost = strays + len(step.strays), lost + len(step.lost)
    click.echo(f"Files removed: {strays}. Rows repaired: {lost}.")


@media.command()
@data_option
def move() -> None:
    """Move all files to where new ones are written, while the site runs.

    Before, set media_storage to a bucket, or media_fallback to it and media_storage to nothing, and restart Twite. Each
    file can be read at any time. If this was interrupted, run it again: it goes on where it stopped.
    """
    from twite_common.media import storage
    from twite_common.media.storage import Unreachable, moving

    settings = load()
    home = storage.media(settings).home
    number, size = 0, 0
    try:
        # What was stored or put back meanwhile is seen by another look.
        while (waiting := moving.waiting(settings))[0]:
            click.echo(f"Moving {waiting[0]} files, {waiting[1] / 1e6:.1f} MB, to {home}.")
            with click.progressbar(moving.move(settings), length=waiting[0], show_pos=True) as moved:
                for bytes_moved in moved:
                    number, size = number + 1, size + bytes_moved
    except Unreachable as error:
        raise Unavailable(f"A storage can't be used: {error.reason}. Moved so far: {number} files.") from None
    click.echo(f"Files moved: {number}, {size / 1e6:.1f} MB. All are in {home}.")


def _steps(site_database: "Database") -> Iterator["Found"]:
    """Give what each step of a sweep finds."""
    from twite_common.services.operations import media_sweep

    settings = load()
    place: media_sweep.Place | None = media_sweep.Place()
    while place is not None:
        step = media_sweep.look(site_database, settings, place, now=clock.now())
        yield step
        place = step.next
