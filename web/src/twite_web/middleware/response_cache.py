"""Keeping what all strangers are shown alike for a second, as a shared cache may (RFC 9111).

A post that many read at once, because a large site links to it, is made once a second in each process, whether or not
a web server that keeps answers stands before it.
"""

import time
from typing import Any, NamedTuple

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from twite_web.cache_control import PUBLIC
from twite_web.types import as_dict

SECONDS = 1.0
"""How long an answer is kept: the `s-maxage` of `cache_control.PUBLIC`."""
MAX_BYTES = 8 * 1024 * 1024
"""Bytes of answers, and of what asked for them, that a process keeps."""
ASKED_FOR_ONE = frozenset({b"authorization", b"cookie", b"range", b"if-none-match", b"if-modified-since"})
"""Headers of requests whose answer isn't everybody's, or no whole one."""
WITH_BODY = frozenset({b"content-length", b"transfer-encoding"})
"""Headers of requests whose answer may follow from what isn't in their heads."""
TOLD_APART = (b"accept", b"accept-encoding", b"accept-language", b"origin", b"twite-part")
"""Headers of requests by which answers to strangers differ; of what differs by another one nothing is kept."""
_OF_ONE = (b"x-ratelimit-", b"x-request-id")
"""How the names of headers begin that are meant for whoever asked first."""

Key = tuple[bytes | None, ...]


class Answer(NamedTuple):
    """A whole answer, and when it was made, in seconds of the monotonic clock."""

    made: float
    headers: list[tuple[bytes, bytes]]
    body: bytes


class ResponseCache:
    """Middleware, the outermost: gives strangers an answer that was made within the last second."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._answers: dict[Key, Answer] = {}
        self._bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection (ASGI 3.0)."""
        if scope["type"] != ScopeType.HTTP or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        sent = list(scope["headers"])
        asked = dict(sent)
        # Of a header that comes twice, others may read the first, the last, or both.
        if len(asked) < len(sent) or not (ASKED_FOR_ONE | WITH_BODY).isdisjoint(asked):
            await self._app(scope, receive, send)
            return
        key = (asked.get(b"host"), scope["raw_path"], scope["query_string"], *map(asked.get, TOLD_APART))
        answer, now = self._answers.get(key), time.monotonic()
        if answer is None or now - answer.made >= SECONDS:
            await self._app(scope, receive, self._keeping(key, now, send))
            return
        # In whole seconds it was made just now (RFC 9111, section 5.1).
        await send({"type": "http.response.start", "status": 200, "headers": [*answer.headers, (b"age", b"0")]})
        await send({"type": "http.response.body", "body": answer.body, "more_body": False})

    def _keeping(self, key: Key, now: float, send: Send) -> Send:
        """Return what sends an answer, asked for `now`, and keeps it if it may be kept."""
        headers: list[tuple[bytes, bytes]] | None = None

        async def send_and_keep(message: Message) -> None:
            nonlocal headers
            if message["type"] == "http.response.start":
                headers = _kept_headers(as_dict(message))
            elif message["type"] == "http.response.body":
                if headers is not None and not message.get("more_body"):
                    self._keep(key, Answer(now, headers, message.get("body", b"")))
                headers = None
            await send(message)

        return send_and_keep

    def _keep(self, key: Key, answer: Answer) -> None:
        size = _size(key, answer)
        if size > MAX_BYTES:
            return
        self._drop(key)
        while self._answers:
            oldest_key, oldest = next(iter(self._answers.items()))
            if answer.made - oldest.made < SECONDS and self._bytes + size <= MAX_BYTES:
                break
            self._drop(oldest_key)
        self._answers[key] = answer
        self._bytes += size

    def _drop(self, key: Key) -> None:
        answer = self._answers.pop(key, None)
        if answer is not None:
            self._bytes -= _size(key, answer)


def _size(key: Key, answer: Answer) -> int:
    """Return the bytes of an answer and of what asked for it, in which strangers may send much."""
    return len(answer.body) + sum(len(part) for part in key if part is not None)


def _kept_headers(start: dict[str, Any]) -> list[tuple[bytes, bytes]] | None:
    """Return the headers with which an answer is kept; None where it may not be."""
    headers = dict(start["headers"])
    vary = {name.strip().lower() for name in headers.get(b"vary", b"").split(b",")} - {b""}
    if start["status"] != 200 or headers.get(b"cache-control") != PUBLIC.encode() or b"set-cookie" in headers:
        return None
    if not vary <= {*TOLD_APART, *ASKED_FOR_ONE}:
        return None
    return [header for header in start["headers"] if not header[0].startswith(_OF_ONE)]
