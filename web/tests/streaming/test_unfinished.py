"""WebSockets on which much comes that never becomes a message."""

import socket

import pytest

from twite_web.streaming.frame_limits import MAX_UNFINISHED, Received, Unfinished


@pytest.fixture
def connection():
    """A connection as a client and the server have it, and how the server knows it."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        accepted, (address, port) = server.accept()
        with accepted:
            client.settimeout(5)
            yield client, accepted, (address, str(port))


def read(accepted, size):
    while size:
        size -= len(accepted.recv(size))


def test_a_connection_that_brings_no_message_is_ended(connection):
    client, accepted, peer = connection
    client.sendall(b"a" * (2 * MAX_UNFINISHED))
    read(accepted, 2 * MAX_UNFINISHED)
    Unfinished().look({peer: Received()})

    assert client.recv(1) == b""


@pytest.mark.parametrize("messages", [0, 10])
def test_a_connection_whose_messages_are_read_goes_on(connection, messages):
    client, accepted, peer = connection
    received, text = Received(), "a" * 4000
    for _ in range(messages):
        client.sendall(text.encode())
        read(accepted, len(text))
        received.add(text)
    client.sendall(b"a" * 1000)
    read(accepted, 1000)
    Unfinished().look({peer: received, ("192.0.2.1", "1"): Received()})
    accepted.sendall(b"b")

    assert client.recv(1) == b"b"
