"""Memory and processor time of a process and all below it, watched while they work."""

import os
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

EVERY_SECONDS = 0.25


class Watch:
    """Samples the sum of the proportional set sizes, in which memory that processes share counts once."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._peak_kib = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def peak_mib(self) -> float:
        """Return the largest sum that was seen, in MiB."""
        return self._peak_kib / 1024

    def _run(self) -> None:
        while not self._ended.wait(EVERY_SECONDS):
            self._peak_kib = max(self._peak_kib, _all_kib(family(self._pid)))


def wait_until_idle(pid: int, database: str = "", share: float = 0.1, seconds: float = 2.0) -> None:
    """Wait until a process and all below it take less than this share of a processor for some seconds.

    So do PostgreSQL's processes that serve the database of this name, if one is named: whoever waits for them is idle.
    """

    def taken() -> float:
        return _processor_seconds([*family(pid), *(_connections(database) if database else ())])

    before = taken()
    while True:
        time.sleep(seconds)
        now = taken()
        if abs(now - before) < share * seconds:
            return
        before = now


def family(pid: int) -> list[int]:
    """Return a process and all that it started, directly or not."""
    found = [pid]
    for parent in found:
        found += _children(parent)
    return found


def _children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []


def processor_seconds(pid: int, database: str = "") -> dict[str, float]:
    """Return the processor time that each part of a site has taken, by the part's name.

    That of PostgreSQL is that of its connections to the database of this name.
    """
    parts = {_part(child): _processor_seconds(family(child)) for child in _children(pid)}
    return {**parts, "database": _processor_seconds(_connections(database))} if database else parts


def _part(pid: int) -> str:
    """Return what a process that `twite run` started is: web, worker or clock."""
    words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return next((word.decode() for word in words[1:] if word in {b"web", b"worker", b"clock"}), "others")


def _connections(database: str) -> list[int]:
    """Return PostgreSQL's processes that serve a database: each says so in its title."""
    found = []
    for one in Path("/proc").iterdir():
        with suppress(OSError):
            if one.name.isdigit() and (one / "comm").read_text() == "postgres\n":
                title = (one / "cmdline").read_text().split()
                found += [int(one.name)] if database in title else []
    return found


def _processor_seconds(pids: Iterable[int]) -> float:
    ticks = 0
    for one in pids:
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def proportional_mib(pids: Iterable[int]) -> float:
    """Return the sum of processes' proportional set sizes, in MiB."""
    return _all_kib(pids) / 1024


def open_files(pids: Iterable[int]) -> int:
    """Return how many files, connections and pipes processes have open."""
    count = 0
    for one in pids:
        with suppress(OSError):
            count += len(list(Path(f"/proc/{one}/fd").iterdir()))
    return count


def _all_kib(pids: Iterable[int]) -> int:
    return sum(_proportional_kib(one) for one in pids)


def _proportional_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
