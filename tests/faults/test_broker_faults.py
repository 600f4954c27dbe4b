"""Brokers that are cut off, silent, away and back: the clock, a worker and whoever announces go on by themselves.

Each part is a real process before a real broker, with a proxy in between that breaks their connection. Queues have
names of the test's own.
"""

import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from celery import Celery
from sqlalchemy import select

from support import proxy
from support.proxy import Proxy
from support.site_under_test import Site, wait_for
from twite_broker.dispatcher import Dispatcher
from twite_broker.options import celery_options, is_rabbitmq
from twite_broker.queues import queue_name
from twite_common import clock, outbox
from twite_common.database import TaskMessage
from twite_common.tables import event

pytestmark = [pytest.mark.faults, pytest.mark.once]

SERVERS = {"redis": (6379, "redis://127.0.0.1:{}/"), "rabbitmq": (5672, "amqp://guest:guest@127.0.0.1:{}//")}
FIRST_QUESTIONS = {"redis": b"BRPOP", "rabbitmq": b"\x00\x32\x00\x0a"}
"""What a worker sends when it begins to read queues: for RabbitMQ the start of `queue.declare` (AMQP 0-9-1)."""
TICK_SECONDS = AGAIN_SECONDS = 0.5
START_SECONDS = 90
"""How long a part may take to start on a busy machine."""
PARTS = {
    "clock": (
        "from twite_tasks import clock; clock.TICK_SECONDS = {'hand_over': %s}; clock.AGAIN_SECONDS = %s;"
        "clock.run(load(), queue=%r)"
    ),
    "worker": "from twite_tasks import worker; worker.run(load(), queue=%r)",
}


class Broken:
    """A site whose parts reach the broker through a proxy, and somebody who reads and sends beside it."""

    def __init__(self, site: Site, between: Proxy, address: str, first_question: bytes) -> None:
        self.site = site
        self.between = between
        self.first_question = first_question
        self.queue = f"test-{uuid.uuid4().hex}"
        self._direct = Celery("test", set_as_current=False)
        settings = msgspec.structs.replace(site.settings, broker=address)
        self._direct.conf.update(celery_options(settings, queue=self.queue))

    def start(self, part: str) -> None:
        """Start a part that uses the test's own queues."""
        values = (TICK_SECONDS, AGAIN_SECONDS, self.queue) if part == "clock" else (self.queue,)
        code = f"from twite_common.settings import load; {PARTS[part] % values}"
        log = (self.site.folder / f"{part}.log").open("wb")
        self.site.processes.append(
            subprocess.Popen(
                [sys.executable, "-c", code], env=self.site.environment, stdout=log, stderr=subprocess.STDOUT
            )
        )
        log.close()

    def dispatcher(self) -> Dispatcher:
        """Return what a web process has."""
        return Dispatcher(self.site.settings, queue_name=self.queue)

    def receive(self, kind: str, seconds: float) -> bool:
        """Say whether a message arrives in a queue within a time."""
        with self._direct.connection_for_read() as connection:
            queue = connection.SimpleQueue(self._named(kind))
            try:
                queue.get(timeout=seconds).ack()
            except queue.Empty:
                return False
            finally:
                queue.close()
        return True

    def forget(self, kind: str) -> None:
        """Remove what is in a queue."""
        with self._direct.connection_for_write() as connection:
            self._named(kind)(connection.default_channel).purge()

    def _named(self, kind: str) -> Any:
        quorum = is_rabbitmq(self.site.settings)
        return self._direct.amqp.queues[queue_name(self.queue, kind, quorum=quorum)]

    def works(self, seconds: float) -> None:
        """See that the worker does what a message asks for; messages come again and again, as from the clock."""
        with self.site.database.writing() as db:
            id = outbox.add(db, "notifications.created", now=clock.now(), notification_ids=[])

        def done() -> bool:
            self._direct.send_task(outbox.TASK, [id])
            with self.site.database.reading() as db:
                if db.scalar(select(event.c.id).where(event.c.id == id)) is None:
                    return True
            threading.Event().wait(0.3)
            return False

        wait_for(done, self.site.printed, seconds)

    def remove_queues(self) -> None:
        """Leave nothing on the broker, which others use."""
        with self._direct.connection_for_write() as connection:
            for queue in self._direct.amqp.queues.values():
                queue(connection.default_channel).delete()
        self._direct.close()


@pytest.fixture(
    params=[
        pytest.param("redis", marks=pytest.mark.needs("redis")),
        pytest.param("rabbitmq", marks=pytest.mark.needs("rabbitmq")),
    ]
)
def broken(request: pytest.FixtureRequest, make_site: Callable[..., Site]) -> Iterator[Broken]:
    port, address = SERVERS[request.param]
    with proxy.before(port) as between:
        site = make_site(broker=address.format(between.port))
        made = Broken(site, between, address.format(port), FIRST_QUESTIONS[request.param])
        yield made
        site.stop()
        made.remove_queues()


def test_the_clock_ticks_again_after_its_connection_was_cut_or_silent_or_the_broker_away(broken: Broken):
    broken.start("clock")
    assert broken.receive("jobs", START_SECONDS), broken.site.printed()
    broken.between.cut()
    broken.forget("jobs")
    assert broken.receive("jobs", 10), broken.site.printed()
    broken.between.leave()
    wait_for(lambda: "broker_down" in broken.site.printed(), broken.site.printed)
    broken.forget("jobs")
    broken.between.listen()

    assert broken.receive("jobs", 20), broken.site.printed()
    wait_for(lambda: "broker_up" in broken.site.printed(), broken.site.printed)
    broken.between.hold(new_too=False)
    broken.forget("jobs")
    assert broken.receive("jobs", 20), broken.site.printed()


def test_a_worker_hears_of_work_again_after_its_connection_was_cut_or_the_broker_was_away(broken: Broken):
    broken.start("worker")
    broken.works(START_SECONDS)
    broken.between.cut()
    broken.works(20)
    broken.between.leave()
    broken.between.listen()

    broken.works(20)


def test_whoever_announces_goes_on_after_the_connection_was_cut_or_silent(broken: Broken):
    dispatcher = broken.dispatcher()
    message = [TaskMessage(outbox.TASK, 1)]
    dispatcher.dispatch(message)
    assert broken.receive("events", 20)
    broken.between.cut()
    announced_again(broken, dispatcher)
    broken.between.hold(new_too=False)
    announced_again(broken, dispatcher)
    dispatcher.close()


def announced_again(broken: Broken, dispatcher: Dispatcher) -> None:
    """Wait until an message arrives; some may be dropped where a new connection takes long."""

    def arrives() -> bool:
        dispatcher.dispatch([TaskMessage(outbox.TASK, 1)])
        return broken.receive("events", 4)

    wait_for(arrives, seconds=60)


def test_everything_goes_on_after_the_broker_was_silent_for_a_while(broken: Broken, long_faults: bool):
    broken.start("clock")
    broken.start("worker")
    broken.works(START_SECONDS)
    broken.between.hold(new_too=True)
    threading.Event().wait(120 if long_faults else 4)
    broken.between.let_go()
    broken.works(30)
    broken.forget("jobs")
    # The clock's alone: what a worker announced meanwhile is dropped, and it says no more until it announces again.
    said = (broken.site.folder / "clock.log").read_text
    wait_for(lambda: "broker_up" in said() or "broker_down" not in said(), broken.site.printed)
    if long_faults:
        broken.between.hold(new_too=False)
        # The old connections stay silent for ever; a worker learns that by its heartbeats.
        broken.works(120)


def test_a_worker_whose_broker_falls_silent_while_it_sets_out_connects_anew(broken: Broken):
    broken.between.hold_at(broken.first_question)
    broken.start("worker")
    # What is there when it starts a worker does without being told.
    broken.works(START_SECONDS)
    wait_for(broken.between.holds, broken.site.printed)

    broken.works(60)
