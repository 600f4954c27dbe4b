"""Supervising the parts of an embedded site: starts them, restarts those that die or are stuck, stops them."""

import fcntl
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import FrameType

import click

from twite import port_check, preparation
from twite.options import make_folder
from twite.retrying import Busy, patiently
from twite.watchdog_socket import Listener
from twite_common.errors import Unavailable
from twite_common.processes import end_with_parent, watchdog
from twite_common.settings import Settings

PARTS = ("web", "worker", "clock")
GRACE_SECONDS = 50.0
"""A little more than a worker gives what it has under way."""
LOOK_EVERY_SECONDS = 0.2
FIRST_WAIT_SECONDS = 1.0
MAX_WAIT_SECONDS = 60.0
STEADY_SECONDS = 60.0
"""After a part that ran this long before it died, the wait is short again."""
STUCK_SECONDS = 60.0
"""A part's process that gave no sign of life for this long is ended."""
FIRST_SIGN_SECONDS = 120.0
"""How long a part may take to give its first sign of life."""
LAST_WORDS_SECONDS = 2.0
"""How long a process that is stuck has to write down where it is, before it is ended."""


class Part:
    """One part's process and those that it starts, which are a group; and when to start it again."""

    def __init__(self, name: str, notify_address: str = "", options: Sequence[str] = ()) -> None:
        self.name = name
        self._options = options
        self.process: subprocess.Popen[bytes] | None = None
        self._notify_address = notify_address
        self._heard_at: dict[int, float] = {}
        self._last_sign_at = 0.0
        self._started_at = 0.0
        self._start_at = 0.0
        self._wait_seconds = 0.0

    def look(self) -> None:
        """Start the process if it isn't there and its time has come."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            self._plan(now, self.process)
        if self.process is None and now >= self._start_at:
            self._heard_at.clear()
            self.process = self._start()
            self._started_at = self._last_sign_at = now
        if self.process is not None and self._notify_address:
            self._end_what_is_stuck(now, self.process)

    def has(self, pid: int) -> bool:
        """Say whether a process is this part's, or one that it started."""
        with suppress(ProcessLookupError):
            return self.process is not None and os.getpgid(pid) == self.process.pid
        return False

    def hear(self, pid: int) -> None:
        """Note that a process of this part is alive."""
        self._heard_at[pid] = self._last_sign_at = time.monotonic()

    @property
    def alive(self) -> bool:
        """Whether it has given a sign of life."""
        return bool(self._heard_at)

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
        command = [sys.executable, "-m", "twite", self.name, "--prepared", *self._options]
        # glibc would keep freed memory apart for each of many threads.
        environment = {"MALLOC_ARENA_MAX": "2", "PYTHONFAULTHANDLER": "1", **os.environ}
        environment |= {"NOTIFY_SOCKET": self._notify_address, "WATCHDOG_USEC": str(round(STUCK_SECONDS * 1_000_000))}
        # preexec_fn is safe here: this process has no threads.
        return subprocess.Popen(  # noqa: S603 - our own command
            command,
            stdin=subprocess.DEVNULL,
            env=environment,
            preexec_fn=partial(_die_with_parent, os.getpid()),  # noqa: PLW1509 - see above
        )

    def _end_what_is_stuck(self, now: float, process: subprocess.Popen[bytes]) -> None:
        """End the part's processes that were silent for too long; each says first, if it still can, what it was at."""
        self._heard_at = {pid: at for pid, at in self._heard_at.items() if self.has(pid)}
        if not self._heard_at and now - self._last_sign_at > FIRST_SIGN_SECONDS:
            self._kill_stuck(process.pid)
        for pid, heard_at in self._heard_at.items():
            silent_seconds = now - heard_at
            if silent_seconds > STUCK_SECONDS + LAST_WORDS_SECONDS:
                self._kill_stuck(pid)
            elif silent_seconds > STUCK_SECONDS:
                # Python's fault handler writes down where each thread is, and the process ends.
                _kill(pid, signal.SIGABRT)

    def _kill_stuck(self, pid: int) -> None:
        click.echo(f"The {self.name} process {pid} is stuck; stopping it.", err=True)
        _kill(pid)

    def _plan(self, now: float, ended: subprocess.Popen[bytes]) -> None:
        _kill_group(ended)
        self.process = None
        self._wait_seconds = next_wait_seconds(self._wait_seconds, now - self._started_at)
        self._start_at = now + self._wait_seconds
        how = f"by signal {-ended.returncode}" if ended.returncode < 0 else f"with code {ended.returncode}"
        click.echo(f"The {self.name} process ended {how}; restarting in {self._wait_seconds:.0f} s.", err=True)


def next_wait_seconds(last_wait_seconds: float, ran_seconds: float) -> float:
    """Return how long a part that died is to wait, given its wait before (0: none) and how long it ran then."""
    if not last_wait_seconds or ran_seconds > STEADY_SECONDS:
        return FIRST_WAIT_SECONDS
    return min(2 * last_wait_seconds, MAX_WAIT_SECONDS)


def run(settings: Settings, *, reload: bool = False) -> int:
    """Run a whole site until SIGINT or SIGTERM; return the exit code.

    With `reload`, the web part restarts its processes when a source file changes.
    """
    make_folder(settings.data)
    listener = Listener()
    if stat.S_IMODE(settings.data.stat().st_mode) & 0o077:
        click.echo(f"Other users of this machine can read {settings.data}: chmod 700 {settings.data}", err=True)
    with _only_one(settings.data):
        port_check.require_free(settings)
        preparation.prepare()
        # Until here a signal ends this process at once.
        stopping = _Stop()
        parts = [Part(name, listener.address) for name in PARTS]
        if reload:
            # A source file may be broken, or a debugger have stopped the process, for as long as it likes.
            parts[PARTS.index("web")] = Part("web", options=("--reload",))
        click.echo(f"Twite is running at {settings.base_url} (data in {settings.data}). Press Ctrl-C to stop it.")
        try:
            _look_after(parts, listener, stopping)
        finally:
            _end(parts)
    click.echo("Twite has stopped.")
    return 0


def _look_after(parts: list[Part], listener: Listener, stopping: "_Stop") -> None:
    """Keep parts running until told to stop, and give systemd signs of life."""
    signs = _Signs()
    while not stopping.asked:
        _pass_on(listener.heard(), parts)
        for part in parts:
            part.look()
        signs.give(all(part.alive for part in parts) or not listener.address)
        time.sleep(LOOK_EVERY_SECONDS)


def _pass_on(pids: Iterable[int], parts: list[Part]) -> None:
    """Tell each part whose process was heard of."""
    for pid in pids:
        for part in parts:
            if part.has(pid):
                part.hear(pid)


class _Signs:
    """What systemd is told, now and then: not from a thread, since a process with threads can't fork safely."""

    def __init__(self) -> None:
        self._ready = False
        self._ready_at = time.monotonic() + STUCK_SECONDS
        self._next_at = 0.0

    def give(self, ready: bool) -> None:
        """Say that this process is alive, and once that all parts are; that is waited for, but not for long."""
        if not self._ready and (ready or time.monotonic() > self._ready_at):
            self._ready = True
            watchdog.notify(watchdog.READY)
        if time.monotonic() >= self._next_at:
            self._next_at = time.monotonic() + watchdog.MAX_PAUSE_SECONDS
            watchdog.notify(watchdog.ALIVE)


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
    with os.fdopen(descriptor):
        patiently(partial(_lock, descriptor, folder))
        yield


def _lock(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise Busy(f"Twite is already running with the data in {folder}.") from error


def _end(parts: list[Part]) -> None:
    """Ask parts to end, wait, and end those that don't."""
    for part in parts:
        part.ask_to_end()
    deadline = time.monotonic() + GRACE_SECONDS
    for part in parts:
        part.end(deadline)


def _kill(pid: int, number: int = signal.SIGKILL) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """End a part's process, and those of its group that outlived it, at once."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _die_with_parent(parent: int) -> None:
    """Have a new process end when this one is killed, and not hear the terminal's Ctrl-C, which is for this one."""
    os.setpgid(0, 0)
    end_with_parent(parent)
