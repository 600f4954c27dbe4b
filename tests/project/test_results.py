import pytest

import run
from support import results
from support.results import Result

CASES = {
    "passes": "",
    "fails": "<failure message='assert 1 == 2'/>",
    "breaks": "<error message='at setup'/>",
    "waits": "<skipped message='needs redis'/>",
    "skips": "<skipped message='some day'/>",
}
PROPERTY = "<properties><property name='database' value='none'/></properties>"


@pytest.fixture
def record(tmp_path):
    """A function that writes what pytest would have recorded, and reads it back as a result."""

    def write(*names, title="SQLite", status=0, once=()):
        file = tmp_path / f"{title}.xml"
        marks = {name: PROPERTY if name in once else "" for name in names}
        cases = "".join(
            f"<testcase classname='tests.test_x' name='{name}'>{marks[name]}{CASES[name]}</testcase>" for name in names
        )
        file.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
        return results.read(file, title=title, status=status, seconds=1.0)

    return write


def test_each_test_is_counted_by_what_became_of_it(record):
    result = record(*CASES, status=1)

    assert result.passed == {"tests.test_x::passes"}
    assert result.failed == {"tests.test_x::fails", "tests.test_x::breaks"}
    assert result.needing == {"tests.test_x::waits": "redis"}
    assert result.skipped == {"tests.test_x::skips": "some day"}


def test_a_run_that_passed_has_no_problems(record):
    assert results.problems(record("passes")) == []


@pytest.mark.parametrize("name", ["fails", "breaks", "skips"])
def test_a_test_that_fails_or_is_skipped_is_a_problem(record, name):
    (problem,) = results.problems(record("passes", name, status=1 if name != "skips" else 0))

    assert problem.startswith(f"tests.test_x::{name} ")


def test_a_test_that_misses_a_service_is_no_problem(record):
    assert results.problems(record("passes", "waits")) == []


def test_a_run_that_broke_off_is_a_problem_though_nothing_failed(record):
    assert results.problems(record("passes", status=3)) == ["The run on SQLite ended with status 3."]


def test_a_run_without_a_record_is_a_problem(tmp_path):
    result = results.read(tmp_path / "none.xml", title="SQLite", status=4, seconds=0.0)

    assert len(results.problems(result)) == 2


def test_databases_that_ran_the_same_tests_do_not_differ(record):
    assert results.differences(record("passes", "fails"), record("fails", "passes", title="PostgreSQL")) == []


def test_a_test_that_ran_on_one_database_only_is_named(record):
    first, second = record("passes", "fails"), record("passes", "breaks", title="PostgreSQL")

    assert results.differences(first, second) == [
        "tests.test_x::fails ran on SQLite but not on PostgreSQL.",
        "tests.test_x::breaks ran on PostgreSQL but not on SQLite.",
    ]


def test_a_test_without_a_database_need_not_run_again(record):
    first, second = record("passes", "fails", once=["passes", "fails"]), record("breaks", title="PostgreSQL")

    assert first.once == {"tests.test_x::passes", "tests.test_x::fails"}
    assert results.differences(first, second) == ["tests.test_x::breaks ran on PostgreSQL but not on SQLite."]


def test_a_test_that_one_database_alone_has_it_ask_for_is_named(record):
    first, second = record("passes", once=["passes"]), record("passes", title="PostgreSQL")

    assert results.differences(first, second) == ["tests.test_x::passes ran on PostgreSQL but not on SQLite."]


def test_the_report_ends_with_the_sum_over_both_databases(record, capsys):
    run.report([record("passes", "fails"), record("passes", title="PostgreSQL")], ["Something."], ["A test."])

    assert capsys.readouterr().out.splitlines()[-4:] == [
        "Wrong: Something.",
        "Did not run: A test.",
        "2 tests, 1 of them on both databases",
        "2 passed, 1 failed",
    ]


def test_where_one_database_is_missing_no_test_is_reported_for_both(record, capsys):
    run.report([record("passes", "fails")], [], [])

    assert "2 tests, 0 of them on both databases" in capsys.readouterr().out.splitlines()


def test_what_did_not_run_is_listed_with_the_reason(record):
    missing = {"redis": "it is not installed", "postgresql": "it refuses"}

    assert run.not_run(record("passes", "waits"), missing) == [
        "tests.test_x::waits: needs Redis, but it is not installed.",
        "All tests on PostgreSQL: it refuses.",
    ]


def test_the_result_of_a_run_can_be_compared_with_itself():
    result = Result("SQLite", 0, 1.0, frozenset({"a"}), frozenset(), {}, {}, frozenset())

    assert results.differences(result, result) == []
