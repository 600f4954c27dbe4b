"""Taking turns: a few at once, in order of arrival.

Whoever waits for a connection of SQLAlchemy's pool can be overtaken by every other thread that asks for one at the
moment it is free: with 16 writers some waited until the others had done.
"""

from collections import deque
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from threading import Lock

from twite_common.errors import Unavailable

BUSY = "The server is too busy at the moment. Nothing was changed; please try again."


class FairSemaphore:
    """Lets so many threads in at once; of those that wait no more than `max_waiting`, if that is given.

    Who gives a key is one with all that give the same: no more than `max_waiting_of_one` of these wait, and when one
    of them has done, whoever waits with another key, or none, is first. `busy` is the sentence of those whose turn
    doesn't come.
    """

    def __init__(
        self,
        number: int,
        *,
        timeout_seconds: float,
        max_waiting: int | None = None,
        max_waiting_of_one: int | None = None,
        busy: str = BUSY,
    ) -> None:
        self._free = number
        self._timeout_seconds = timeout_seconds
        self._max_waiting = max_waiting
        self._max_waiting_of_one = max_waiting_of_one
        self._busy = busy
        self._lock = Lock()
        self._waiting: deque[tuple[Lock, Hashable]] = deque()

    @property
    def waiting(self) -> int:
        """How many threads wait."""
        return len(self._waiting)

    @contextmanager
    def turn(self, key: Hashable = None) -> Iterator[None]:
        """Wait until it is one's turn.

        Raises Unavailable when that takes too long, and at once where too many wait already.
        """
        self._begin(key)
        try:
            yield
        finally:
            self._end(key)

    def _begin(self, key: Hashable) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            if self._too_many(key):
                raise Unavailable(self._busy)
            gate = Lock()
            gate.acquire()
            self._waiting.append((gate, key))
        if gate.acquire(timeout=self._timeout_seconds):
            return
        with self._lock:
            # Where the gate is gone from those that wait, the turn came at the last moment.
            if (gate, key) in self._waiting:
                self._waiting.remove((gate, key))
                raise Unavailable(self._busy)

    def _too_many(self, key: Hashable) -> bool:
        if self._max_waiting is not None and len(self._waiting) >= self._max_waiting:
            return True
        of_one = sum(waiting == key for _, waiting in self._waiting) if key is not None else 0
        return self._max_waiting_of_one is not None and of_one >= self._max_waiting_of_one

    def _end(self, key: Hashable) -> None:
        with self._lock:
            if not self._waiting:
                self._free += 1
                return
            others = (one for one in self._waiting if key is None or one[1] != key)
            following = next(others, self._waiting[0])
            self._waiting.remove(following)
            following[0].release()
