"""Processes that belong together."""

import ctypes
import signal
import sys

_PR_SET_PDEATHSIG = 1
# Loaded at once: between fork and exec a process may do little.
_libc = ctypes.CDLL(None, use_errno=True)


def end_with_parent() -> None:
    """Have this process told to end (SIGTERM) when the one that started it dies, however it dies.

    Only Linux can do that (prctl(2)); elsewhere nothing happens.
    """
    if sys.platform == "linux":
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
