"""Commands about the list of providers of disposable mail addresses."""

from typing import TextIO

import click

from twite.options import data_option, database
from twite_common import clock

AT_ONCE = 10_000


@click.group()
def disposable() -> None:
    """Manage the list of disposable e-mail domains."""


@disposable.command("import")
@data_option
@click.argument("file", type=click.File(encoding="utf-8-sig"))
def import_(file: TextIO) -> None:
    """Add the domains in a file to the list.

    FILE has one on each line; - stands for standard input. Domains that are on the list already stay, and so do those
    that the file doesn't have.
    """
    from twite_common.services.moderation import disposable_domains

    with database() as site_database:
        added = disposable_domains.add_lines(site_database, now=clock.now(), viewer=None, lines=file.read())
    click.echo(f"Added {added} domains.")


@disposable.command("list")
@data_option
def list_() -> None:
    """List the domains, one per line."""
    from twite_common.queries.moderation import disposable_domains

    first, more = "", True
    with database() as site_database:
        while more:
            with site_database.reading() as db:
                domains = disposable_domains.listed(db, first=first, limit=AT_ONCE)
            for domain in domains:
                click.echo(domain)
            more = len(domains) == AT_ONCE
            # What comes right after it.
            first = f"{domains[-1]}\x01" if domains else ""


@disposable.command()
@data_option
@click.argument("domain")
def remove(domain: str) -> None:
    """Take DOMAIN off the list."""
    from twite_common.services.moderation import disposable_domains

    with database() as site_database, site_database.writing() as db:
        disposable_domains.remove(db, now=clock.now(), viewer=None, domain=domain)
    click.echo(f"Removed {domain}.")


@disposable.command()
@data_option
def clear() -> None:
    """Empty the list."""
    from twite_common.services.moderation import disposable_domains

    with database() as site_database, site_database.writing() as db:
        removed = disposable_domains.remove_all(db, now=clock.now(), viewer=None)
    click.echo(f"Removed {removed} domains.")
