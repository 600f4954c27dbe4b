"""WebSockets on which much comes that never becomes a message."""

import socket
from contextlib import suppress

import pytest

from twite_web.streaming.frame_limits import MAX_UNFINISHED, Unfinished


@pytest.fixture
def connection():
    """A connection as a client and the server have it, and how the server knows it."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        accepted, (address, port) = server.accept()
        with accepted:
            client.settimeout(5)
            yield client, accepted, (address, str(port))


@pytest.fixture
def unfinished():
    return Unfinished()


@pytest.fixture
def send(connection):
    def send(content):
        client, accepted, _ = connection
        client.sendall(content)
        size = len(content)
        while size:
            size -= len(accepted.recv(size))

    return send


def is_open(connection):
    client, accepted, _ = connection
    with suppress(BrokenPipeError):
        accepted.sendall(b"b")
    return client.recv(1) == b"b"


def test_a_connection_that_brings_no_message_is_ended(connection, unfinished, send):
    peer = connection[2]
    unfinished.join(peer, unfinished.begin(peer))
    send(b"a" * (2 * MAX_UNFINISHED))
    unfinished.look()

    assert not is_open(connection)


@pytest.mark.parametrize("messages", [0, 10])
def test_a_connection_whose_messages_are_read_goes_on(connection, unfinished, send, messages):
    peer = connection[2]
    received, text = unfinished.begin(peer), "a" * 12_000
    unfinished.join(peer, received)
    unfinished.join(("192.0.2.1", "1"), unfinished.begin(("192.0.2.1", "1")))
    for _ in range(messages):
        send(text.encode())
        received.add(text)
    send(b"a" * 1000)
    unfinished.look()

    assert is_open(connection)


def test_what_came_before_a_websocket_is_not_counted(connection, unfinished, send):
    peer = connection[2]
    send(b"a" * (2 * MAX_UNFINISHED))
    unfinished.join(peer, unfinished.begin(peer))
    unfinished.look()

    assert is_open(connection)


def test_a_message_that_was_read_makes_up_for_itself_alone(connection, unfinished, send):
    peer = connection[2]
    received, text = unfinished.begin(peer), "é" * 2 * MAX_UNFINISHED
    unfinished.join(peer, received)
    send(text.encode())
    received.add(text)
    unfinished.look()
    assert is_open(connection)

    send(b"a" * (2 * MAX_UNFINISHED))
    unfinished.look()
    assert not is_open(connection)


def test_a_connection_that_has_the_number_of_another_one_is_left_alone(connection, unfinished, send):
    peer = connection[2]
    received = unfinished.begin(peer)
    send(b"a" * (2 * MAX_UNFINISHED))
    unfinished.join(("192.0.2.1", "1"), received)
    unfinished.look()

    assert is_open(connection)
