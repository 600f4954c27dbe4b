"""Closing WebSockets that send much without completing a message.

The server keeps the pieces of a message until it is whole, up to 64 MB, and has no setting for less. How much has come
on a connection is known to the system alone, on Linux; elsewhere nothing is done.
"""

import asyncio
import os
import socket
import stat
import time
from pathlib import Path
from typing import Any

MAX_UNFINISHED = 64 * 1024
"""Bytes that may come, beyond the messages that were read, and further ones for each second: for pings."""
PINGS_A_SECOND = 100
LOOK_SECONDS = 1.0
_OPEN_FILES = Path("/proc/self/fd")
_TCP_INFO_BYTES, _BYTES_RECEIVED = 192, slice(128, 136)
"""How much of Linux's `struct tcp_info` is asked for, and where `tcpi_bytes_received` stands in it."""

Peer = tuple[str, str]


class Received:
    """What has come on one WebSocket."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._bytes = 0

    def add(self, message: str) -> None:
        """Count a message that was read, with the most that may be around it."""
        self._bytes += 4 * len(message) + 16

    def is_too_little(self, arrived: int) -> bool:
        """Say whether the connection has brought much more than was read."""
        allowed = MAX_UNFINISHED + PINGS_A_SECOND * (time.monotonic() - self._began)
        return arrived - self._bytes > allowed


class Unfinished:
    """The WebSockets of one process. Known to the event loop, and looked through in a thread."""

    def __init__(self) -> None:
        self._open: dict[Peer, Received] = {}

    def join(self, peer: Peer, received: Received) -> None:
        """Watch a connection from now on."""
        self._open[peer] = received

    def leave(self, peer: Peer) -> None:
        """Watch a connection no longer."""
        self._open.pop(peer, None)

    async def watch(self) -> None:
        """End those on which too much has come, again and again."""
        while _OPEN_FILES.exists():
            await asyncio.sleep(LOOK_SECONDS)
            if self._open:
                await asyncio.to_thread(self.look, dict(self._open))

    def look(self, watched: dict[Peer, Received]) -> None:
        """End those of these on which too much has come."""
        for file in _OPEN_FILES.iterdir():
            try:
                _end_if_too_much(int(file.name), watched)
            except OSError:
                # It was closed meanwhile, or is something else.
                continue


def _end_if_too_much(number: int, watched: dict[Peer, Received]) -> None:
    if not stat.S_ISSOCK(os.fstat(number).st_mode):
        return
    # A duplicate names the same connection, whatever becomes of the number.
    with socket.socket(fileno=os.dup(number)) as one:
        if one.family not in {socket.AF_INET, socket.AF_INET6}:
            return
        name: Any = one.getpeername()
        received = watched.get((str(name[0]), str(name[1])))
        if received is None:
            return
        info = one.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)
        if received.is_too_little(int.from_bytes(info[_BYTES_RECEIVED], "little")):
            one.shutdown(socket.SHUT_RDWR)
