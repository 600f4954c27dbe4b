"""Taking turns: few at once, and in the order in which they came.

Whoever waits for a connection of SQLAlchemy's pool can be overtaken by every other thread that asks for one at the
moment it is free: with 16 writers some waited until the others had done.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from twite_common.errors import Unavailable

BUSY = "The server is too busy at the moment. Nothing was changed; please try again."


class Turns:
    """Lets so many threads in at once; of those that wait no more than `most_waiting`, if that is given.

    `busy` is the sentence of those whose turn doesn't come.
    """

    def __init__(
        self, number: int, *, patience_seconds: float, most_waiting: int | None = None, busy: str = BUSY
    ) -> None:
        self._free = number
        self._patience_seconds = patience_seconds
        self._most_waiting = most_waiting
        self._busy = busy
        self._lock = Lock()
        self._waiting: deque[Lock] = deque()

    @property
    def waiting(self) -> int:
        """How many threads wait."""
        return len(self._waiting)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until it is one's turn.

        Raises Unavailable when that takes too long, and at once where too many wait already.
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
            if self._most_waiting is not None and len(self._waiting) >= self._most_waiting:
                raise Unavailable(self._busy)
            gate = Lock()
            gate.acquire()
            self._waiting.append(gate)
        if gate.acquire(timeout=self._patience_seconds):
            return
        with self._lock:
            # Where the gate is gone from those that wait, the turn came at the last moment.
            if gate in self._waiting:
                self._waiting.remove(gate)
                raise Unavailable(self._busy)

    def _end(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1
