"""The clock's scheduler: Celery's, with a sign of life for each message, and ticks that survive a clock that is set.

Celery's own goes by the time of day: set back by an hour, it would send nothing for that long.
"""

import time
from typing import Any

from celery.beat import Scheduler

from twite_common import watchdog
from twite_common.processes import process_name
from twite_common.watchdog import Pulse

UNSENT_SECONDS = 45.0
"""A clock that sent nothing for this long is stuck: the most frequent job is asked for every ten seconds."""
STEP_SECONDS = 1.0
"""A system's clock that went on by this much more or less than time did was set."""
HEADER = "twite_clock"
"""The header by which workers know the clock's messages; it names the process."""


class WatchedScheduler(Scheduler):  # type: ignore[misc] # Celery has no types
    """Sends what is due; `twite_common.watchdog` is told while messages really leave."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._pulse = Pulse()
        self._offset = _offset()
        super().__init__(*arguments, **options)

    def tick(self, *arguments: Any, **options: Any) -> float:
        """Send what is due; return in how many seconds to look again."""
        offset = _offset()
        if abs(offset - self._offset) > STEP_SECONDS:
            self._begin_anew()
        self._offset = offset
        interval: float = super().tick(*arguments, **options)
        return interval

    def send_task(self, *arguments: Any, **options: Any) -> Any:
        """Send a message and note that it was."""
        sent = super().send_task(*arguments, **options)
        self._pulse.beat()
        return sent

    def alive(self) -> bool:
        """Say whether messages leave."""
        return self._pulse.age_seconds() < UNSENT_SECONDS

    def setup_schedule(self) -> None:
        """Begin, and say so."""
        super().setup_schedule()
        watchdog.notify(watchdog.READY)
        watchdog.watch(self.alive)

    def _begin_anew(self) -> None:
        """Have everything sent again from now on; a job that isn't due isn't done."""
        for entry in self.schedule.values():
            entry.last_run_at = entry.default_now() - entry.schedule.run_every
        self._heap = None


def header() -> dict[str, str]:
    """Return the header with which this clock sends its messages."""
    return {HEADER: process_name("clock")}


def _offset() -> float:
    """Return how far the time of day is from the time that only goes on."""
    return time.time() - time.monotonic()
