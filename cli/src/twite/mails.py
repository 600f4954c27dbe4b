"""Commands about mail."""

import click

from twite.options import data_option, load


@click.group()
def mail() -> None:
    """Test the mail server."""


@mail.command()
@data_option
@click.argument("address")
def test(address: str) -> None:
    """Send a test mail to ADDRESS and say what the mail server answered."""
    from twite_common.services.names import checked_email
    from twite_tasks import mail as mail_module

    click.echo(mail_module.test(load(), checked_email(address)))
