import subprocess
import sys

import click
import pytest

from twite.main import main

SPELLINGS = {
    "run": "--host --port",
    "web": "",
    "worker": "--only",
    "clock": "",
    "migrate": "",
    "check": "",
    "demo": "",
    "settings": "",
    "account create": "name --email --password-stdin --role --confirmed",
    "account list": "",
    "account show": "name",
    "account confirm": "name",
    "account approve": "name",
    "account set-role": "name role",
    "account set-password": "name --password-stdin --keep-apps",
    "account remove-second-factor": "name",
    "account suspend": "name",
    "account unsuspend": "name",
    "account delete": "name",
    "account release-name": "name",
    "token list": "name",
    "token revoke": "token_id",
    "token create": "name --scopes",
    "statistics compute": "--from --to",
    "disposable clear": "",
    "disposable import": "file",
    "disposable list": "",
    "disposable remove": "domain",
    "events list": "",
    "events retry": "event_id",
    "events drop": "event_id",
    "mail test": "address",
    "mail failures": "",
    "mail bounce": "",
    "mail clear-failures": "names --all",
    "backup": "file",
    "restore": "file --key",
    "counts check": "",
    "counts repair": "",
    "media check": "",
    "media move": "",
    "media repair": "",
}
"""What other programs may call; a spelling here never changes."""


def commands(group=main, name=""):
    for part, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{name} {part}".strip())
        else:
            yield f"{name} {part}".strip(), command


def parameters(command):
    shown = [each for each in command.params if not getattr(each, "hidden", False)]
    return {each.opts[0] for each in shown}


def test_every_command_is_spelled_as_agreed():
    found = {name: parameters(command) for name, command in commands()}

    assert found == {name: {"--data", *options.split()} for name, options in SPELLINGS.items()}


@pytest.mark.parametrize("name", SPELLINGS)
def test_help_explains_each_command_and_option(twite, name):
    shown = twite(f"{name} --help")
    command = dict(commands())[name]

    assert shown.exit_code == 0
    assert command.help
    assert all(option.help for option in command.params if isinstance(option, click.Option))


def test_the_data_folder_may_be_named_before_or_after_the_command(twite, tmp_path):
    (tmp_path / "twite.toml").write_text("colour = 1")
    before = twite("--data", str(tmp_path), "account", "list")
    after = twite("account list --data", str(tmp_path))

    assert ["colour" in result.output for result in (before, after)] == [True, True]


def test_settings_that_cannot_be_used_are_named_one_a_line(twite, environment):
    environment.setenv("TWITE_PORT", "many")
    environment.setenv("TWITE_COLOUR", "red")
    refused = twite("account list")

    assert refused.exit_code == 1
    assert [line.strip().split(":")[0] for line in refused.output.splitlines()] == [
        "Error",
        "TWITE_COLOUR",
        "port",
    ]


@pytest.mark.parametrize(
    "typed",
    [
        "account show nobody",
        "account confirm nobody",
        "account approve nobody",
        "account set-role nobody admin",
        "account suspend nobody",
        "account unsuspend nobody",
        "account delete nobody",
        "account set-password nobody --password-stdin",
        "account remove-second-factor nobody",
        "token list nobody",
        "token create nobody",
        "token revoke 12345",
        "events retry 12345",
        "events drop 12345",
        "mail test nowhere",
        "restore nowhere.backup",
        "backup nowhere/site.backup",
    ],
)
def test_a_failure_is_one_sentence_and_exit_code_1(twite, typed):
    refused = twite(typed, input="correct horse battery\n")

    assert refused.exit_code == 1
    assert refused.stdout == ""
    assert refused.stderr.startswith("Error: ")
    assert len(refused.stderr.splitlines()) == 1


def test_a_database_that_was_never_made_is_not_made_by_looking(twite, environment, tmp_path):
    environment.setenv("TWITE_DATABASE", f"sqlite:///{tmp_path}/nothing.sqlite")
    refused = twite("account list")

    assert (refused.exit_code, "twite migrate" in refused.output) == (1, True)
    assert not (tmp_path / "nothing.sqlite").exists()


def test_migrate_makes_the_tables_and_may_be_repeated(twite, environment, tmp_path):
    environment.setenv("TWITE_DATABASE", f"sqlite:///{tmp_path}/new/twite.sqlite")
    results = [twite("migrate").exit_code, twite("migrate").exit_code, twite("account list").exit_code]

    assert results == [0, 0, 0]
    assert (tmp_path / "new" / "twite.sqlite").stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("integration")
def test_help_starts_without_what_only_the_parts_need():
    heavy = {"litestar", "granian", "celery", "kombu", "sqlalchemy", "alembic", "PIL", "twite_web", "twite_tasks"}
    script = f"import sys, twite.main; print(sorted({heavy} & sys.modules.keys()))"

    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout.strip() == "[]"


@pytest.mark.parametrize(
    "group", ["", "account", "token", "statistics", "events", "mail", "counts", "disposable", "media"]
)
def test_no_help_of_a_list_of_commands_is_cut_off(twite, group):
    listed = twite(f"{group} --help").output.partition("Commands:")[2].splitlines()

    assert [line for line in listed if line.endswith("...")] == []
