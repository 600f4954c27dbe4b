"""Learning that some process, this one or another, has written something for listeners."""

import logging
import threading
from collections.abc import Callable, Iterator
from functools import partial

from twite_common.processes import outage_log
from twite_common.queries.timelines.stream_events import CHANNEL
from twite_common.sql import engines

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 0.5
MAX_PAUSE_SECONDS = 10.0


Changes = Callable[[threading.Event], Iterator[None]]
"""What yields whenever there may be something new, until it is to stop."""


def of_database(url: str) -> Changes:
    """Return what yields whenever somebody may have written something for listeners into a database."""
    return partial(engines.changes, url, CHANNEL)


class Watch:
    """Calls `notice` from a thread of its own whenever there may be something new; it must not block or raise.

    When the database can't be reached, it is tried again and again. Then, too, `notice` is called, since nobody knows
    what was missed.
    """

    def __init__(self, changes: Changes, notice: Callable[[], None]) -> None:
        self._changes = changes
        self._notice = notice
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="changes", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Have the thread end soon; doesn't wait for it."""
        self._stopped.set()

    def wait(self, timeout_seconds: float = 2.0) -> None:
        """Wait until the thread has ended."""
        self._thread.join(timeout_seconds)

    def _run(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        lost = False
        while not self._stopped.is_set():
            try:
                for _ in self._changes(self._stopped):
                    if lost:
                        log.warning("changes_found")
                    lost, pause = False, FIRST_PAUSE_SECONDS
                    self._notice()
            except Exception as error:  # noqa: BLE001 - whatever the driver raises, it can't be reached
                if not lost:
                    log.warning("changes_lost %s", {"cause": outage_log.cause(error)})
                lost = True
                self._stopped.wait(pause)
                pause = min(2 * pause, MAX_PAUSE_SECONDS)
