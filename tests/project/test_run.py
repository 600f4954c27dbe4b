"""What `make test` prepares for the tests that its arguments select."""

import subprocess
import tempfile
from pathlib import Path

import pytest

import run
from support import services

PROJECT = """
import pytest

@pytest.mark.needs("redis")
def test_with_a_broker(): ...

@pytest.fixture
def database_url(renew): ...

def test_with_a_database(database_url): ...

def test_with_nothing(): ...

@pytest.mark.faults
def test_of_a_fault(): ...

@pytest.mark.usefixtures("integration")
def test_of_a_process(): ...
"""


@pytest.fixture(scope="module")
def file():
    """A file of tests inside the project, whose conftest.py it needs."""
    run.BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=run.BUILD) as folder:
        file = Path(folder) / "test_selected.py"
        file.write_text(PROJECT)
        yield str(file)


def test_all_services_are_prepared_for_all_tests():
    assert run.needed_services([]) == set(services.BY_NAME)


@pytest.mark.parametrize(
    ("selected", "needed"),
    [("nothing", set()), ("broker or database or nothing", {"postgresql", "redis"})],
)
def test_services_are_those_that_the_selected_tests_need(file, selected, needed):
    assert run.needed_services([file, "-k", selected]) == needed


def test_where_no_test_is_selected_none_is_run(file, capsys):
    assert run.main([file, "-k", "nowhere"]) == 1
    assert "deselected" in capsys.readouterr().out


def test_unit_tests_need_no_service_no_process_and_are_no_faults(file):
    command = (run.PYTEST, "-p", "no:cacheprovider", "-q", "--collect-only", "--fast", file)
    listed = subprocess.run(command, cwd=run.ROOT, capture_output=True, text=True).stdout

    assert [line.partition("::")[2] for line in listed.splitlines() if "::" in line] == [
        "test_with_a_database",
        "test_with_nothing",
    ]


def test_what_is_not_wanted_is_not_prepared(tmp_path, monkeypatch):
    monkeypatch.setattr(services, "make_ready", lambda service, _log: pytest.fail(f"{service.name} was prepared"))

    assert services.prepare((), tmp_path / "services.log") == {}
