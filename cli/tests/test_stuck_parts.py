"""A part that is there and does nothing: whoever started it finds out and starts it again."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from support.site_under_test import wait_for
from twite_common import clock
from twite_common.queries.operations import liveness

pytestmark = pytest.mark.once

RUN = "from twite import main, supervisor; supervisor.STUCK_SECONDS = 10.0; main.main(['run'])"
BROKERS = {"folder": "", "redis": "redis://127.0.0.1/0", "rabbitmq": "amqp://guest:guest@127.0.0.1//"}


def children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def part(run, name):
    """Return the process of a part that `twite run` started, None while it isn't there."""
    for pid in children(run.pid):
        with suppress(FileNotFoundError, ProcessLookupError):
            if name in Path(f"/proc/{pid}/cmdline").read_text().split("\0"):
                return pid
    return None


@pytest.mark.faults
def test_what_is_stuck_is_ended_and_started_again(site):
    with (site.folder / "run.log").open("wb") as output:
        run = subprocess.Popen([sys.executable, "-c", RUN], env=site.environment, stdout=output, stderr=output)
    site.processes.append(run)
    # Each has told that it is alive, so that its silence is noticed.
    wait_for(lambda: len(alive(site)) == 3, site.printed, seconds=120)
    [answering] = children(part(run, "web"))
    before = {"worker": part(run, "worker"), "clock": part(run, "clock")}
    for pid in (answering, *before.values()):
        os.kill(pid, signal.SIGSTOP)

    def started_again():
        parts = {name: part(run, name) for name in before}
        answers_now = children(part(run, "web") or run.pid)
        return all(parts[name] not in (None, before[name]) for name in before) and answering not in answers_now

    wait_for(started_again, site.printed, seconds=120)
    assert "is stuck; stopping it." in site.printed()
    assert run.poll() is None


def alive(site):
    with site.database.reading() as db:
        return liveness.read(db, now=clock.now()).seen


@pytest.mark.needs("redis", "rabbitmq")
@pytest.mark.parametrize(
    ("name", "broker"), [("web", "folder"), ("clock", "folder"), *[("worker", one) for one in BROKERS]]
)
def test_each_part_tells_systemd_that_it_is_alive(site, name, broker):
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listening.bind("")
    listening.settimeout(120)
    site.environment |= {
        "NOTIFY_SOCKET": "@" + listening.getsockname()[1:].decode(),
        "WATCHDOG_USEC": "600000",
        "TWITE_BROKER": BROKERS[broker],
    }
    with listening:
        process = start(site, name)
        heard = [listening.recv(100).decode() for _ in range(4)]
        process.send_signal(signal.SIGTERM)
        process.wait(60)

    assert sorted(heard) == ["READY=1", *["WATCHDOG=1"] * 3]


def start(site, name):
    with (site.folder / f"{name}.log").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "twite", name], env=site.environment, stdout=output, stderr=output
        )
    site.processes.append(process)
    return process
