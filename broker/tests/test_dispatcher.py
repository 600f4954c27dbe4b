"""Handing ids over in the background: whatever becomes of the broker, nobody waits and nothing is raised."""

import logging
import subprocess
import threading

import msgspec
import pytest

from support.site_under_test import free_port, wait_for
from twite_broker.connectivity import check
from twite_broker.dispatcher import Dispatcher
from twite_broker.sender import Sender
from twite_common.database import TaskMessage
from twite_common.errors import Unavailable


@pytest.fixture
def dispatcher(settings, queue):
    dispatcher = Dispatcher(settings, queue_name=queue)
    yield dispatcher
    dispatcher.close()


def waiting(settings):
    return sorted((settings.data / "broker" / "messages").glob("*.msg"))


def test_each_announcement_becomes_a_message(dispatcher, settings):
    dispatcher.dispatch([TaskMessage("some.task", 1), TaskMessage("other.task", 2)])
    dispatcher.close()

    assert len(waiting(settings)) == 2


def test_a_broker_that_is_down_costs_no_time_and_is_said_once(settings, queue, caplog, monkeypatch):
    port = free_port()
    down = Dispatcher(msgspec.structs.replace(settings, broker=f"redis://:sesame@127.0.0.1:{port}/"), queue_name=queue)
    announced, send = threading.Event(), Sender.send

    def send_later(*arguments):
        announced.wait()
        send(*arguments)

    monkeypatch.setattr(Sender, "send", send_later)
    with caplog.at_level(logging.WARNING, logger="twite_broker"):
        # Whoever announces comes to the end of it although nothing has been tried yet.
        for number in range(100):
            down.dispatch([TaskMessage("some.task", number)])
        tried = down.dropped
        announced.set()
        wait_for(lambda: down.dropped == 100)
    down.close()

    assert tried == 0
    assert [record.getMessage().partition(" ")[0] for record in caplog.records] == ["broker_down"]
    assert "sesame" not in caplog.text


def test_announcements_that_find_no_room_are_dropped_and_counted(dispatcher, monkeypatch):
    monkeypatch.setattr(dispatcher, "_run", lambda: None)
    dispatcher.dispatch([TaskMessage("some.task", number) for number in range(10_005)])

    assert dispatcher.dropped == 5


@pytest.mark.parametrize(
    "broker",
    [
        "",
        pytest.param("redis://127.0.0.1:6379/", marks=pytest.mark.needs("redis")),
        pytest.param("amqp://guest:guest@127.0.0.1:5672//", marks=pytest.mark.needs("rabbitmq")),
    ],
)
def test_a_broker_that_is_there_can_be_reached(settings, broker):
    assert check(msgspec.structs.replace(settings, broker=broker)).endswith(".")


def test_a_broker_that_is_not_there_is_said_without_its_password(settings):
    broker = f"amqp://twite:sesame@127.0.0.1:{free_port()}//"
    with pytest.raises(Unavailable) as caught:
        check(msgspec.structs.replace(settings, broker=broker))

    assert "sesame" not in str(caught.value)


@pytest.fixture
def start_redis(tmp_path):
    """Start a Redis server at a port; it ends with the test."""
    started = []

    def start(port):
        command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(tmp_path)]
        started.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))

    yield start
    for process in started:
        process.terminate()
        process.wait()


@pytest.mark.needs("redis")
def test_a_broker_that_comes_back_is_told_again(settings, queue, start_redis, caplog):
    port = free_port()
    dispatcher = Dispatcher(msgspec.structs.replace(settings, broker=f"redis://127.0.0.1:{port}/"), queue_name=queue)
    with caplog.at_level(logging.WARNING, logger="twite_broker"):
        dispatcher.dispatch([TaskMessage("some.task", 1)])
        wait_for(lambda: "broker_down" in caplog.text)
        start_redis(port)

        def told():
            dispatcher.dispatch([TaskMessage("some.task", 2)])
            return "broker_up" in caplog.text

        wait_for(told)
    dispatcher.close()

    said = [record.getMessage().partition(" ")[0] for record in caplog.records if record.name.startswith("twite")]
    assert said == ["broker_down", "broker_up"]
