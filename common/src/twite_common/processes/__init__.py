"""The processes of a site, and what long-running ones do about their memory."""

import ctypes
import os
import signal
import socket
import sys

_PR_SET_PDEATHSIG = 1
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_LARGE_BYTES = 128 * 1024
# Loaded at once: between fork and exec a process may do little.
_libc = ctypes.CDLL(None, use_errno=True)


def give_memory_back() -> None:
    """Have large pieces of memory, such as bodies of requests, given back to the system as soon as they are free.

    Otherwise glibc takes ever larger ones for small, and keeps them, once it has seen them freed (mallopt(3)). Where
    there is another library nothing happens.
    """
    if sys.platform == "linux" and hasattr(_libc, "mallopt"):
        _libc.mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
        _libc.mallopt(_M_TRIM_THRESHOLD, _LARGE_BYTES)


def end_with_parent(parent: int) -> None:
    """Have this process, which a parent with this number has started, killed when that one dies, however it dies.

    Nobody waits then for what this process does: it is as after a power cut. What it starts itself doesn't inherit
    that. Only Linux can do it (prctl(2)); elsewhere nothing happens.
    """
    if sys.platform == "linux":
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            # It died before it could be asked for.
            os._exit(1)


def process_name(kind: str) -> str:
    """Return what this process, of some kind, is called among those of all machines."""
    return f"{kind} {socket.gethostname()} {os.getpid()}"
