"""Run every test on SQLite, run what keeps data again on PostgreSQL, and compare what ran: `make test`.

Where arguments select some tests, only the services that these need are installed and started, and only where one of
them keeps data is PostgreSQL among them.

Ends with status 0 when nothing failed and both databases ran the same tests, except for those that never ask for the
database, which run once. With `--require-all` a test that did not run because a service is missing is wrong too, which
it isn't otherwise. All other arguments are handed on to pytest.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from support import results, services
from support.results import Result

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
PYTEST = str(Path(sys.executable).with_name("pytest"))
REQUIRE_ALL = "--require-all"
WORKERS = {"sqlite": (os.cpu_count() or 1) + 2, "postgresql": 3}
"""Tests at the same time: more than there are processors, because many wait for processes to start.

PostgreSQL allows 100 connections as it comes, and a site of several processes takes 30 of them.
"""
TITLES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def main(arguments: Sequence[str]) -> int:
    """Prepare the services, run the tests, report; return the exit status."""
    for_pytest = [argument for argument in arguments if argument != REQUIRE_ALL]
    BUILD.mkdir(exist_ok=True)
    try:
        needed = needed_services(for_pytest)
    except subprocess.CalledProcessError as error:
        print(error.stdout)
        return 1
    missing = services.prepare(needed, BUILD / "services.log")
    ran = [run("sqlite", missing, for_pytest)]
    if "postgresql" in needed and "postgresql" not in missing:
        ran.append(run("postgresql", missing, ["--keeping-data", *for_pytest]))
    problems = [problem for result in ran for problem in results.problems(result)]
    if len(ran) > 1:
        problems += results.differences(ran[0], ran[1])
    left_out = not_run(ran[0], missing)
    report(ran, problems, left_out)
    return 1 if problems or (left_out and REQUIRE_ALL in arguments) else 0


def needed_services(arguments: Sequence[str]) -> set[str]:
    """Return what the tests that arguments select need, by name; raises CalledProcessError where they select none."""
    if not arguments:
        return set(services.BY_NAME)
    with tempfile.NamedTemporaryFile("r") as listed:
        collect = ("-p", "no:cacheprovider", "-q", "--collect-only", f"--list-services={listed.name}")
        subprocess.run((PYTEST, *collect, *arguments), cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
        return set(listed.read().split())


def run(database: str, missing: dict[str, str], arguments: Sequence[str]) -> Result:
    """Run pytest once, with all its output shown, and return what became of each test."""
    record = BUILD / f"tests-{database}.xml"
    record.unlink(missing_ok=True)
    command = [
        PYTEST,
        *("-p", "no:cacheprovider", "--database", database, f"--junitxml={record}"),
        # A file's tests share what they prepare, such as the processes of a site, so one worker runs them all. What
        # takes longest comes first (`testpaths`), so that no worker is alone with it at the end.
        *("-n", str(WORKERS[database]), "--dist", "loadfile", "--no-loadscope-reorder"),
        *(f"--without={name}" for name in missing),
        *arguments,
    ]
    print(f"\nTests on {TITLES[database]}", flush=True)
    started = time.monotonic()
    status = wait(subprocess.Popen(command, cwd=ROOT, env=environment()))
    return results.read(record, title=TITLES[database], status=status, seconds=time.monotonic() - started)


def environment() -> dict[str, str]:
    """Return what pytest runs with: tests start many processes, none of which is to compile the same sources again."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def wait(process: subprocess.Popen[bytes]) -> int:
    """Wait for pytest; after Ctrl-C, which it gets too, until it has ended what it started."""
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.wait()
        raise


def not_run(result: Result, missing: dict[str, str]) -> list[str]:
    """Return a line for each test that a missing service kept from running, and why."""
    lines = [
        f"{test}: needs {services.BY_NAME[name].title}, but {missing[name]}."
        for test, name in sorted(result.needing.items())
    ]
    if "postgresql" in missing:
        lines.append(f"All tests on PostgreSQL: {missing['postgresql']}.")
    return lines


def report(ran: Sequence[Result], problems: Sequence[str], left_out: Sequence[str]) -> None:
    """Print each database's totals, what is wrong, what did not run, and the sum as the last line."""
    print()
    for result in ran:
        print(f"{result.title}: {len(result.passed)} passed, {len(result.failed)} failed, {result.seconds:.0f} s")
    for problem in problems:
        print(f"Wrong: {problem}")
    for line in left_out:
        print(f"Did not run: {line}")
    tests = [results.ran(result) for result in ran]
    on_both = len(frozenset.intersection(*tests)) if len(tests) > 1 else 0
    print(f"{len(frozenset.union(*tests)):,} tests, {on_both:,} of them on both databases")
    passed, failed = sum(len(result.passed) for result in ran), sum(len(result.failed) for result in ran)
    print(f"{passed} passed, {failed} failed", flush=True)


if __name__ == "__main__":
    try:
        raise SystemExit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
