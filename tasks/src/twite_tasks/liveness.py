"""Whether this worker and the clock are alive and making progress."""

import time
from collections.abc import Callable, Collection
from typing import Any

from twite_common import clock
from twite_common.database import Database
from twite_common.heartbeats import Heartbeats
from twite_common.processes import process_name, watchdog
from twite_common.processes.watchdog import Pulse
from twite_common.queries.operations.liveness import BROKER_AWAY
from twite_common.services.operations import heartbeats
from twite_tasks.clock import HEADER
from twite_tasks.pools import Pool

ASK_SECONDS = 5.0
AWAY_SECONDS = 10.0
"""A worker that isn't connected to the broker for longer than this isn't just connecting."""
SILENT_SECONDS = 30.0
"""A worker whose loop did nothing for this long is stuck."""


class WorkerLoop:
    """The loop in which a worker takes messages, asked now and then to give a sign of life."""

    def __init__(self, worker: Any) -> None:
        self._worker = worker
        self._pulse = Pulse()
        self._asked_at = 0.0

    def alive(self) -> bool:
        """Say whether the loop runs. While there is no broker it can't; connecting has limits of time of its own."""
        if not self.connected():
            self._pulse.beat()
            return True
        now = time.monotonic()
        if now - self._asked_at >= ASK_SECONDS:
            self._asked_at = now
            self._worker.consumer.call_soon(self._pulse.beat)
        return self._pulse.age_seconds() < SILENT_SECONDS

    def connected(self) -> bool:
        """Say whether there is a connection to the broker."""
        consumer = getattr(self._worker, "consumer", None)
        return consumer is not None and bool(consumer.connection)


class BrokerAbsence:
    """Writes down that this worker can't reach the broker: nothing else tells that from a dead clock."""

    def __init__(self, database: Database, connected: Callable[[], bool]) -> None:
        self._database = database
        self._connected = connected
        self._reached = Pulse()
        self._written = False

    def record(self) -> None:
        """Write down how it is, unless that is known."""
        if self._connected():
            self._reached.beat()
            if self._written:
                with self._database.writing() as db:
                    heartbeats.forget(db, process_name(BROKER_AWAY))
                self._written = False
        elif self._reached.age_seconds() > AWAY_SECONDS:
            with self._database.writing() as db:
                heartbeats.record(db, process_name(BROKER_AWAY), BROKER_AWAY, now=clock.now())
            self._written = True


class ClockSightings:
    """Writes down that the clock was seen: it has no way to the database, and only messages that arrive count."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen = ""
        self._recorded_at = 0.0

    def see(self, request: Any) -> None:
        """Keep in mind who sent a task's message, if it was the clock."""
        self._seen = (request.headers or {}).get(HEADER) or self._seen

    def record(self) -> None:
        """Write down that the clock was seen, unless that has just been done."""
        name, self._seen = self._seen, ""
        now = time.monotonic()
        if not name or now - self._recorded_at < heartbeats.EVERY_SECONDS - 1:
            return
        self._recorded_at = now
        with self._database.writing() as db:
            heartbeats.record(db, name, "clock", now=clock.now())


def watched(worker: Any, pools: Collection[Pool], sightings: ClockSightings, database: Database) -> Heartbeats:
    """Have it known that a worker is alive, and the clock that it hears of, until what this returns is stopped.

    A worker is when its loop takes messages, and its threads go on with their work.
    """
    loop = WorkerLoop(worker)

    def alive() -> bool:
        return loop.alive() and all(pool.alive() for pool in pools)

    watchdog.notify(watchdog.READY)
    watchdog.watch(alive)
    absence = BrokerAbsence(database, loop.connected)

    def also() -> None:
        absence.record()
        sightings.record()

    heartbeats = Heartbeats(database, "worker", alive, also=also)
    heartbeats.start()
    return heartbeats
