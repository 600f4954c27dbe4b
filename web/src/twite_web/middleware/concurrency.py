"""How many requests of one user or address run at once, so that nobody occupies all threads.

The others wait for their turn in the order in which they came, and take no thread meanwhile. Whose a request is can't
be looked up without a thread: people are told apart by what they prove themselves with, the token or the session.
"""

from asyncio import Semaphore
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import msgspec
from litestar.enums import ScopeType
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from twite_common.errors import TooMany
from twite_web.types import Request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SHARE = 4
"""One person, or one address, has at most one thread in so many."""
MIN_COUNT = 2
MAX_WAITING = 64
"""Requests of one person, or of one address, that wait for their turn."""
MAX_WAITING_OF_ALL = 256
"""Requests of everybody that wait for their turn at something that takes long."""
RETRY_SECONDS = 2
TOO_MANY = "Too many requests at once. Please wait a moment and try again."

PASSWORDS = "passwords"
HASHES = {"takes_long": PASSWORDS}
"""The `opt` of a route that hashes passwords, which takes long on purpose: all who come there have one share."""

Subject = tuple[str, int | str]


class Line(msgspec.Struct):
    """Those who share some threads: how many of their requests may be worked on, and how many are there."""

    free: Semaphore
    here: int = 0


class Turns:
    """The lines of one process. Known to the event loop alone."""

    def __init__(self, threads: int) -> None:
        self._at_once = max(MIN_COUNT, threads // SHARE)
        self._lines: dict[Subject, Line] = {}

    @asynccontextmanager
    async def of(self, subjects: Iterable[Subject]) -> "AsyncIterator[None]":
        """Wait until there is a turn in each line, one after the other, and have it for as long as the block lasts.

        Raises TooMany where too many wait already.
        """
        async with AsyncExitStack() as stack:
            for subject in subjects:
                await stack.enter_async_context(self._turn(subject))
            yield

    @asynccontextmanager
    async def _turn(self, subject: Subject) -> "AsyncIterator[None]":
        line = self._lines.get(subject)
        if line is None:
            line = self._lines[subject] = Line(Semaphore(self._at_once))
        max_waiting = MAX_WAITING_OF_ALL if subject[0] == "takes_long" else MAX_WAITING
        if line.here >= self._at_once + max_waiting:
            raise TooMany(TOO_MANY, RETRY_SECONDS)
        line.here += 1
        try:
            async with line.free:
                yield
        finally:
            line.here -= 1
            if not line.here:
                del self._lines[subject]


class InTurn:
    """Middleware, one for each route: has a request wait for its turn, which ends when its answer begins.

    By then a handler has done its work; how quickly the answer is read is the reader's affair. `subjects` says in which
    lines a request waits.
    """

    def __init__(self, app: ASGIApp, subjects: Callable[[Request], list[Subject]]) -> None:
        self._app = app
        self._subjects = subjects

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (ASGI 3.0)."""
        handler = scope["route_handler"]
        if scope["type"] != ScopeType.HTTP or not isinstance(handler, HTTPRouteHandler):
            await self._app(scope, receive, send)
            return
        app = scope["litestar_app"]
        subjects = self._subjects(app.request_class(scope))
        if not subjects:
            await self._app(scope, receive, send)
            return
        async with AsyncExitStack() as turn:

            async def send_after_turn(message: Message) -> None:
                await turn.aclose()
                await send(message)

            await turn.enter_async_context(app.state["turns"].of(subjects))
            await self._app(scope, receive, send_after_turn)
