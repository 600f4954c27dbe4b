"""Threads for one kind of work, which no other kind can use.

A message only wakes them: what there is to do they find in the database, where its order is kept. So whatever number of
messages arrives takes no memory, and one that is lost costs no more than the time until the next.
"""

import logging
import threading
import time
from collections.abc import Callable

from twite_common.errors import DatabaseAway, level

log = logging.getLogger(__name__)


class Pool:
    """Does one kind of work in threads of its own, as long as there is some.

    `do_next` does the next piece of work and says whether there was one; none takes longer than `max_seconds`.
    """

    def __init__(self, name: str, threads: int, do_next: Callable[[], bool], *, max_seconds: float = 600.0) -> None:
        self.name = name
        self._longest_seconds = max_seconds
        self._begun: dict[str, float] = {}
        self._do_next = do_next
        self._changed = threading.Condition()
        self._woken = 0
        self._stopped = False
        self._threads = [
            threading.Thread(target=self._run, name=f"{name}-{number}", daemon=True) for number in range(threads)
        ]

    def start(self) -> None:
        """Start the threads, which look at once whether there is something to do."""
        for thread in self._threads:
            self.wake()
            thread.start()

    def wake(self) -> None:
        """Have one more thread look whether there is something to do; returns at once."""
        with self._changed:
            self._woken = min(self._woken + 1, len(self._threads))
            self._changed.notify()

    def alive(self) -> bool:
        """Say whether all threads are there and none has been at one piece of work for too long."""
        earliest = time.monotonic() - self._longest_seconds
        return all(thread.is_alive() for thread in self._threads) and all(
            started_at > earliest for started_at in list(self._begun.values())
        )

    def goes_on(self) -> bool:
        """Say whether work that takes long is to go on."""
        return not self._stopped

    def stop(self) -> None:
        """Begin nothing more."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def join(self, deadline: float) -> None:
        """Wait until what is under way has ended, or until a time of the monotonic clock."""
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, deadline - time.monotonic()))

    def _run(self) -> None:
        while self._wait():
            try:
                while not self._stopped and self._do_one():
                    pass
            except DatabaseAway as error:
                log.log(level(error), "work_failed %s", {"pool": self.name, "error": str(error)})
            except Exception:
                # Tried again with the next message; the clock causes one at least every few seconds.
                log.exception("work_failed %s", {"pool": self.name})

    def _do_one(self) -> bool:
        name = threading.current_thread().name
        self._begun[name] = time.monotonic()
        try:
            return self._do_next()
        finally:
            del self._begun[name]

    def _wait(self) -> bool:
        """Wait to be woken; return False when there is nothing to be done any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._woken or self._stopped)
            self._woken -= 1
            return not self._stopped
