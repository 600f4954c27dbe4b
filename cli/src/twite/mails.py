"""Commands about mail."""

import click

from twite.options import account_id, data_option, database, load
from twite_common import clock, domains
from twite_common.errors import Invalid

MAX_COUNT = 1000
"""Accounts that are listed at most."""


@click.group()
def mail() -> None:
    """Test the mail server, and look after addresses that it refuses."""


@mail.command()
@data_option
@click.argument("address")
def test(address: str) -> None:
    """Send a test mail to ADDRESS and say what the server answers."""
    from twite_common.services.validators import checked_email
    from twite_tasks.notifications import mail_server as mail_module

    settings = load()
    click.echo(mail_module.test(settings, checked_email(address, smtp_utf8=settings.smtp_utf8)))


@mail.command()
@data_option
def failures() -> None:
    """List the accounts whose address takes no mail.

    Their name, address, since when, and what the mail server said. They get no mail about what others do. An address
    comes here when it was refused three times over two days.
    """
    from twite_common.queries.accounts import credentials

    with database() as site_database, site_database.reading() as db:
        accounts = credentials.mail_failures(db, limit=MAX_COUNT)
    for account in accounts:
        since = f"{clock.as_datetime(account.mail_failed_at or 0):%Y-%m-%d %H:%M} UTC"
        click.echo("\t".join([account.username, domains.readable(account.email), since, account.mail_failure]))


@mail.command("clear-failures")
@data_option
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--all", "everybody", is_flag=True, help="Every account, as after a fault of the mail server's.")
def clear_failures(names: tuple[str, ...], everybody: bool) -> None:
    """Send mail again to accounts whose address was refused.

    To those named NAME, or to all.
    """
    from twite_common.services.moderation import account_actions
    from twite_common.services.operations import commands

    if bool(names) == everybody:
        raise Invalid("Please name the accounts, or say --all.")
    with database() as site_database, site_database.writing() as db:
        if everybody:
            cleared = account_actions.clear_mail_failures(db, now=clock.now(), viewer=None)
        else:
            account_ids = {account_id(db, name) for name in names}
            for id in sorted(account_ids):
                commands.clear_mail_failure(db, now=clock.now(), account_id=id)
            cleared = len(account_ids)
    click.echo(f"Mail is sent again to the addresses of {cleared} account{'s' if cleared != 1 else ''}.")
