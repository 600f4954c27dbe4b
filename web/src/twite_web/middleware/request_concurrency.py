"""How many requests of one user or address run at once, so that nobody occupies all threads.

The others wait for their turn in the order in which they came, and take no thread meanwhile. Whose a request is can't
be looked up without a thread: people are told apart by what they prove themselves with, the token or the session.
"""

from asyncio import Future, get_running_loop
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress

import msgspec
from litestar.enums import ScopeType
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from twite_common.errors import TooMany
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.types import Request

SHARE = 4
"""One person, or one address, has at most one thread in so many."""
MIN_COUNT = 2
MAX_WAITING = 64
"""Requests of one person, or of one address, that wait for their turn."""
MAX_WAITING_OF_ALL = 256
"""Requests of everybody that wait for their turn at something that takes long."""
RETRY_SECONDS = 2
TOO_MANY = marked("Too many requests at once. Please wait a moment and try again.")

PASSWORDS = "passwords"
HASHES = {"takes_long": PASSWORDS}
"""The `opt` of a route that hashes passwords, which takes long on purpose: all who come there have one share."""

Subject = tuple[str, int | str]


class Line(msgspec.Struct):
    """Those who share some threads: how many of their requests are worked on, and which wait, in order."""

    at_work: int = 0
    waiting: deque[Future[None]] = msgspec.field(default_factory=deque)


class Turns:
    """The lines of one process. Known to the event loop alone."""

    def __init__(self, threads: int) -> None:
        self._at_once = max(MIN_COUNT, threads // SHARE)
        self._lines: dict[Subject, Line] = {}

    def of(self, subjects: Iterable[Subject]) -> "Turn":
        """Return a turn in each line, one after the other, to be had for as long as an `async with` block lasts.

        Beginning it raises TooMany where too many wait already.
        """
        return Turn(self, subjects)

    async def take(self, subject: Subject) -> None:
        """Wait until there is a turn in a line. Raises TooMany where too many wait already."""
        line = self._lines.get(subject)
        if line is None:
            line = self._lines[subject] = Line()
        if line.at_work < self._at_once:
            line.at_work += 1
            return
        if len(line.waiting) >= (MAX_WAITING_OF_ALL if subject[0] == "takes_long" else MAX_WAITING):
            raise TooMany(_(TOO_MANY), RETRY_SECONDS)
        turn: Future[None] = get_running_loop().create_future()
        line.waiting.append(turn)
        try:
            await turn
        except BaseException:
            if turn.cancelled():
                with suppress(ValueError):
                    line.waiting.remove(turn)
            else:
                # It came at the last moment.
                self.give_back(subject)
            raise

    def give_back(self, subject: Subject) -> None:
        """End a turn in a line: whoever waits next has it then."""
        line = self._lines[subject]
        while line.waiting:
            turn = line.waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        line.at_work -= 1
        if not line.at_work:
            del self._lines[subject]


class Turn:
    """A turn in several lines, until it ends."""

    def __init__(self, turns: Turns, subjects: Iterable[Subject]) -> None:
        self._turns = turns
        self._subjects = subjects
        self._taken: list[Subject] = []

    async def __aenter__(self) -> "Turn":
        """Wait for it."""
        try:
            for subject in self._subjects:
                await self._turns.take(subject)
                self._taken.append(subject)
        except BaseException:
            self.end()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """End it, unless it has ended."""
        self.end()

    def end(self) -> None:
        """Let others have their turn; asking twice changes nothing."""
        while self._taken:
            self._turns.give_back(self._taken.pop())


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
        async with app.state["turns"].of(subjects) as turn:

            async def send_after_turn(message: Message) -> None:
                turn.end()
                await send(message)

            await self._app(scope, receive, send_after_turn)
