"""Sending tasks by name over a connection that is re-established when it fails.

Celery's own producers, and so its beat, keep a connection that was cut: with `task_publish_retry` off, each later
message fails at the closed channel. Without an acknowledgement a message into a dead connection even seems to be sent.
"""

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from twite_broker import queues
from twite_broker.options import TIMEOUT_SECONDS, celery_options, sending_options
from twite_common.settings import Settings

log = logging.getLogger(__name__)


class Sender:
    """Sends tasks from one thread. What it needs takes a while to be imported, and is only when it is used first."""

    def __init__(self, settings: Settings, *, queue: str = queues.PREFIX) -> None:
        self._settings = settings
        self._queue = queue
        self._app: Any = None
        self._connection: Any = None
        self._producer: Any = None
        # Tasks of which a message went over this connection, so that their queues are there.
        self._sent: set[str] = set()

    def send(
        self,
        task: str,
        arguments: Sequence[object],
        *,
        expires_seconds: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Send a task, once more over a new connection if the one that was there fails.

        Raises whatever the broker's library does when that fails too; no attempt takes longer than some seconds.
        """
        if self._producer is not None:
            try:
                self._send(task, arguments, expires_seconds, headers)
            except Exception as error:  # noqa: BLE001 - whatever a broker's library raises, the connection is of no use
                log.info("broker_connection_lost %s", {"error": type(error).__name__})
                self.disconnect()
            else:
                return
        try:
            self._connect()
            self._send(task, arguments, expires_seconds, headers)
        except BaseException:
            self.disconnect()
            raise

    def disconnect(self) -> None:
        """Close the connection; the next message makes a new one."""
        connection, self._connection, self._producer = self._connection, None, None
        self._sent.clear()
        if connection is not None:
            # One that is dead can't be closed in an orderly way.
            with suppress(Exception):
                connection.release()

    def _connect(self) -> None:
        if self._app is None:
            from celery import Celery

            self._app = Celery("twite", set_as_current=False)
            self._app.conf.update(celery_options(self._settings, queue=self._queue))
        self._connection = self._app.connection_for_write(transport_options=sending_options(self._settings))
        self._connection.connect()
        self._producer = self._app.amqp.Producer(self._connection, auto_declare=False)

    def _send(
        self, task: str, arguments: Sequence[object], expires_seconds: float | None, headers: Mapping[str, str] | None
    ) -> None:
        self._app.send_task(
            task,
            list(arguments),
            expires=expires_seconds,
            headers=headers,
            retry=False,
            producer=self._producer,
            # Celery would compare what the queue is to be with what is declared, a fifth of the work of each message.
            declare=() if task in self._sent else None,
            timeout=TIMEOUT_SECONDS,
            confirm_timeout=TIMEOUT_SECONDS,
        )
        self._sent.add(task)
