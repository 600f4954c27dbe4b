"""What a worker does once it has connected to RabbitMQ."""

import uuid
from types import SimpleNamespace

import msgspec
import pytest
from amqp.exceptions import NotFound
from celery import Celery

from twite_broker import queues
from twite_broker.options import celery_options
from twite_tasks.consumer import Consumer, RemoveClassicQueues

BROKER = "amqp://guest:guest@127.0.0.1:5672//"


@pytest.fixture
def parent(settings):
    """What a step is given."""
    app = Celery("test", set_as_current=False)
    settings = msgspec.structs.replace(settings, broker=BROKER)
    app.conf.update(celery_options(settings, queue=f"test-{uuid.uuid4().hex}"))
    with app.connection_for_read() as connection:
        yield SimpleNamespace(app=app, connection=connection)
    app.close()


def there(parent, name):
    try:
        parent.connection.channel().queue_declare(name, passive=True)
    except NotFound:
        return False
    return True


@pytest.mark.needs("rabbitmq")
def test_queues_of_earlier_versions_are_removed_once_nobody_reads_them(parent):
    names = queues.classic_names(parent.app.conf.task_default_queue)
    channel = parent.connection.channel()
    for name in names:
        channel.queue_declare(name, durable=True, auto_delete=False)
        channel.basic_publish(channel.prepare_message(b"{}"), routing_key=name)
    channel.basic_consume(names[2], callback=lambda _message: None)
    step = RemoveClassicQueues(parent)
    step.start(parent)
    at_first = [name for name in names if there(parent, name)]
    channel.close()
    step.start(parent)

    assert at_first == [names[2]]
    assert not any(there(parent, name) for name in names)


@pytest.mark.needs("rabbitmq")
def test_that_is_done_in_rabbitmq_alone(parent):
    step = RemoveClassicQueues(parent)
    on_rabbitmq = step.include_if(parent)
    parent.app.conf.broker_url = "twitefolder://localhost"

    assert (on_rabbitmq, step.include_if(parent)) == (True, False)


def test_celery_makes_no_queues_for_tasks_that_start_later():
    steps = {name.rpartition(".")[2] for name in Consumer.Blueprint().claim_steps()}

    assert {"Connection", "Tasks", "Evloop"} < steps
    assert "DelayedDelivery" not in steps
