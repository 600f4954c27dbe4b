"""A site of two web processes, and streams that are opened on one of them."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlencode

import httpx
from websockets.sync.client import ClientConnection, connect

from support.site_under_test import Site, free_port
from twite_web import cookies

SECONDS = 20


class Processes:
    """A site with two web processes, and the streams that were opened on one of them."""

    def __init__(self, site: Site, other_port: int, open_streams: ExitStack) -> None:
        self.site = site
        self.other = f"http://127.0.0.1:{other_port}"
        self._open = open_streams

    def listen(self, token: str, stream: str, **options: Any) -> ClientConnection:
        """Open a WebSocket on the first process; it listens once this returns."""
        query = urlencode({"access_token": token, "stream": stream})
        address = f"ws://127.0.0.1:{self.site.port}/api/v1/streaming?{query}"
        connection = self._open.enter_context(connect(address, **options))
        connection.send(json.dumps({"type": "subscribe", "stream": "nothing"}))
        assert "error" in json.loads(connection.recv(SECONDS))
        return connection

    def events(self, token: str, path: str) -> Iterator[str]:
        """Open Server-Sent Events on the first process, and give their lines."""
        return self._lines(f"/api/v1/streaming{path}", {"Authorization": f"Bearer {token}"})

    def live(self, session_secret: str, query: str = "") -> Iterator[str]:
        """Have a page of the site listen to the first process, and give the lines that say what happens."""
        cookie = f"{cookies.session_name(self.site.settings)}={session_secret}"
        lines = self._lines(f"/live{query}", {"Cookie": cookie})
        assert [next(lines).partition(":")[0] for _ in range(3)] == ["id", "event", "data"]
        return (line for line in lines if line and not line.startswith(":"))

    def _lines(self, address: str, headers: dict[str, str]) -> Iterator[str]:
        client = self._open.enter_context(httpx.Client(base_url=self.site.base_url, timeout=SECONDS))
        answer = self._open.enter_context(client.stream("GET", address, headers=headers))
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        lines = answer.iter_lines()
        assert next(lines) == ":)"
        return lines

    def post(self, token: str, text: str) -> str:
        """Publish a post by the second process, and return its id."""
        headers = {"Authorization": f"Bearer {token}"}
        answer = httpx.post(f"{self.other}/api/v1/statuses", json={"status": text}, headers=headers, timeout=SECONDS)
        id: str = answer.json()["id"]
        return id


def started(make: Callable[..., Site], **settings: str) -> tuple[Site, int]:
    """Return a site with two processes, and the port of the second."""
    site, other_port = make(fanout_at_once="0", **settings), free_port()
    site.start("web")
    site.start("web", port=str(other_port))
    return site, other_port


def hear(connection: ClientConnection, seconds: float = SECONDS) -> tuple[str, Any]:
    """Return the next event of a stream: its kind, and what it tells. Raises TimeoutError when none comes in time."""
    told = json.loads(connection.recv(seconds))
    return told["event"], json.loads(told["payload"])
