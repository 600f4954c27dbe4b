"""Sending tasks over one connection, and over another once that is gone."""

import msgspec
import pytest
from celery import Celery
from kombu.connection import Connection

from twite_broker import queues
from twite_broker.options import celery_options
from twite_broker.sender import Sender

BROKER = "amqp://guest:guest@127.0.0.1:5672//"


@pytest.mark.needs("rabbitmq")
def test_a_new_connection_declares_a_queue_that_is_gone(settings, queue):
    settings = msgspec.structs.replace(settings, broker=BROKER)
    sender = Sender(settings, queue=queue)
    app = Celery("test", set_as_current=False)
    app.conf.update(celery_options(settings, queue=queue))
    with Connection(BROKER) as connection:
        messages = app.amqp.queues[queues.queue_name(queue, "mail", quorum=True)].bind(connection)
        sender.send("mails.send", [1])
        sender.send("mails.send", [2])
        assert messages.delete() == 2

        sender.disconnect()
        sender.send("mails.send", [3])

        assert messages.delete() == 1
    sender.disconnect()
    app.close()
