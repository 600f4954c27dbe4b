"""Commands that check and repair stored counts."""

import sys

import click

from twite.options import data_option, database


@click.group()
def counts() -> None:
    """Check and repair stored counts (posts, followers…)."""


@counts.command()
@data_option
def check() -> None:
    """List wrong counts; exits with 1 if there are any."""
    from twite_common.services.operations import counts as services

    with database() as site_database, site_database.reading() as db:
        wrong = services.check(db)
    for count in wrong:
        click.echo(f"{count.table}.{count.column} of {count.id} is {count.kept} and should be {count.counted}")
    click.echo(f"{len(wrong)} wrong. `twite counts repair` recalculates them." if wrong else "All counts are correct.")
    sys.exit(1 if wrong else 0)


@counts.command()
@data_option
def repair() -> None:
    """Recalculate all counts."""
    from twite_common.services.operations import counts as services

    with database() as site_database, site_database.writing() as db:
        repaired = services.repair(db)
    click.echo("Repaired one count." if repaired == 1 else f"Repaired {repaired} counts.")
