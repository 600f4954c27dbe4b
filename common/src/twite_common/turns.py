"""Taking turns: few at once, and in the order in which they came.

Whoever waits for a connection of SQLAlchemy's pool can be overtaken by every other thread that asks for one at the
moment it is free: with 16 writers some waited until the others had done.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from twite_common.errors import Unavailable


class Turns:
    """Lets so many threads in at once."""

    def __init__(self, number: int, *, patience_seconds: float) -> None:
        self._free = number
        self._patience_seconds = patience_seconds
        self._lock = Lock()
        self._waiting: deque[Lock] = deque()

    @property
    def waiting(self) -> int:
        """How many threads wait."""
        return len(self._waiting)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until it is one's turn.

        Raises Unavailable when that takes too long.
        """
        self._begin()
        try:
            yield
        finally:
            self._end()

    def _begin(self) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            gate = Lock()
            gate.acquire()
            self._waiting.append(gate)
        if gate.acquire(timeout=self._patience_seconds):
            return
        with self._lock:
            # Where the gate is gone from those that wait, the turn came at the last moment.
            if gate in self._waiting:
                self._waiting.remove(gate)
                raise Unavailable("The server is too busy at the moment. Nothing was changed; please try again.")

    def _end(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1
