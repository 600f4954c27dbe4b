"""Which queue a task's messages go to."""

from typing import Any

import pytest
from celery import Celery

from twite_broker import queues
from twite_broker.options import celery_options

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
