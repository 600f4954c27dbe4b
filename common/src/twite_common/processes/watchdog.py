"""Telling whoever started this process that it is alive: systemd, or `twite run`, which restarts stuck parts.

This is sd_notify(3): datagrams to the socket that the environment names. Where it names none, nothing happens.
"""

import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

READY = "READY=1"
ALIVE = "WATCHDOG=1"
MAX_PAUSE_SECONDS = 5.0
"""No two signs of life are further apart, so that what is asked for them notices in time that it is stuck."""


def notify(message: str) -> None:
    """Send a message to whoever started this process, if they listen."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    # What starts with @ is no file but a name of Linux's own.
    name = f"\0{address[1:]}" if address.startswith("@") else address
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
        sock.connect(name)
        sock.send(message.encode())


def limit_seconds() -> float | None:
    """Return after how long without a sign of life this process is restarted; None where nobody watches."""
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    return int(microseconds) / 1e6 if microseconds.isdigit() and os.environ.get("NOTIFY_SOCKET") else None


def watch(alive: Callable[[], bool]) -> None:
    """Give signs of life, from a thread, for as long as `alive` says that there is."""
    limit = limit_seconds()
    if limit is not None:
        every_seconds = min(limit / 3, MAX_PAUSE_SECONDS)
        threading.Thread(target=_watch, args=(alive, every_seconds), name="watchdog", daemon=True).start()


def _watch(alive: Callable[[], bool], every_seconds: float) -> None:
    while True:
        if alive():
            notify(ALIVE)
        time.sleep(every_seconds)


class Pulse:
    """When something was last seen to work."""

    def __init__(self) -> None:
        self._at = time.monotonic()

    def beat(self) -> None:
        """Note that it works."""
        self._at = time.monotonic()

    def age_seconds(self) -> float:
        """Return how long ago that was."""
        return time.monotonic() - self._at
