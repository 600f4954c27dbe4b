"""What became of each test of a run, read from pytest's JUnit file, and how two runs compare."""

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

NEEDS = "needs "
"""How the reason of a skip begins when a missing service is the cause; the service's name follows."""

ONCE = ("database", "none")
"""The property of a test that never asks for the database: it is the same test on both, and runs on one."""


@dataclass(frozen=True)
class Result:
    """One run of the tests. `needing` and `skipped` give, for a test that did not run, the service and the reason.

    `once` are those, whatever became of them, that are the same on every database.
    """

    title: str
    status: int
    seconds: float
    passed: frozenset[str]
    failed: frozenset[str]
    needing: dict[str, str]
    skipped: dict[str, str]
    once: frozenset[str]


def read(record: Path, *, title: str, status: int, seconds: float) -> Result:
    """Read what pytest recorded; a run that died before it wrote anything has no tests."""
    cases = ET.parse(record).iter("testcase") if record.exists() else ()
    seen, failed, once = set[str](), set[str](), set[str]()
    needing, skipped = dict[str, str](), dict[str, str]()
    for case in cases:
        test = f"{case.get('classname')}::{case.get('name')}"
        seen.add(test)
        if any((one.get("name"), one.get("value")) == ONCE for one in case.iter("property")):
            once.add(test)
        if case.find("failure") is not None or case.find("error") is not None:
            failed.add(test)
        elif (skip := case.find("skipped")) is not None:
            reason = skip.get("message", "")
            if reason.startswith(NEEDS):
                needing[test] = reason.removeprefix(NEEDS)
            else:
                skipped[test] = reason
    passed = seen - failed - needing.keys() - skipped.keys()
    return Result(title, status, seconds, frozenset(passed), frozenset(failed), needing, skipped, frozenset(once))


def problems(result: Result) -> list[str]:
    """Return a sentence for everything about a run that must not be."""
    found = [f"{test} failed on {result.title}." for test in sorted(result.failed)]
    found += [f"{test} was skipped on {result.title}: {reason}." for test, reason in sorted(result.skipped.items())]
    if result.status != 0 and not result.failed:
        found.append(f"The run on {result.title} ended with status {result.status}.")
    if not result.passed:
        found.append(f"No test passed on {result.title}.")
    return found


def differences(first: Result, second: Result) -> list[str]:
    """Return a sentence for each test that only one of two runs has, unless it is the same on every database."""
    ids, others = ran(first) - first.once, ran(second) - second.once
    found = [f"{test} ran on {first.title} but not on {second.title}." for test in sorted(ids - others)]
    found += [f"{test} ran on {second.title} but not on {first.title}." for test in sorted(others - ids)]
    return found


def ran(result: Result) -> frozenset[str]:
    """Return the tests that passed or failed."""
    return result.passed | result.failed
