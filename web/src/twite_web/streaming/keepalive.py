"""Noticing that whoever listened has gone: a phone out of reach doesn't say goodbye.

ASGI has no message for a WebSocket's ping, so the system's own probes do its work. They keep the paths through routers
open, too, which forget connections that are silent for long.
"""

import asyncio
import socket

from twite_web.streaming import sockets

IDLE_SECONDS, EVERY_SECONDS, PROBES = 30, 10, 3
MAX_UNANSWERED_MS = 60_000
_LOOK_SECONDS, _LOOKS = 0.1, 100


async def probe_connections(port: int) -> None:
    """Have the connections probed that this process accepts from now on at a port, once it listens there.

    Connections inherit it from the socket that accepts them; the server makes that one after the application starts. On
    systems without Linux's list of open files nothing is done.
    """
    if not sockets.are_listed():
        return
    for _ in range(_LOOKS):
        if _prepare(port):
            return
        await asyncio.sleep(_LOOK_SECONDS)


def _prepare(port: int) -> bool:
    """Prepare the sockets that accept connections at a port, and say whether there are any."""
    accepting = False
    for _, server in sockets.opened(sockets.descriptors()):
        try:
            if not server.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) or server.getsockname()[1] != port:
                continue
            server.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            server.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, IDLE_SECONDS)
            server.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, EVERY_SECONDS)
            server.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, PROBES)
            server.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, MAX_UNANSWERED_MS)
        except (OSError, IndexError, TypeError):
            continue
        accepting = True
    return accepting
