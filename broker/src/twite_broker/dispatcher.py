"""Sending ids to the broker in the background, so that a slow or dead one never delays a request."""

import logging
import queue
import threading
import time
from collections.abc import Sequence

from twite_broker import queues
from twite_broker.sender import Sender
from twite_common.database import TaskMessage
from twite_common.settings import Settings

log = logging.getLogger(__name__)

MAX_QUEUE_LENGTH = 10_000
FIRST_PAUSE_SECONDS = 1.0
MAX_PAUSE_SECONDS = 60.0


class Dispatcher:
    """Sends each message's id to the task of its name, from one thread of its own.

    When the broker fails, nothing is tried for a while and messages are dropped: the outbox makes up for them. The
    log says once that it is down and once that it is up again; `dropped` counts.
    """

    def __init__(self, settings: Settings, *, queue_name: str = queues.PREFIX) -> None:
        self.dropped = 0
        self._sender = Sender(settings, queue=queue_name)
        self._waiting: queue.Queue[TaskMessage | None] = queue.Queue(MAX_QUEUE_LENGTH)
        self._start = threading.Lock()
        self._thread: threading.Thread | None = None
        self._down_until = 0.0
        self._pause_seconds = 0.0

    def dispatch(self, messages: Sequence[TaskMessage]) -> None:
        """Take messages to be sent soon; returns at once and never raises."""
        self._run()
        for message in messages:
            try:
                self._waiting.put_nowait(message)
            except queue.Full:
                self.dropped += 1

    def close(self, timeout_seconds: float = 5.0) -> None:
        """Send what is waiting, as far as that goes within the time, and stop."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join(timeout_seconds)

    def _run(self) -> None:
        with self._start:
            if self._thread is None:
                self._thread = threading.Thread(target=self._send_all, name="dispatcher", daemon=True)
                self._thread.start()

    def _send_all(self) -> None:
        while (message := self._waiting.get()) is not None:
            if time.monotonic() < self._down_until:
                self.dropped += 1
                continue
            try:
                self._sender.send(message.task, [message.id])
            except Exception as error:  # noqa: BLE001 - whatever a broker's library raises, it is down
                self._failed(error)
            else:
                self._worked()
        self._sender.disconnect()

    def _failed(self, error: Exception) -> None:
        if not self._pause_seconds:
            log.warning("broker_down %s", {"error": type(error).__name__})
        self.dropped += 1
        self._pause_seconds = min(max(2 * self._pause_seconds, FIRST_PAUSE_SECONDS), MAX_PAUSE_SECONDS)
        self._down_until = time.monotonic() + self._pause_seconds

    def _worked(self) -> None:
        if self._pause_seconds:
            log.warning("broker_up %s", {"dropped": self.dropped})
        self._pause_seconds = 0.0
