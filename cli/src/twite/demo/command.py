"""The command `twite demo`."""

import secrets

import click

from twite.options import data_option, load, make_folder
from twite_common import clock


@click.command()
@data_option
def demo() -> None:
    """Fill an empty site with made-up people and posts, to try it out.

    Refuses a site that has accounts. Prints the names and the password that they all have; it isn't kept anywhere.
    """
    from twite.demo.fill import fill
    from twite_common import migrations
    from twite_tasks import context

    settings = load()
    make_folder(settings.data)
    migrations.upgrade(settings.database_url)
    password = secrets.token_urlsafe(12)
    made = context.make(settings)
    try:
        names = fill(made, now=clock.now(), password=password)
    finally:
        made.database.close()
    click.echo("The site is filled. Log in as any of these:\n")
    for name in names:
        click.echo(f"  {name}{', an administrator' if name == names[0] else ''}")
    click.echo(f"\nTheir password: {password}")
