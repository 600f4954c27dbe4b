"""The command `twite`: runs the parts, and manages accounts, tokens, statistics, mail and backups."""

from typing import Any

import click

from twite import (
    accounts,
    backups,
    checks,
    counts,
    disposable_domains,
    events,
    mails,
    media,
    run_commands,
    statistics,
    tokens,
)
from twite.demo import command as demo_command
from twite.options import data_option
from twite_common.errors import TwiteError
from twite_common.settings import InvalidSettings


class Commands(click.Group):
    """A group whose failures are one sentence and exit code 1, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what goes wrong in an expected way is said and nothing else."""
        try:
            return super().invoke(ctx)
        except InvalidSettings as error:
            lines = "\n".join(f"  {problem}" for problem in error.problems)
            raise click.ClickException(f"Some settings are invalid:\n{lines}") from error
        except TwiteError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="twite")
@data_option
def main() -> None:
    """Twite, a place for short posts that you run yourself.

    `twite run` serves a whole site; the other commands manage it. Every command takes --data DIR, the folder with
    the site's data (default: TWITE_DATA, or ./data). Settings come from TWITE_… variables and from twite.toml
    in that folder: `twite settings` lists them.
    """


for command in (
    run_commands.run,
    run_commands.web,
    run_commands.worker,
    run_commands.clock,
    run_commands.migrate,
    checks.check,
    checks.settings,
    accounts.account,
    tokens.token,
    statistics.statistics,
    disposable_domains.disposable,
    events.events,
    mails.mail,
    backups.backup,
    backups.restore,
    counts.counts,
    media.media,
    demo_command.demo,
):
    main.add_command(command)
