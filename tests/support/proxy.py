"""A small TCP proxy between a part of a site and a server, which can cut connections, hold them, or be away."""

import selectors
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from support.site_under_test import free_port

_RESET = struct.pack("ii", 1, 0)


class Proxy:
    """Forwards what comes to `port` to a server of this machine."""

    def __init__(self, server_port: int) -> None:
        self.port = free_port()
        self.accepted = 0
        self._server_port = server_port
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._held: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        self._held_from_start = False
        self._held_at: bytes | None = None
        self.listen()

    def listen(self) -> None:
        """Accept connections, as in the beginning and again after `leave`."""
        listener = socket.create_server(("127.0.0.1", self.port))
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """End all connections without a word, as when a machine has gone."""
        with self._lock:
            pairs, self._pairs = self._pairs, []
            self._held.clear()
        for one in (one for pair in pairs for one in pair):
            with suppress(OSError):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def leave(self) -> None:
        """Accept no connections any more, and end those that there are."""
        if self._listener is not None:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        self.cut()

    def hold(self, *, new_too: bool) -> None:
        """Forward nothing more over the connections that there are, without ending them; or over new ones either."""
        with self._lock:
            self._held = {one for pair in self._pairs for one in pair}
            self._held_from_start = new_too

    def hold_at(self, content: bytes) -> None:
        """Forward nothing more over the one connection over which this comes next, without ending it."""
        self._held_at = content

    def holds(self) -> bool:
        """Say whether some connection is held."""
        with self._lock:
            return bool(self._held)

    def let_go(self) -> None:
        """Forward everything again."""
        with self._lock:
            self._held.clear()
            self._held_from_start = False

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._server_port), timeout=5)
            except OSError:
                client.close()
                continue
            with self._lock:
                self.accepted += 1
                self._pairs.append((client, server))
                if self._held_from_start:
                    self._held.update((client, server))
            threading.Thread(target=self._forward, args=(client, server), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        others = {client: server, server: client}
        with selectors.DefaultSelector() as selector, suppress(OSError, ValueError):
            for one in others:
                selector.register(one, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select(0.1):
                    ready = key.fileobj
                    assert isinstance(ready, socket.socket)
                    if self._is_held(ready):
                        threading.Event().wait(0.05)
                        continue
                    content = ready.recv(65536)
                    if not content:
                        raise OSError
                    if self._held_at is not None and self._held_at in content:
                        self._held_at = None
                        with self._lock:
                            self._held.update(others)
                        continue
                    others[ready].sendall(content)
        for one in others:
            one.close()

    def _is_held(self, one: socket.socket) -> bool:
        with self._lock:
            return one in self._held


@contextmanager
def before(server_port: int) -> Iterator[Proxy]:
    """Give a proxy before a server of this machine, for as long as the block lasts."""
    proxy = Proxy(server_port)
    try:
        yield proxy
    finally:
        proxy.leave()
