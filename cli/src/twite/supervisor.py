"""Looking after the parts of an embedded site: starts each as a process, restarts one that dies, stops them all."""

import errno
import fcntl
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import click

from twite import preparation
from twite.options import make_folder
from twite_common.errors import Unavailable
from twite_common.processes import end_with_parent
from twite_common.settings import Settings

PARTS = ("web", "worker", "clock")
GRACE_SECONDS = 10.0
LOOK_EVERY_SECONDS = 0.2
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 60.0
STEADY_SECONDS = 60.0
"""After a part that ran this long before it died, the wait is short again."""


class Part:
    """One part's process and those that it starts, which are a group; and when to start it again."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._start_at = 0.0
        self._wait_seconds = 0.0

    def look(self) -> None:
        """Start the process if it isn't there and its time has come."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            self._plan(now, self.process)
        if self.process is None and now >= self._start_at:
            self.process = self._start()
            self._started_at = now

    def ask_to_end(self) -> None:
        """Tell the process to finish what it is doing and end."""
        if self.process is not None:
            self.process.terminate()

    def end(self, deadline: float) -> None:
        """Wait for the process until a time, then end it and what is left of its group."""
        if self.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.0, deadline - time.monotonic()))
        _kill_group(self.process)
        self.process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "twite", self.name, "--prepared"]
        # glibc would keep freed memory apart for each of many threads.
        environment = {"MALLOC_ARENA_MAX": "2", **os.environ}
        # preexec_fn is safe here: this process has no threads.
        return subprocess.Popen(  # noqa: S603 - our own command
            command,
            stdin=subprocess.DEVNULL,
            env=environment,
            preexec_fn=_die_with_parent,  # noqa: PLW1509
        )

    def _plan(self, now: float, ended: subprocess.Popen[bytes]) -> None:
        _kill_group(ended)
        self.process = None
        self._wait_seconds = next_wait_seconds(self._wait_seconds, now - self._started_at)
        self._start_at = now + self._wait_seconds
        how = f"by signal {-ended.returncode}" if ended.returncode < 0 else f"with code {ended.returncode}"
        click.echo(f"The {self.name} process ended {how}; it starts again in {self._wait_seconds:.0f} s.", err=True)


def next_wait_seconds(last_wait_seconds: float, ran_seconds: float) -> float:
    """Return how long a part that died is to wait, given its wait before (0: none) and how long it ran then."""
    if not last_wait_seconds or ran_seconds > STEADY_SECONDS:
        return FIRST_WAIT_SECONDS
    return min(2 * last_wait_seconds, LONGEST_WAIT_SECONDS)


def run(settings: Settings) -> int:
    """Run a whole site until SIGINT or SIGTERM; return the exit code."""
    make_folder(settings.data)
    if stat.S_IMODE(settings.data.stat().st_mode) & 0o077:
        click.echo(f"Other users of this machine can look into {settings.data}: chmod 700 {settings.data}", err=True)
    with _only_one(settings.data):
        _check_port(settings)
        preparation.prepare()
        stopping = _Stop()
        parts = [Part(name) for name in PARTS]
        click.echo(f"Twite is at {settings.base_url} (data in {settings.data}). Ctrl-C stops it.")
        try:
            while not stopping.asked:
                for part in parts:
                    part.look()
                time.sleep(LOOK_EVERY_SECONDS)
        finally:
            _end(parts)
    click.echo("Twite has stopped.")
    return 0


class _Stop:
    """Notes that somebody asked to stop."""

    def __init__(self) -> None:
        self.asked = False
        signal.signal(signal.SIGINT, self._ask)
        signal.signal(signal.SIGTERM, self._ask)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Hold the data folder's lock.

    Raises Unavailable when another `twite run` holds it, or it can't be made.
    """
    try:
        descriptor = os.open(folder / "twite.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Unavailable(f"The data folder {folder} can't be used: {error.strerror}.") from error
    with os.fdopen(descriptor) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Unavailable(f"Twite is running already with the data in {folder}.") from error
        yield


def _check_port(settings: Settings) -> None:
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((settings.host, settings.port))
        except OSError as error:
            if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
                raise Unavailable(
                    f"This machine has no network address {settings.host}. Choose another one with --host."
                ) from error
            raise Unavailable(
                f"Port {settings.port} on {settings.host} can't be used: {error.strerror}. "
                "Choose another one with --port."
            ) from error


def _end(parts: list[Part]) -> None:
    """Ask parts to end, wait, and end those that don't."""
    for part in parts:
        part.ask_to_end()
    deadline = time.monotonic() + GRACE_SECONDS
    for part in parts:
        part.end(deadline)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """End a part's process, and those of its group that outlived it, at once."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _die_with_parent() -> None:
    """Have a new process end when this one is killed, and not hear the terminal's Ctrl-C, which is for this one."""
    os.setpgid(0, 0)
    end_with_parent()
