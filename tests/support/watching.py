"""Watching a web process from outside while something is done to it."""

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from support.site_under_test import wait_for

EVERY_SECONDS = 0.01


class Watched:
    """How long a page took to be answered, each time it was asked for; `number` is how often that was."""

    def __init__(self) -> None:
        self.number = 0
        self.seconds: list[float] = []
        self.failures: list[str] = []

    @property
    def longest(self) -> float:
        """The slowest answer's seconds; everything is wrong where there was none."""
        assert not self.failures, self.failures[:3]
        return max(self.seconds)


@contextmanager
def watching(port: int, path: str = "/health", *, source: str = "127.0.0.1") -> Iterator[Watched]:
    """Ask for a page again and again on connections of its own, from an address, for as long as the block lasts."""
    watched, over = Watched(), threading.Event()

    def watch() -> None:
        while not over.wait(EVERY_SECONDS):
            began = time.monotonic()
            try:
                status = ask(port, path, source=source)[0]
            except OSError as error:
                watched.failures.append(repr(error))
            else:
                watched.seconds.append(time.monotonic() - began)
                if status != 200:
                    watched.failures.append(f"{path} was answered with {status}")
            watched.number += 1

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield watched
        # Somebody who comes at the very end waits for what is still going on.
        before = watched.number
        wait_for(lambda: watched.number >= before + 2)
    finally:
        over.set()
        thread.join()


def ask(port: int, path: str, *, source: str = "127.0.0.1", **headers: str) -> tuple[int, bytes]:
    """Ask for a page on a connection of its own; return its status and content."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30, source_address=(source, 0))
    try:
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def send(port: int, request: bytes, *, source: str = "127.0.0.1", **options: Any) -> socket.socket:
    """Send a request, or part of one, and return its connection; whoever doesn't take all of it hasn't to."""
    connection = socket.create_connection(("127.0.0.1", port), source_address=(source, 0), timeout=30, **options)
    # It may be answered before all was sent.
    with suppress(OSError):
        connection.sendall(request)
    return connection


def status_of(connection: socket.socket) -> int:
    """Return the status with which a request is answered; 0 when the connection is closed without a word."""
    try:
        line = connection.recv(4096).split(b"\r\n")[0]
    except ConnectionError:
        return 0
    return int(line.split()[1]) if line else 0


def head(method: str, path: str, host: str, **headers: Any) -> bytes:
    """Return the head of a request."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def web_process(parent: int) -> int:
    """Return the number of the process that answers, which the one that was started looks after."""
    [number] = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return int(number)


def loop_seconds(process: int) -> float:
    """Return for how long a web process's event loop has worked: its first thread, whatever else the machine does."""
    return int(Path(f"/proc/{process}/task/{process}/schedstat").read_text().split()[0]) / 1e9


def memory(process: int) -> int:
    """Return the bytes of a process that are in memory."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * 4096
