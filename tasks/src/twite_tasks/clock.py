"""Running the clock, which triggers periodic jobs. There is one; a second does no harm.

It knows the jobs by their names alone: what they need would only fill its memory. It counts by a clock that nobody
sets, and makes a new connection to the broker when one fails; Celery's beat does neither.
"""

import logging
import signal
import threading
import time
from types import FrameType

from twite_broker import queues
from twite_broker.sender import Sender
from twite_common.processes import process_name, watchdog
from twite_common.processes.watchdog import Pulse
from twite_common.settings import Settings
from twite_tasks import logs

log = logging.getLogger(__name__)

TASK = "jobs.run"
TICK_SECONDS: dict[str, float] = {
    "hand_over": 10.0,
    "scheduled_posts": 10.0,
    "posts_over": 10.0,
    "announcements": 60.0,
    "trends": 300.0,
    "polls": 20.0,
    "statistics": 600.0,
    "statistics_history": 600.0,
    "statistics_mail": 600.0,
    "weekly_mail": 3600.0,
    "mail_followers": 300.0,
    "second_factors": 3600.0,
    "archives": 600.0,
    "deactivated": 3600.0,
    "old_posts": 300.0,
    "domain_lists": 600.0,
    "mail_bounces": 300.0,
    "mail_domain": 3600.0,
    "clean": 3600.0,
    "clean_unused": 300.0,
    "clean_streams": 60.0,
    "forget_words": 60.0,
    "trim_timelines": 3600.0,
    "sweep_media": 3600.0,
    "due_times": 20.0,
}
"""How often the clock asks for each job."""
MIN_SECONDS = 60.0
"""No message expires sooner: the clock of a worker's machine may be ahead of this one's."""
UNSENT_SECONDS = 45.0
"""A clock that sent nothing for this long, and doesn't try to, is stuck."""
HEADER = "twite_clock"
"""The header by which workers know the clock's messages; it names the process."""
AGAIN_SECONDS = 5.0
"""When the clock tries again after the broker failed; the log says once that it is down, and once that it is up."""


def run(settings: Settings, *, queue: str = queues.PREFIX) -> None:
    """Tick until told to stop by SIGTERM or SIGINT; blocks."""
    # Each tick would be a line of its own.
    logs.set_up(max(settings.log_level, "WARNING", key=logging.getLevelNamesMapping().__getitem__))
    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    ticker = Ticker(Sender(settings, queue=queue))
    watchdog.notify(watchdog.READY)
    watchdog.watch(ticker.alive)
    ticker.run(stopped)


class Ticker:
    """Asks for each job when its time has come; messages expire, so that no more than a few pile up unread."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._due = dict.fromkeys(TICK_SECONDS, time.monotonic())
        self._down = False
        self._pulse = Pulse()
        self._headers = header()

    def alive(self) -> bool:
        """Say whether messages leave, or are at least tried to be sent."""
        return self._pulse.age_seconds() < UNSENT_SECONDS

    def run(self, stopped: threading.Event) -> None:
        """Tick until told to stop."""
        while not stopped.is_set():
            seconds = self.tick()
            stopped.wait(seconds)
        self._sender.disconnect()

    def tick(self) -> float:
        """Ask for the jobs that are due and return in how many seconds there is something to do again."""
        now = time.monotonic()
        for name in [name for name, due in self._due.items() if due <= now]:
            try:
                expires = max(TICK_SECONDS[name], MIN_SECONDS)
                self._sender.send(TASK, [name], expires_seconds=expires, headers=self._headers)
            except Exception as error:  # noqa: BLE001 - whatever a broker's library raises, it is down
                self._failed(error)
                return AGAIN_SECONDS
            self._worked()
            self._due[name] = now + TICK_SECONDS[name]
        return max(0.0, min(self._due.values()) - time.monotonic())

    def _failed(self, error: Exception) -> None:
        self._pulse.beat()
        if not self._down:
            log.warning("broker_down %s", {"error": type(error).__name__})
        self._down = True

    def _worked(self) -> None:
        self._pulse.beat()
        if self._down:
            log.warning("broker_up")
        self._down = False


def header() -> dict[str, str]:
    """Return the header with which this clock sends its messages."""
    return {HEADER: process_name("clock")}
