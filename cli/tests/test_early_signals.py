"""`twite run` that is told to end, or killed, while it starts: nothing outlives it, and the next one works."""

import os
import signal
import subprocess
import sys
import time
import uuid
from contextlib import suppress
from itertools import product
from pathlib import Path

import pytest

from support.site_under_test import answers, wait_for

pytestmark = pytest.mark.once

SHORT = (0.3, 1.0, 2.5)
LONG = tuple(tenths / 10 for tenths in range(1, 41))


def marked(mark):
    """Return the processes whose environment has a mark."""
    found = []
    for process in Path("/proc").iterdir():
        with suppress(OSError, IndexError):
            if process.name.isdigit() and mark.encode() in (process / "environ").read_bytes():
                state = (process / "stat").read_text().rpartition(")")[2].split()[0]
                found += [process.name] if state != "Z" else []
    return found


@pytest.mark.faults
def test_whenever_it_is_ended_nothing_stays_and_the_next_one_works(site, long_faults):
    for number, delay in product((signal.SIGTERM, signal.SIGKILL), LONG if long_faults else SHORT):
        mark = uuid.uuid4().hex
        run = start(site, mark)
        time.sleep(delay)
        assert run.poll() is None, site.printed()
        os.kill(run.pid, number)
        code = run.wait(60)
        wait_for(lambda mark=mark: not marked(mark), lambda mark=mark: str(marked(mark)), seconds=5)  # type: ignore[misc] # have defaults

        # Before it runs any Python, the system ends it.
        assert code in ({0, -signal.SIGTERM} if number == signal.SIGTERM else {-signal.SIGKILL})
    last = start(site, "last")

    wait_for(lambda: answers(f"{site.base_url}/health"), site.printed, seconds=120)
    assert last.poll() is None


def start(site, mark):
    with (site.folder / "run.log").open("ab") as output:
        run = subprocess.Popen(
            [sys.executable, "-m", "twite", "run"], env={**site.environment, "MARK": mark}, stdout=output, stderr=output
        )
    site.processes.append(run)
    return run
