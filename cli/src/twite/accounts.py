"""Commands that manage accounts."""

import getpass
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from twite.options import account_id, data_option, database, load
from twite_common import clock, domains
from twite_common.errors import Invalid, NotFound

if TYPE_CHECKING:
    from twite_common.queries.accounts.credentials import Credentials


@click.group()
def account() -> None:
    """Create and manage accounts."""


password_option = click.option(
    "--password-stdin", is_flag=True, required=True, expose_value=False, help="Read the password from standard input."
)


@account.command()
@data_option
@click.argument("name")
@click.option("--email", required=True, metavar="E", help="The account's e-mail address.")
@password_option
@click.option("--role", type=click.Choice(["admin", "moderator"]), help="The account's role.")
@click.option("--confirmed", is_flag=True, help="Mark the e-mail address as confirmed without sending mail.")
def create(name: str, email: str, role: str | None, confirmed: bool) -> None:
    """Create an account named NAME."""
    from twite_common.services.identity.registrations import SignUp
    from twite_common.services.operations import commands

    settings = load()
    password_hash = _password_hash((name, email, settings.site_name))
    sign_up = SignUp(username=name, email=email, password_hash=password_hash, indexable=settings.search_by_default)
    with database() as site_database, site_database.writing() as db:
        commands.create(
            db,
            now=clock.now(),
            sign_up=sign_up,
            role=role or "",
            confirmed=confirmed,
            smtp_utf8=settings.smtp_utf8,
        )
    click.echo(f"Created @{name}.")


@account.command("list")
@data_option
def list_() -> None:
    """List all accounts with address, role and state."""
    from twite_common.queries.accounts import credentials

    with database() as site_database:
        last = ""
        while True:
            with site_database.reading() as db:
                page = credentials.after(db, last, limit=500)
            for row in page:
                click.echo("\t".join([row.username, domains.readable(row.email), row.role or "-", _state(row)]))
            if not page:
                return
            last = page[-1].username.lower()


@account.command()
@data_option
@click.argument("name")
def show(name: str) -> None:
    """Show an account's details."""
    from twite_common import ids
    from twite_common.queries.accounts import accounts, credentials

    with database() as site_database, site_database.reading() as db:
        id = account_id(db, name)
        private = credentials.get(db, id)
        public = accounts.load(db, [id])[id]
    if private is None:
        raise NotFound(f"There is no account {name}.")
    lines = {
        "Name": f"@{public.username}",
        "Id": public.id,
        "E-mail": domains.readable(private.email),
        "State": _state(private),
        "Role": private.role or "none",
        "Since": f"{clock.as_datetime(ids.created_at(public.id)):%Y-%m-%d %H:%M} UTC",
        "Posts": public.posts_count,
        "Followers": public.followers_count,
        "Follows": public.following_count,
        "Mail": _mail(private),
        "2nd factor": _since(private.second_factor_at),
    }
    for label, value in lines.items():
        click.echo(f"{label + ':':<12}{value}")


@account.command()
@data_option
@click.argument("name")
def confirm(name: str) -> None:
    """Mark an account's e-mail address as confirmed."""
    from twite_common.services.operations import commands

    with database() as site_database, site_database.writing() as db:
        commands.confirm(db, now=clock.now(), account_id=account_id(db, name))
    click.echo(f"Confirmed @{name}.")


@account.command()
@data_option
@click.argument("name")
def approve(name: str) -> None:
    """Approve a pending account."""
    from twite_common.services.operations import commands

    with database() as site_database, site_database.writing() as db:
        commands.approve(db, now=clock.now(), account_id=account_id(db, name))
    click.echo(f"Approved @{name}.")


@account.command("set-role")
@data_option
@click.argument("name")
@click.argument("role", type=click.Choice(["admin", "moderator", "none"]))
def set_role(name: str, role: str) -> None:
    """Give an account a role: admin, moderator or none."""
    from twite_common.services.operations import commands

    with database() as site_database, site_database.writing() as db:
        commands.set_role(db, now=clock.now(), account_id=account_id(db, name), role="" if role == "none" else role)
    click.echo(f"@{name} now has the role {role}.")


@account.command("set-password")
@data_option
@click.argument("name")
@password_option
@click.option("--keep-apps", is_flag=True, help="Leave apps and scripts logged in.")
def set_password(name: str, keep_apps: bool) -> None:
    """Set a password; logs out all sessions and apps."""
    from twite_common.services.identity import passwords
    from twite_common.services.operations import commands

    with database() as site_database:
        with site_database.reading() as db:
            id = account_id(db, name)
            about = passwords.known_to_others(db, load(), id)
        password_hash = _password_hash(about)
        with site_database.writing() as db:
            commands.set_password(
                db, now=clock.now(), account_id=id, password_hash=password_hash, end_tokens=not keep_apps
            )
    click.echo(f"Set the password of @{name}.")


@account.command("remove-second-factor")
@data_option
@click.argument("name")
def remove_second_factor(name: str) -> None:
    """Remove a second factor that its owner has lost.

    They log in with the password alone then, and are told by e-mail.
    """
    from twite_common.services.operations import commands

    with database() as site_database, site_database.writing() as db:
        commands.remove_second_factor(db, now=clock.now(), account_id=account_id(db, name))
    click.echo(f"@{name} logs in with the password alone.")


@account.command()
@data_option
@click.argument("name")
def suspend(name: str) -> None:
    """Hide an account and its posts from everyone.

    Nothing is deleted.
    """
    from twite_common.services.operations import commands

    with database() as site_database, site_database.writing() as db:
        commands.suspend(db, now=clock.now(), account_id=account_id(db, name))
    click.echo(f"Suspended @{name}.")


@account.command()
@data_option
@click.argument("name")
def unsuspend(name: str) -> None:
    """Undo an account's suspension."""
    from twite_common.services.operations import commands

    with database() as site_database, site_database.writing() as db:
        commands.unsuspend(db, now=clock.now(), account_id=account_id(db, name))
    click.echo(f"@{name} is no longer suspended.")


@account.command()
@data_option
@click.argument("name")
def delete(name: str) -> None:
    """Permanently delete an account and everything it wrote."""
    from twite_common.services.operations import commands

    with database() as site_database, site_database.writing() as db:
        commands.delete(db, now=clock.now(), account_id=account_id(db, name))
    click.echo(f"Deleted @{name}.")


@account.command("release-name")
@data_option
@click.argument("name")
def release_name(name: str) -> None:
    """Make the name of a deleted account available again."""
    from twite_common.services.operations import commands

    name = name.removeprefix("@")
    with database() as site_database, site_database.writing() as db:
        commands.release_name(db, now=clock.now(), name=name)
    click.echo(f"The name {name} is available again.")


def _mail(row: "Credentials") -> str:
    if row.mail_failed_at is not None:
        return f"no longer sent, because the address was refused: {row.mail_failure}"
    if row.mail_refusals:
        return f"refused {row.mail_refusals} time{'s' if row.mail_refusals != 1 else ''}: {row.mail_failure}"
    return "no known problems"


def _since(at: int | None) -> str:
    return "none" if at is None else f"since {clock.as_datetime(at):%Y-%m-%d}"


def _state(row: "Credentials") -> str:
    if row.suspended_at is not None:
        return "suspended"
    if row.confirmed_at is None:
        return "unconfirmed"
    return "active" if row.approved_at is not None else "waiting"


def _password_hash(about: Iterable[str]) -> str:
    """Return the hash of the password on standard input; the password itself goes no further."""
    from twite_common.passwords import Passwords

    return Passwords(load()).hash(_password(), about=about)


def _password() -> str:
    if sys.stdin.isatty():
        return getpass.getpass()
    try:
        return sys.stdin.buffer.readline().decode().rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise Invalid("The password isn't valid UTF-8.") from error
