"""How much memory a site's processes hold, and a bound on it like that of a small machine."""

import re
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")
_LOOK_EVERY_SECONDS = 0.05
_ENTER = """
import os, sys
with open(sys.argv[1], "w") as processes:
    processes.write(str(os.getpid()))
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""
"""A program of Python that goes into a cgroup and becomes another."""


class SmallMachine:
    """A cgroup whose processes have no more memory than a small machine; none where this user can't make one."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def program(self, *options: str) -> Sequence[str]:
        """Return the options with which Python runs what others would have it run, inside."""
        if self._folder is None:
            return options
        return ("-c", _ENTER, str(self._folder / "cgroup.procs"), *options)

    def killed(self) -> int:
        """Return how many processes were killed because memory ran out; 0 where there is no cgroup."""
        if self._folder is None:
            return 0
        file = next(file for name in ("memory.events", "memory.oom_control") if (file := self._folder / name).exists())
        found = re.search(r"^oom_kill (\d+)", file.read_text(), re.MULTILINE)
        return int(found[1]) if found else 0


class Peak:
    """The most memory that some processes held, in MiB, in all and by what each ran."""

    def __init__(self) -> None:
        self.mib = 0
        self.by_process: dict[str, int] = {}

    def __repr__(self) -> str:
        return f"{self.mib} MiB: {self.by_process}"

    def look(self, pid: int) -> None:
        """Count what a process and all that come from it hold now. What several share is counted once."""
        held = {f"{one} {_command(one)}": _measured_mib(one, "smaps_rollup", "Pss") for one in descendants(pid)}
        if sum(held.values()) > self.mib:
            self.mib, self.by_process = sum(held.values()), held


@contextmanager
def small_machine(mib: int) -> Iterator[SmallMachine]:
    """Give a cgroup with this much memory, and remove it afterwards, when its processes are gone."""
    folder = _made(mib)
    yield SmallMachine(folder)
    if folder is not None:
        # Processes that are ending keep it for a moment; an empty one costs nothing.
        with suppress(OSError):
            folder.rmdir()


def _made(mib: int) -> Path | None:
    first = "memory" if (_CGROUPS / "memory").is_dir() else "."
    limit = "memory.limit_in_bytes" if first == "memory" else "memory.max"
    folder = _CGROUPS / first / f"small-machine-{uuid.uuid4().hex}"
    try:
        folder.mkdir()
        (folder / limit).write_text(str(mib * 1024 * 1024))
    except OSError:
        with suppress(OSError):
            folder.rmdir()
        return None
    return folder


@contextmanager
def peak_of(pid: int) -> Iterator[Peak]:
    """Give the most memory that a process and its descendants hold while the block lasts."""
    peak, over = Peak(), threading.Event()

    def watch() -> None:
        while not over.wait(_LOOK_EVERY_SECONDS):
            peak.look(pid)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield peak
    finally:
        over.set()
        watching.join()


def resident_mib(pid: int) -> int:
    """Return how much memory a process holds, with all that it shares; 0 for one that is gone."""
    return _measured_mib(pid, "status", "VmRSS")


def descendants(pid: int) -> list[int]:
    """Return the numbers of a process and of all that come from it."""
    found = [pid]
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in (thread / "children").read_text().split():
                found += descendants(int(child))
    return found


def arguments(pid: int) -> list[str]:
    """Return with what a process was started; nothing for one that is gone."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    return []


def _command(pid: int) -> str:
    """Return with what a process was started, but not which Python runs it."""
    return " ".join(arguments(pid)[1:])


def _measured_mib(pid: int, file: str, name: str) -> int:
    with suppress(OSError):
        found = re.search(rf"^{name}:\s+(\d+)", Path(f"/proc/{pid}/{file}").read_text(), re.MULTILINE)
        return int(found[1]) // 1024 if found else 0
    return 0
