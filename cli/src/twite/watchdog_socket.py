"""Receiving the signs of life that parts send with `twite_common.processes.watchdog`."""

import os
import socket
import struct
import sys
from collections.abc import Iterator

_CREDENTIALS = struct.Struct("3i")
"""Number, user and group of the process that sent a datagram (unix(7), SCM_CREDENTIALS)."""
_MAX_LENGTH = 4096


class Listener:
    """A socket at which parts say that they are alive. Only Linux can tell who sent something; elsewhere none is."""

    def __init__(self) -> None:
        self.address = ""
        self._socket: socket.socket | None = None
        if sys.platform == "linux":
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            # A name of Linux's own, which it chooses: nothing is left behind.
            self._socket.bind("")
            self.address = "@" + self._socket.getsockname()[1:].decode()

    def heard(self) -> Iterator[int]:
        """Yield the number of each process of this user that has said something since the last time."""
        while self._socket is not None:
            try:
                _, ancillary, _, _ = self._socket.recvmsg(_MAX_LENGTH, socket.CMSG_SPACE(_CREDENTIALS.size))
            except BlockingIOError:
                return
            for _level, _kind, data in ancillary:
                pid, user, _group = _CREDENTIALS.unpack(data[: _CREDENTIALS.size])
                if user == os.geteuid():
                    yield pid
