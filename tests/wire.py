"""A wire between two parts, which a test can cut."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Wire:
    """Passes on what comes to its port, until it is cut and again when it is mended."""

    def __init__(self, host: str, port: int) -> None:
        self._there = (host, port)
        self._here = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._here.getsockname()[1]
        self._whole = True
        self._ends: set[socket.socket] = set()
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def cut(self) -> None:
        """End all connections, and take no new one."""
        self._whole = False
        for end in list(self._ends):
            _shut(end)

    def mend(self) -> None:
        """Take connections again."""
        self._whole = True

    def close(self) -> None:
        """End all connections, and listen no more."""
        self.cut()
        _shut(self._here)
        self._here.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._here.accept()
            except OSError:
                return
            if not self._whole:
                near.close()
                continue
            far = socket.create_connection(self._there)
            self._ends |= {near, far}
            thread = threading.Thread(target=self._pass_on_both_ways, args=(near, far))
            self._threads.append(thread)
            thread.start()

    def _pass_on_both_ways(self, near: socket.socket, far: socket.socket) -> None:
        back = threading.Thread(target=_pass_on, args=(far, near))
        back.start()
        _pass_on(near, far)
        back.join()
        self._ends -= {near, far}
        near.close()
        far.close()


@contextmanager
def wire(host: str, port: int) -> Iterator[Wire]:
    """Give a wire to a server for as long as the block lasts."""
    made = Wire(host, port)
    try:
        yield made
    finally:
        made.close()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    _shut(source)
    _shut(target)


def _shut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
