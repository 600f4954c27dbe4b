"""Taking turns: a few at once, in order of arrival, but each key has a turn before any key has another.

Whoever waits for a connection of SQLAlchemy's pool can be overtaken by every other thread that asks for one at the
moment it is free: with 16 writers some waited until the others had done.
"""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import NamedTuple

from twite_common.errors import Unavailable
from twite_common.translations import gettext as _
from twite_common.translations import marked

BUSY = marked("The server is too busy at the moment. Nothing was changed; please try again.")


class Waiter(NamedTuple):
    """A thread that waits: those of an earlier round are first, and in a round those that came first."""

    round: int
    number: int
    gate: Lock
    key: Hashable


class FairSemaphore:
    """Lets so many threads in at once; of those that wait no more than `max_waiting`, if that is given.

    Who gives a key is one with all that give the same: no more than `max_waiting_of_one` of these wait, and one in
    each round has a turn. `busy` is the sentence of those whose turn doesn't come.
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
        self._waiting: list[Waiter] = []
        self._came = 0
        self._round = 0
        # By key, the round of the last turn that was asked for or had; what is before this round makes no difference.
        self._rounds: dict[Hashable, int] = {}

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
            self._end()

    def _begin(self, key: Hashable) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                self._rounds[key] = self._round
                return
            if self._too_many(key):
                raise Unavailable(_(self._busy))
            waiter = self._joined(key)
        if waiter.gate.acquire(timeout=self._timeout_seconds):
            return
        with self._lock:
            # Where it is gone from those that wait, the turn came at the last moment.
            if waiter in self._waiting:
                self._waiting.remove(waiter)
                raise Unavailable(_(self._busy))

    def _joined(self, key: Hashable) -> Waiter:
        """Return one more that waits, whose gate opens when it is its turn."""
        gate = Lock()
        gate.acquire()
        round = self._round if key is None else max(self._round, self._rounds.get(key, -1) + 1)
        self._rounds[key] = round
        self._came += 1
        waiter = Waiter(round, self._came, gate, key)
        self._waiting.append(waiter)
        return waiter

    def _too_many(self, key: Hashable) -> bool:
        if self._max_waiting is not None and len(self._waiting) >= self._max_waiting:
            return True
        of_one = sum(waiter.key == key for waiter in self._waiting) if key is not None else 0
        return self._max_waiting_of_one is not None and of_one >= self._max_waiting_of_one

    def _end(self) -> None:
        with self._lock:
            if not self._waiting:
                self._free += 1
                self._rounds.clear()
                return
            following = min(self._waiting)
            self._waiting.remove(following)
            if following.round > self._round:
                self._round = following.round
                self._rounds = {key: round for key, round in self._rounds.items() if round >= self._round}
            following.gate.release()
