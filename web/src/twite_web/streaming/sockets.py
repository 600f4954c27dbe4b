"""This process's own sockets, which ASGI doesn't show: found in Linux's list of the files that a process has open."""

import os
import socket
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

_OPEN_FILES = Path("/proc/self/fd")


def are_listed() -> bool:
    """Say whether the system has such a list."""
    return _OPEN_FILES.exists()


def descriptors() -> list[int]:
    """Return the descriptors of all files that are open now, sockets and others."""
    return [int(file.name) for file in _OPEN_FILES.iterdir()]


def opened(descriptors: Iterable[int]) -> Iterator[tuple[int, socket.socket]]:
    """Give those that are sockets, one after the other, each until the next one is asked for."""
    for descriptor in descriptors:
        try:
            if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                continue
            connection = socket.socket(fileno=descriptor)
        except OSError:
            # It was closed meanwhile.
            continue
        try:
            yield descriptor, connection
        finally:
            # Closing it is its owner's affair.
            connection.detach()
