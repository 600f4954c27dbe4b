"""Which queue a task's messages go to."""

from typing import Any

import msgspec
import pytest
from amqp.exceptions import PreconditionFailed
from celery import Celery

from support.site_under_test import wait_for
from twite_broker import queues
from twite_broker.options import celery_options

RABBITMQ = "amqp://guest:guest@127.0.0.1:5672//"
CLASSIC = {"x-queue-type": "classic", "x-max-length": queues.MAX_LENGTH}
TASKS = [(kind, task) for kind, tasks in queues.QUEUES.items() for task in tasks]


@pytest.fixture
def take(app, queue):
    """Take the next message of a queue, as its task's name; None when there is none."""
    connection = app.connection_for_read()

    def take(name):
        simple = connection.SimpleQueue(app.amqp.queues[name])
        try:
            message = simple.get(block=False)
        except simple.Empty:
            return None
        message.ack()
        return message.headers["task"]

    yield take
    connection.close()


@pytest.mark.parametrize(("kind", "task"), TASKS)
def test_each_task_has_the_queue_of_its_kind_of_work(app, queue, take, kind, task):
    app.send_task(task, [1])

    assert take(f"{queue}.{kind}") == task
    assert take(queue) is None


def test_a_worker_for_all_kinds_reads_the_queue_of_earlier_versions_too(settings):
    task_queues: Any = celery_options(settings)["task_queues"]
    names = [one.name for one in task_queues]

    assert names == [*(f"twite.{kind}" for kind in queues.QUEUES), "twite"]


def test_who_does_one_kind_only_still_sends_to_all(settings, queue, take):
    one = Celery("test", set_as_current=False)
    one.conf.update(celery_options(settings, queue=queue, only=("media",)))
    one.send_task("mails.send", [1])
    one.close()

    assert [each.name for each in one.conf.task_queues] == [f"{queue}.media"]
    assert take(f"{queue}.mail") == "mails.send"


@pytest.fixture
def on_rabbitmq(settings, queue):
    """Somebody who sends tasks over RabbitMQ; the queues are removed with it."""
    app = Celery("test", set_as_current=False)
    app.conf.update(celery_options(msgspec.structs.replace(settings, broker=RABBITMQ), queue=queue))
    yield app
    with app.connection_for_write() as connection:
        for one in app.amqp.queues.values():
            one(connection.default_channel).delete()
    app.close()


@pytest.mark.needs("rabbitmq")
@pytest.mark.parametrize(("kind", "task"), TASKS)
def test_in_rabbitmq_each_kind_of_work_has_a_quorum_queue(on_rabbitmq, queue, kind, task):
    on_rabbitmq.send_task(task, [1])
    name = f"{queue}.quorum.{kind}"
    with on_rabbitmq.connection_for_read() as connection:
        # A quorum of the nodes agrees on a message before it can be had.
        message = wait_for(lambda: connection.default_channel.basic_get(name, no_ack=True))
        with pytest.raises(PreconditionFailed, match="x-queue-type"):
            connection.channel().queue_declare(name, durable=True, auto_delete=False, arguments=CLASSIC)

    assert message.headers["task"] == task


@pytest.mark.needs("rabbitmq")
def test_a_queue_that_nobody_reads_keeps_the_newest_messages(on_rabbitmq, monkeypatch):
    monkeypatch.setattr(queues, "MAX_LENGTH", 3)
    on_rabbitmq.conf.update(queues.options(on_rabbitmq.conf.task_default_queue, quorum=True))
    for number in range(5):
        on_rabbitmq.send_task("mails.send", [number])
    name = queues.queue_name(on_rabbitmq.conf.task_default_queue, "mail", quorum=True)
    with on_rabbitmq.connection_for_read() as connection:
        waiting = iter(lambda: connection.default_channel.basic_get(name, no_ack=True), None)
        kept = [msgspec.json.decode(message.body)[0] for message in waiting]

    assert kept == [[2], [3], [4]]
