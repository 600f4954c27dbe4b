"""A receiver of webhooks, which checks what it gets as the documentation says."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from twite_common import clock


class Receiver:
    """A server that keeps what it is told, and answers with `status`."""

    def __init__(self) -> None:
        self.status = 200
        self.got: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(receiver.status)
                self.end_headers()
                self.wfile.write(b"thanks \xff" * 1000)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def read(self, secret: str) -> dict[str, Any]:
        """Check the last message's signature, and return what it says."""
        headers, body = self.got[-1]
        given = dict(part.split("=") for part in headers["twite-signature"].split(","))
        expected = hmac.new(secret.encode(), given["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
        assert hmac.compare_digest(given["v1"], expected)
        assert abs(clock.now() / 1000 - int(given["t"])) < 300
        message: dict[str, Any] = json.loads(body)
        return message


@contextmanager
def running() -> Iterator[Receiver]:
    """Give a receiver that answers, for as long as the block lasts."""
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        thread.join()
        receiver.server.server_close()
