"""What happens before a site's parts start: upgrading the database, printing the first account's link.

It is done in a process of its own that ends: what it takes (SQLAlchemy, Alembic) would otherwise stay in the memory of
each part for good.
"""

import os
import subprocess
import sys
from functools import partial

import click

from twite_common import settings as settings_module
from twite_common.errors import TwiteError
from twite_common.processes import end_with_parent
from twite_common.settings import Settings


def require_current() -> None:
    """See that the database is up to date; otherwise say so and exit."""
    _run("require_current")


def prepare() -> None:
    """Bring the database up to date and print the first account's link; where that fails say so and exit."""
    _run("prepare")


def _run(step: str) -> None:
    command = [sys.executable, "-m", "twite.preparation", step]
    # preexec_fn is safe here: this process has no threads. A signal that ends it ends the step, too.
    done = subprocess.run(command, check=False, preexec_fn=partial(end_with_parent, os.getpid()))  # noqa: S603 - our own command
    if done.returncode:
        sys.exit(done.returncode)


def main(step: str) -> int:
    """Take one step for the site whose settings the environment names; return the exit code."""
    try:
        settings = settings_module.load()
        if step == "prepare":
            _prepare(settings)
        else:
            _require_current(settings)
    except TwiteError as error:
        click.echo(f"Error: {error}", err=True)
        return 1
    return 0


def _require_current(settings: Settings) -> None:
    from twite_common import migrations

    migrations.require_current(settings.database_url)


def _prepare(settings: Settings) -> None:
    from twite_common import migrations

    migrations.upgrade(settings.database_url)
    address = first_account_link(settings)
    if address is not None:
        click.echo(
            f"There is no account yet. Open this link to create the first one, the administrator's:\n\n  {address}\n"
        )


def first_account_link(settings: Settings) -> str | None:
    """Return the one-time link that makes the first account; None when there is one."""
    from twite_common import clock, database, secret
    from twite_common.queries.accounts import credentials
    from twite_common.services import one_time_links

    site_database = database.connect(settings)
    try:
        with site_database.writing() as db:
            if credentials.any_account(db):
                return None
            link_id = one_time_links.add(db, "first_account", now=clock.now())
            token = one_time_links.token(secret.signer(settings), link_id, "first_account")
            return f"{settings.base_url}/first/{token}"
    finally:
        site_database.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
