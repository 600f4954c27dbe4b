"""Telling other processes that something was committed, without having those who write wait for it.

PostgreSQL has transactions that notify commit one at a time, each with its wait for the disk. So whoever has written
goes on, and one thread tells for all, once for what was committed meanwhile.
"""

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)


class Announcer:
    """Calls `publish` from a thread of its own, soon after it was asked to; a failure is logged once.

    What couldn't be told costs listeners a few seconds: they look now and then without being told.
    """

    def __init__(self, publish: Callable[[], None]) -> None:
        self._publish = publish
        self._changed = threading.Condition()
        self._news = self._stopped = self._failed = False
        self._thread: threading.Thread | None = None

    def announce(self) -> None:
        """Have others told; returns at once and never raises."""
        with self._changed:
            self._news = True
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="announcer", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self, timeout_seconds: float = 5.0) -> None:
        """Tell what is still to be told, as far as that goes within the time, and stop."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(timeout_seconds)

    def _run(self) -> None:
        while self._wait():
            try:
                self._publish()
            except Exception as error:  # noqa: BLE001 - whatever a driver raises, nobody was told
                if not self._failed:
                    log.warning("news_not_told %s", {"error": type(error).__name__})
                self._failed = True
            else:
                self._failed = False

    def _wait(self) -> bool:
        """Wait until there is something to tell; return False when there won't be any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._news or self._stopped)
            news, self._news = self._news, False
            return news
