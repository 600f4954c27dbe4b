"""What `make test` prepares for the tests that its arguments select."""

import re
import subprocess
import tempfile
from pathlib import Path

import pytest

import run
from support import results, services

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
ASKING_UNSEEN = """
import pytest

@pytest.fixture
def database_url(renew): ...

def test_that_asks_unseen(request):
    request.getfixturevalue("database_url")
"""
MIXED = """
def test_that_shares(shared_database_url): ...

def test_on_its_own(database_url): ...
"""
PARTS = ("tests", *(f"{part}/tests" for part in ("common", "broker", "web", "tasks", "cli")))
OPTION = r"""getoption\(["'](?:--)?database"""


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
    listed = pytest_prints("--collect-only", "--fast", file)

    assert [line.partition("::")[2] for line in listed.splitlines() if "::" in line] == [
        "test_with_a_database",
        "test_with_nothing",
    ]


def test_what_keeps_no_data_is_left_out_of_the_second_run_and_recorded_in_the_first(file, tmp_path):
    listed = pytest_prints("--collect-only", "--keeping-data", file)
    record = tmp_path / "record.xml"
    pytest_prints(f"--junitxml={record}", "-k", "database or nothing", file)
    result = results.read(record, title="SQLite", status=0, seconds=1.0)

    assert [line.partition("::")[2] for line in listed.splitlines() if "::" in line] == ["test_with_a_database"]
    assert {name.partition("::")[2] for name in result.passed} == {"test_with_a_database", "test_with_nothing"}
    assert {name.partition("::")[2] for name in result.once} == {"test_with_nothing"}


def test_a_test_that_asks_for_the_database_unseen_fails(tmp_path):
    with tempfile.TemporaryDirectory(dir=run.BUILD) as folder:
        file = Path(folder) / "test_unseen.py"
        file.write_text(ASKING_UNSEEN)
        printed = pytest_prints(str(file))

    assert "neither its arguments nor its fixtures' say so" in printed
    assert "1 passed, 1 error" in printed


def test_a_file_in_which_a_shared_database_would_be_emptied_is_refused():
    with tempfile.TemporaryDirectory(dir=run.BUILD) as folder:
        file = Path(folder) / "test_mixed.py"
        file.write_text(MIXED)
        command = (run.PYTEST, "-p", "no:cacheprovider", "-q", str(file))
        refused = subprocess.run(command, cwd=run.ROOT, capture_output=True, text=True)

    assert refused.returncode == pytest.ExitCode.USAGE_ERROR
    assert "some tests share a database" in refused.stderr


def test_one_fixture_alone_says_which_database_a_run_is_for():
    sources = [run.ROOT / "conftest.py", *(file for part in PARTS for file in (run.ROOT / part).rglob("*.py"))]
    asking = {file.name: found for file in sources if (found := re.findall(OPTION, file.read_text()))}

    assert {name: len(found) for name, found in asking.items()} == {"conftest.py": 1}


def pytest_prints(*arguments):
    command = (run.PYTEST, "-p", "no:cacheprovider", "-q", *arguments)
    return subprocess.run(command, cwd=run.ROOT, capture_output=True, text=True).stdout


def test_what_is_not_wanted_is_not_prepared(tmp_path, monkeypatch):
    monkeypatch.setattr(services, "make_ready", lambda service, _log: pytest.fail(f"{service.name} was prepared"))

    assert services.prepare((), tmp_path / "services.log") == {}
