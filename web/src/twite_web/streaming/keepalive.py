"""Detecting dead connections: a phone out of reach doesn't say goodbye.

ASGI has no message for a WebSocket's ping, so the system's own probes do its work. They keep the paths through routers
open, too, which forget connections that are silent for long.
"""

import asyncio
import os
import socket
import stat
from pathlib import Path

IDLE_SECONDS, EVERY_SECONDS, PROBES = 30, 10, 3
MAX_UNANSWERED_MS = 60_000
_OPEN_FILES = Path("/proc/self/fd")
_LOOK_SECONDS, _LOOKS = 0.1, 100


async def probe_connections(port: int) -> None:
    """Have the connections probed that this process accepts from now on at a port, once it listens there.

    Connections inherit it from the socket that accepts them; the server makes that one after the application starts. On
    systems without Linux's list of open files nothing is done.
    """
    if not _OPEN_FILES.exists():
        return
    for _ in range(_LOOKS):
        found = [file.name for file in _OPEN_FILES.iterdir() if _accepts_at(port, int(file.name))]
        if found:
            return
        await asyncio.sleep(_LOOK_SECONDS)


def _accepts_at(port: int, number: int) -> bool:
    """Say whether an open file is the socket that accepts connections at a port; if so, prepare it."""
    try:
        if not stat.S_ISSOCK(os.fstat(number).st_mode):
            return False
        with socket.socket(fileno=os.dup(number)) as one:
            if not one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) or one.getsockname()[1] != port:
                return False
            one.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, IDLE_SECONDS)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, EVERY_SECONDS)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, PROBES)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, MAX_UNANSWERED_MS)
    except (OSError, IndexError, TypeError):
        return False
    return True
