"""Commands about statistics."""

from datetime import datetime

import click

from twite.options import data_option, database
from twite_common import clock
from twite_common.errors import Invalid


@click.group()
def statistics() -> None:
    """Compute daily statistics."""


DAY = click.DateTime(["%Y-%m-%d"])


@statistics.command()
@data_option
@click.option("--from", "first", type=DAY, required=True, help="First day, such as 2026-11-01 (UTC).")
@click.option("--to", "last", type=DAY, required=True, help="Last day, inclusive.")
def compute(first: datetime, last: datetime) -> None:
    """Recompute the statistics of past days."""
    from twite_common.services.operations import statistics as services

    days = clock.days(first.date(), last.date())
    if not days:
        raise Invalid("The first day must not be after the last day.")
    if days[-1] > clock.as_date(clock.now()):
        raise Invalid("The last day must not be in the future.")
    with database() as site_database, click.progressbar(days, label="Computing", show_pos=True) as bar:
        for day in bar:
            with site_database.reading() as db:
                pieces = services.look_at(db, day, now=clock.now())
            for keep in pieces:
                with site_database.writing() as db:
                    keep(db)
    click.echo(f"Computed {len(days)} days." if len(days) > 1 else "Computed one day.")
