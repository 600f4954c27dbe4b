"""A folder as the broker: nobody meets half a message, and no message is read twice."""

import logging
import threading
from pathlib import Path

import pytest


@pytest.fixture
def reader(app, queue):
    """Open another reader, and return how it takes the next message's task arguments; None when there is none."""
    connections = []

    def reader():
        connection = app.connection_for_read()
        connections.append(connection)
        simple = connection.SimpleQueue(app.amqp.queues[queue])

        def take():
            try:
                message = simple.get(block=False)
            except simple.Empty:
                return None
            message.ack()
            return message.payload[0]

        return take

    yield reader
    for connection in connections:
        connection.close()


@pytest.fixture
def messages(app, settings):
    app.connection_for_write().close()
    return settings.data / "broker" / "messages"


def test_messages_arrive_in_the_order_they_were_sent(app, reader):
    for number in range(5):
        app.send_task("some.task", [number])
    take = reader()

    assert [take() for _ in range(6)] == [[0], [1], [2], [3], [4], None]


def test_a_message_is_written_beside_and_renamed(app, messages):
    app.send_task("some.task", [1])

    assert [path.suffix for path in messages.iterdir()] == [".msg"]
    assert messages.stat().st_mode & 0o077 == 0


def test_a_broken_message_is_dropped_with_a_line_and_the_next_one_read(app, reader, messages, caplog):
    take = reader()
    for number in range(2):
        app.send_task("some.task", [number])
    first = min(messages.iterdir())
    first.write_bytes(b'{"body": ')
    with caplog.at_level(logging.WARNING, logger="twite_broker"):
        taken = take()

    assert taken == [1]
    said = [record.getMessage().partition(" ")[0] for record in caplog.records if record.name.startswith("twite")]
    assert said == ["broker_message_broken"]
    assert list(messages.iterdir()) == []


def test_two_readers_never_take_one_message(app, reader):
    for number in range(40):
        app.send_task("some.task", [number])
    taken = []

    def read_all(take):
        while (arguments := take()) is not None:
            taken.append(arguments[0])

    threads = [threading.Thread(target=read_all, args=(reader(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken) == list(range(40))


def test_other_queues_messages_are_left(app, reader, messages):
    app.send_task("some.task", [1], queue="another")

    assert reader()() is None
    assert len(list(Path(messages).iterdir())) == 1
