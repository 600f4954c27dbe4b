"""Memory and processor time of a process and all below it, watched while they work."""

import os
import threading
import time
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
            self._peak_kib = max(self._peak_kib, sum(_proportional_kib(pid) for pid in family(self._pid)))


def wait_until_idle(pid: int, share: float = 0.1, seconds: float = 2.0) -> None:
    """Wait until a process and all below it take less than this share of a processor for some seconds."""
    before = _processor_seconds(pid)
    while True:
        time.sleep(seconds)
        now = _processor_seconds(pid)
        if now - before < share * seconds:
            return
        before = now


def family(pid: int) -> list[int]:
    """Return a process and all that it started, directly or not."""
    found = [pid]
    for parent in found:
        try:
            tasks = list(Path(f"/proc/{parent}/task").iterdir())
            found += [int(child) for task in tasks for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return found


def _processor_seconds(pid: int) -> float:
    ticks = 0
    for one in family(pid):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _proportional_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
