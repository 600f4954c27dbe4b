"""Closing WebSockets that send much without completing a message.

The server keeps the pieces of a message until it is whole, up to 64 MB, and has no setting for less. How much has come
on a connection is known to the system alone, on Linux; elsewhere nothing is done.
"""

import asyncio
import os
import socket
import time
from typing import Any

from twite_web.streaming import sockets

MAX_UNFINISHED = 64 * 1024
"""Bytes that may come, beyond the messages that were read, and further ones for each second: for pings."""
PINGS_A_SECOND = 100
LOOK_SECONDS = 1.0
MAX_HEAD_BYTES = 14
"""Bytes of a frame before its content at most (RFC 6455, section 5.2)."""
_TCP_INFO_BYTES, _BYTES_RECEIVED = 192, slice(128, 136)
"""How much of Linux's `struct tcp_info` is asked for, and where `tcpi_bytes_received` stands in it."""

Peer = tuple[str, str]


class Received:
    """What has come on one WebSocket, since it is one: a proxy may have used its connection before."""

    def __init__(self, descriptor: int | None, bytes_before: int) -> None:
        self.descriptor = descriptor
        self._began = time.monotonic()
        self._bytes = bytes_before

    def add(self, message: str) -> None:
        """Count a message that was read, with the most that may be around it."""
        self._bytes += len(message.encode()) + MAX_HEAD_BYTES

    def is_exceeded_by(self, arrived: int) -> bool:
        """Say whether the connection, on which so much has arrived, has brought much more than was read."""
        allowed = MAX_UNFINISHED + PINGS_A_SECOND * (time.monotonic() - self._began)
        return arrived - self._bytes > allowed


class Unfinished:
    """The WebSockets of one process. Known to the event loop, and looked through in a thread."""

    def __init__(self) -> None:
        self._open: dict[Peer, Received] = {}

    def begin(self, peer: Peer) -> Received:
        """Return what has come on a connection that becomes a WebSocket: nothing yet. Reads the system's list."""
        if not sockets.are_listed():
            return Received(None, 0)
        watched = {received.descriptor for received in self._open.copy().values()}
        # A connection that just ended may have left its number to this one, but most often it is a new number.
        for descriptor, connection in sockets.opened(sorted(sockets.descriptors(), key=watched.__contains__)):
            if _peer(connection) == peer:
                return Received(descriptor, _bytes_received(connection))
        return Received(None, 0)

    def join(self, peer: Peer, received: Received) -> None:
        """Watch a connection from now on."""
        self._open[peer] = received

    def leave(self, peer: Peer) -> None:
        """Watch a connection no longer."""
        self._open.pop(peer, None)

    async def watch(self) -> None:
        """End those on which too much has come, again and again."""
        while sockets.are_listed():
            await asyncio.sleep(LOOK_SECONDS)
            if self._open:
                await asyncio.to_thread(self.look)

    def look(self) -> None:
        """End those on which too much has come."""
        watched = {
            received.descriptor: (peer, received)
            for peer, received in self._open.copy().items()
            if received.descriptor is not None
        }
        for descriptor, connection in sockets.opened(watched):
            peer, received = watched[descriptor]
            if received.is_exceeded_by(_bytes_received(connection)):
                _end(descriptor, peer)


def _peer(connection: socket.socket) -> Peer | None:
    """Return the other end of a connection; None for what is no connection, or none any more."""
    if connection.family not in {socket.AF_INET, socket.AF_INET6}:
        return None
    try:
        name: Any = connection.getpeername()
    except OSError:
        return None
    return str(name[0]), str(name[1])


def _bytes_received(connection: socket.socket) -> int:
    try:
        info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)
    except OSError:
        return 0
    return int.from_bytes(info[_BYTES_RECEIVED], "little")


def _end(descriptor: int, peer: Peer) -> None:
    """End a connection, unless its descriptor is another one's by now."""
    try:
        # A duplicate names the same connection, whatever becomes of the number. What is no socket any more but a file
        # stays open: closing it would give up SQLite's locks on it.
        with socket.socket(fileno=os.dup(descriptor)) as connection:
            if _peer(connection) == peer:
                connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
