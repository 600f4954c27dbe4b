"""What an outage looks like in the log of a worker or the clock."""

import logging

import pytest
from kombu.exceptions import OperationalError

from twite_common.errors import Unavailable
from twite_tasks.logs import OneLineFormatter


def logged(error, message="Task %s failed", *arguments, name="celery.app.trace"):
    try:
        raise error
    except type(error) as raised:
        caught = (type(raised), raised, raised.__traceback__)
    record = logging.LogRecord(name, logging.ERROR, __file__, 1, message, arguments, caught)
    return OneLineFormatter("%(levelname)s %(message)s").format(record).splitlines()


@pytest.mark.faults
@pytest.mark.parametrize(
    "error",
    [
        Unavailable("The database can't be reached."),
        ConnectionResetError(104, "Connection reset by peer"),
        OSError(113, "No route to host"),
        OperationalError("closed"),
    ],
)
def test_an_outage_is_one_line(error):
    assert logged(error, "Task %s failed", "a") == [f"ERROR Task a failed ({type(error).__name__}: {error})"]


def test_an_outage_is_named_once():
    assert logged(Unavailable("away"), "Message Error: %s\n%s", "away", ["stack"]) == ["ERROR Message Error: away"]


def test_what_celery_says_in_several_lines_is_one():
    record = logging.LogRecord("celery.worker", logging.ERROR, __file__, 1, "Cannot connect.\nTrying again", (), None)

    assert OneLineFormatter("%(message)s").format(record) == "Cannot connect. Trying again"


def test_a_fault_of_ours_has_its_traceback():
    lines = logged(KeyError("x"), "job_failed %s", {"job": "trends"}, name="twite_tasks.periodic_jobs")

    assert (lines[0], lines[1], lines[-1]) == (
        "ERROR job_failed {'job': 'trends'}",
        "Traceback (most recent call last):",
        "KeyError: 'x'",
    )
