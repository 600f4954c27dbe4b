"""Commands about mail."""

import sys

import click

from twite.options import account_id, data_option, database, load
from twite_common import clock, domains
from twite_common.errors import Invalid, Unavailable

TRY_AGAIN = 75
"""What mail servers understand as a failure that passes (EX_TEMPFAIL)."""
MAX_COUNT = 1000
"""Accounts that are listed at most."""


@click.group()
def mail() -> None:
    """Test the mail server, and manage refused addresses."""


@mail.command()
@data_option
@click.argument("address")
def test(address: str) -> None:
    """Send a test e-mail to ADDRESS and show the reply."""
    from twite_common.services.validators import checked_email
    from twite_tasks.notifications import mail_server as mail_module

    settings = load()
    click.echo(mail_module.test(settings, checked_email(address, smtp_utf8=settings.smtp_utf8)))


@mail.command()
@data_option
def bounce() -> None:
    """Note what a message says that came back.

    Mail servers pipe messages to mail_bounces into this. It succeeds whatever the message is, so that none is sent
    back again; it fails with 75, for "try again later", when the site's data can't be reached.
    """
    from twite_common.secret import signer
    from twite_common.services.notifications import mail_bounces
    from twite_tasks.notifications import bounces

    returned = bounces.parse(sys.stdin.buffer.read())
    if returned is None:
        click.echo("This is no report about a mail from here that came back.", err=True)
        return
    settings = load()
    try:
        with database() as site_database, site_database.writing() as db:
            known = mail_bounces.record(db, signer(settings), now=clock.now(), bounce=returned)
    except Unavailable as error:
        click.echo(str(error), err=True)
        raise SystemExit(TRY_AGAIN) from error
    said = f"Noted ({returned.kind}): {returned.answer}" if known else "Its address isn't signed by this site."
    click.echo(said, err=True)


@mail.command()
@data_option
def failures() -> None:
    """List the accounts whose address refuses mail.

    Shows name, address, since when, and the mail server's reply. These accounts get no notifications by e-mail. An
    address is listed after three refusals over two days.
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
@click.option("--all", "everybody", is_flag=True, help="All accounts, for example after the mail server failed.")
def clear_failures(names: tuple[str, ...], everybody: bool) -> None:
    """Resume mail to accounts whose address was refused.

    Takes account names, or --all.
    """
    from twite_common.services.moderation import account_actions
    from twite_common.services.operations import commands

    if bool(names) == everybody:
        raise Invalid("Please name accounts, or use --all.")
    with database() as site_database, site_database.writing() as db:
        if everybody:
            cleared = account_actions.clear_mail_failures(db, now=clock.now(), viewer=None)
        else:
            account_ids = {account_id(db, name) for name in names}
            for id in sorted(account_ids):
                commands.clear_mail_failure(db, now=clock.now(), account_id=id)
            cleared = len(account_ids)
    click.echo(f"Resumed mail to {cleared} account{'s' if cleared != 1 else ''}.")
