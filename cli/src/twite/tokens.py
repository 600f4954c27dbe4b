"""Commands that manage tokens."""

import click

from twite.options import ID, account_id, data_option, database
from twite_common import clock
from twite_common.errors import Invalid


@click.group()
def token() -> None:
    """Create, list and revoke tokens for scripts."""


@token.command("list")
@data_option
@click.argument("name")
def list_(name: str) -> None:
    """List an account's tokens: id, name, scopes and expiry.

    The tokens themselves can't be shown.
    """
    from twite_common.queries.identity import tokens

    with database() as site_database, site_database.reading() as db:
        rows = tokens.of_account(db, account_id(db, name), now=clock.now())
    for row in rows:
        end = f"{clock.as_datetime(row.expires_at):%Y-%m-%d %H:%M} UTC" if row.expires_at else "never expires"
        click.echo("\t".join([str(row.id), row.name, row.scopes, end]))


@token.command()
@data_option
@click.argument("token_id", metavar="ID", type=ID)
def revoke(token_id: int) -> None:
    """Revoke a token."""
    from twite_common.services.identity import tokens

    with database() as site_database, site_database.writing() as db:
        tokens.revoke(db, now=clock.now(), token_id=token_id)
    click.echo(f"Revoked token {token_id}.")


@token.command()
@data_option
@click.argument("name")
@click.option("--scopes", default="read", show_default=True, help="What the token may do, separated by spaces.")
def create(name: str, scopes: str) -> None:
    """Create a token that acts for the account NAME.

    Prints only the token. It can't be shown again.
    """
    from twite_common.services.identity import tokens
    from twite_web.oauth import scopes as api_scopes

    scope_names = scopes.split()
    if not scope_names:
        raise Invalid("A token needs a scope. Common ones are read, write, follow and push.")
    if wrong := api_scopes.unknown(scopes):
        raise Invalid(f"There is no scope {wrong[0]}. Common ones are read, write, follow and push.")
    with database() as site_database, site_database.writing() as db:
        access_token = tokens.create_personal(
            db,
            now=clock.now(),
            account_id=account_id(db, name),
            name="twite token create",
            scopes=" ".join(scope_names),
        )
    click.echo(access_token)
