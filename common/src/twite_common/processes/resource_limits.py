"""Running a program under limits: Python runs this file, which sets them for itself and becomes the program.

Between fork and exec of a process with threads nothing may be done in Python, so that it is done after an exec. Run by
its path with `python -I -S` it imports no more than it needs and is there in some ten milliseconds.
"""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Sequence

NICENESS = 15
PASSED_ON = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "TZ")
"""Variables that such a program gets. Settings, and so secrets, aren't among them."""
_PR_SET_PDEATHSIG = 1


def command(
    program: Sequence[str], *, cpu_seconds: int, memory_bytes: int, file_bytes: int, parent: int | None = None
) -> list[str]:
    """Return the command that runs a program with these limits, behind all others, and no longer than its parent."""
    limits = (str(cpu_seconds), str(memory_bytes), str(file_bytes), str(os.getpid() if parent is None else parent))
    return [sys.executable, "-I", "-S", __file__, *limits, *program]


def environment() -> dict[str, str]:
    """Return the variables that a program gets which reads what people sent."""
    return {name: os.environ[name] for name in PASSED_ON if name in os.environ}


def _become(arguments: list[str]) -> None:
    cpu_seconds, memory_bytes, file_bytes, parent = map(int, arguments[:4])
    if sys.platform == "linux":
        # Not SIGTERM, on which ffmpeg would finish what it writes.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            return
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.execvp(arguments[4], arguments[4:])  # noqa: S606 - our own command


if __name__ == "__main__":
    _become(sys.argv[1:])
