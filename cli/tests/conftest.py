"""The command under test, on the database that the run is for."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from support.site_under_test import Site
from twite.main import main

PASSWORD = "correct horse battery"

Command = Callable[..., Result]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, data: Path, database_url: str) -> pytest.MonkeyPatch:
    monkeypatch.setenv("TWITE_DATA", str(data))
    monkeypatch.setenv("TWITE_DATABASE", database_url)
    monkeypatch.setenv("TWITE_PASSWORD_TIME_COST", "1")
    monkeypatch.setenv("TWITE_PASSWORD_MEMORY_KIB", "8")
    return monkeypatch


@pytest.fixture
def twite(environment: pytest.MonkeyPatch) -> Command:
    """Run a command as typed, and return what it printed and its exit code."""

    def run(typed: str, *arguments: str, input: str | bytes = "") -> Result:
        return CliRunner().invoke(main, [*typed.split(), *arguments], input=input, catch_exceptions=False)

    return run


@pytest.fixture
def ann(twite: Command) -> str:
    made = twite("account create ann --email ann@mail.example --password-stdin --confirmed", input=f"{PASSWORD}\n")
    assert made.exit_code == 0
    return "ann"


@pytest.fixture
def site(tmp_path: Path, database_url: str, integration: None) -> Iterator[Site]:
    """A site whose parts are started by the test and stopped after it."""
    site = Site(tmp_path, database_url)
    yield site
    site.stop()
