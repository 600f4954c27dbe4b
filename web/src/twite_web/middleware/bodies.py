"""Request bodies: their maximum size, from whom, how fast they must arrive, and where they are stored meanwhile.

A route takes 1 MB unless its `request_max_body_size` says more, and more than 1 MB only as a form with files, of
somebody who may use the route: that is looked up before more is read. What is larger than 1 MB is kept in a file
without a name, so that nothing stays behind.
"""

import asyncio
import logging
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO, cast

import msgspec
from litestar.enums import ScopeType
from litestar.exceptions import ClientException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, HTTPReceiveMessage, HTTPScope, Receive, Scope, Send

from twite_common import disk
from twite_common.errors import TooMany, Unavailable
from twite_common.media import pictures
from twite_common.services import attempts
from twite_common.settings import Settings
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.core import core
from twite_web.errors import Failure
from twite_web.middleware.request_concurrency import Subject, Turns
from twite_web.proxies import client_address, refuse_blocked_networks
from twite_web.types import Request, as_dict

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 1024 * 1024
"""Bytes of a request to a route that takes no files, and of any request of a stranger."""
MAX_WITH_PICTURE_BYTES = pictures.MAX_BYTES + 1024 * 1024
"""Bytes of a request to a route that takes a picture, and the form around it."""
MAX_WITH_PICTURES_BYTES = 2 * pictures.MAX_BYTES + 1024 * 1024
"""Bytes of a request to a route that takes pictures: two, for an avatar and a header, and the form around them."""
BLOCK = 64 * 1024
"""Bytes that are waited for together. What isn't longer is held without being counted."""
BLOCK_SECONDS = 15.0
"""How long a block may take to come: whoever sends less than about 4 KB a second is too slow."""
MAX_SECONDS = 900.0
"""How long a whole body may take to come."""
LINGER_SECONDS, LINGER_BYTES = 5.0, 72 * 1024 * 1024
"""How long, and for how much, what was refused is still taken and thrown away, so that the refusal can be read. Who is
told nothing but that the connection was reset can't know why; nginx says 502 then."""
MAX_PIECES, MIN_PIECES = 256, 1024
"""Pieces that a block may come in, and bytes that further ones must have on average: each keeps the event loop busy for
some hundredths of a millisecond, however small it is, and a chunked body may have a piece for each byte."""
MAX_IN_MEMORY, MAX_IN_MEMORY_OF_ADDRESS = 64 * 1024 * 1024, 16 * 1024 * 1024
MAX_ON_DISK, MAX_ON_DISK_OF_ADDRESS = 2048 * 1024 * 1024, 512 * 1024 * 1024
"""Bytes of bodies that a process holds at once, and of those the bytes that came from one address."""

SCOPE_KEY = "twite_body"
"""Where a request's scope holds its body, once all of it has come."""
_MOSTLY_WITHOUT = frozenset({"GET", "HEAD", "OPTIONS"})
_FORM_WITH_FILES = b"multipart/form-data"
BROKEN_OFF = marked("The request was incomplete. Please try again.")
TOO_SMALL = marked("The request came in too many small pieces.")
TOO_SLOW = marked("The request took too long to arrive. Please try again.")
TOO_MANY = marked("Too much is being sent from your network at once. Please try again in a moment.")
BUSY = marked("The server is busy with other uploads. Please try again in a moment.")


class Body(msgspec.Struct, frozen=True):
    """What came with a request, whole: in memory, or in a file where it is too large for that."""

    content: bytes = b""
    file: BinaryIO | None = None


class BrokenOff(Exception):
    """No more comes of a body that isn't whole: its sender has gone, or its chunks can't be told apart."""


class InFlight:
    """How many bytes of bodies one process holds at the moment, in memory and on disk, and from which addresses."""

    def __init__(self) -> None:
        self.memory = Ledger(MAX_IN_MEMORY, MAX_IN_MEMORY_OF_ADDRESS)
        self.disk = Ledger(MAX_ON_DISK, MAX_ON_DISK_OF_ADDRESS)


class Ledger:
    """Bytes that are held of one kind of room. Known to the event loop alone."""

    def __init__(self, most: int, max_of_address: int) -> None:
        self._most = most
        self._most_of_address = max_of_address
        self.total = 0
        self.by_address: Counter[str] = Counter()

    @contextmanager
    def of(self, address: str) -> Iterator["Share"]:
        """Count what comes from an address for as long as the block lasts."""
        share = Share(self, address)
        try:
            yield share
        finally:
            share.give_back()

    def take(self, address: str, number: int) -> None:
        """Count bytes. Raises TooMany or Unavailable when there is no room for them."""
        if self.by_address[address] + number > self._most_of_address:
            raise TooMany(_(TOO_MANY), 10)
        if self.total + number > self._most:
            raise Unavailable(_(BUSY))
        self.total += number
        self.by_address[address] += number

    def give_back(self, address: str, number: int) -> None:
        """Count bytes no more."""
        self.total -= number
        self.by_address[address] -= number
        if not self.by_address[address]:
            del self.by_address[address]


class Share:
    """What one body holds of a ledger's room."""

    def __init__(self, ledger: Ledger, address: str) -> None:
        self._ledger = ledger
        self._address = address
        self._bytes = 0

    def take(self, number: int) -> None:
        """Hold so many bytes more."""
        self._ledger.take(self._address, number)
        self._bytes += number

    def give_back(self) -> None:
        """Hold nothing any more."""
        if self._bytes:
            self._ledger.give_back(self._address, self._bytes)
            self._bytes = 0


class Bodies:
    """Middleware, one for each route: reads a request's body whole before the route does anything.

    `check` raises what whoever may not use the route is to be answered; it is called in a thread, when it is the
    request's turn in the lines that `subjects` returns.
    """

    def __init__(
        self,
        app: ASGIApp,
        check: Callable[[Request], None],
        subjects: Callable[[Request], list[Subject]],
    ) -> None:
        self._app = app
        self._check = check
        self._subjects = subjects

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (ASGI 3.0)."""
        handler = scope["route_handler"]
        if scope["type"] != ScopeType.HTTP or not isinstance(handler, HTTPRouteHandler) or not _may_have_body(scope):
            await self._app(scope, receive, send)
            return
        try:
            await self._with_body(_Incoming(scope, receive, handler), send)
        except BrokenOff as error:
            log.info("body_broke_off %s", {"method": scope["method"], "route": scope["path_template"]})
            # The server doesn't say which of the two it was; whoever has gone doesn't read this.
            raise Failure(400, _(BROKEN_OFF)) from error

    async def _with_body(self, incoming: "_Incoming", send: Send) -> None:
        if incoming.declared > MAX_BODY_BYTES:
            await self._may_send(incoming)
        content, more = await _block(incoming.receive)
        if not more:
            await self._answer(incoming, Body(content), send)
            return
        request = incoming.connection
        refuse_blocked_networks(request)
        in_flight: InFlight = request.app.state["bodies"]
        subject = attempts.counted_as(client_address(request))
        with in_flight.memory.of(subject) as memory, in_flight.disk.of(subject) as on_disk:
            try:
                async with asyncio.timeout(MAX_SECONDS):
                    body = await self._rest(incoming, content, memory, on_disk)
            except TimeoutError as error:
                raise Failure(408, _(TOO_SLOW)) from error
            try:
                await self._answer(incoming, body, send)
            finally:
                if body.file is not None:
                    body.file.close()

    async def _rest(self, incoming: "_Incoming", first: bytes, memory: Share, on_disk: Share) -> Body:
        """Return a body of which more is to come than the first block, which is no larger than memory may hold."""
        blocks, size, more = [first], len(first), True
        memory.take(size)
        while more and size <= MAX_BODY_BYTES:
            block, more = await _block(incoming.receive)
            size += len(block)
            incoming.allow(size)
            memory.take(len(block))
            blocks.append(block)
        if size <= MAX_BODY_BYTES:
            return Body(b"".join(blocks))
        if not incoming.declared:
            await self._may_send(incoming)
        on_disk.take(size)
        file = await asyncio.to_thread(_stored, core(incoming.connection).settings, blocks)
        del blocks
        memory.give_back()
        try:
            while more:
                block, more = await _block(incoming.receive)
                size += len(block)
                incoming.allow(size)
                on_disk.take(len(block))
                await asyncio.to_thread(_write, file, block)
        except BaseException:
            file.close()
            raise
        return Body(file=file)

    async def _may_send(self, incoming: "_Incoming") -> None:
        """Raise what somebody is answered who may not send more than anybody may."""
        request = incoming.connection
        refuse_blocked_networks(request)
        if not incoming.has_files:
            raise RequestEntityTooLarge
        turns: Turns = request.app.state["turns"]
        async with turns.of(self._subjects(request)):
            await asyncio.to_thread(self._check, request)

    async def _answer(self, incoming: "_Incoming", body: Body, send: Send) -> None:
        as_dict(incoming.scope)[SCOPE_KEY] = body
        await self._app(incoming.scope, _again(body.content, incoming.receive), send)


class _Incoming:
    """A request that has a body, as far as its head says."""

    def __init__(self, scope: HTTPScope, receive: Receive, handler: HTTPRouteHandler) -> None:
        self.scope = scope
        self.receive = receive
        self._largest = handler.resolve_request_max_body_size() or MAX_BODY_BYTES
        self.declared = 0
        self.has_files = False
        for name, value in scope["headers"]:
            if name == b"content-length":
                self.declared = _number(value)
            elif name == b"content-type":
                self.has_files = value[: len(_FORM_WITH_FILES)].lower() == _FORM_WITH_FILES
        self.allow(self.declared)

    def allow(self, size: int) -> None:
        """Raise RequestEntityTooLarge for a size that the route doesn't take."""
        if size > self._largest:
            raise RequestEntityTooLarge

    @property
    def connection(self) -> Request:
        """The request, for those who ask for whom and from where it is."""
        return self.scope["litestar_app"].request_class(self.scope)


async def throw_away(receive: Receive) -> None:
    """Take what still comes of a body that nobody wants, for a while."""
    pieces = size = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            while size < LINGER_BYTES and not _are_too_small(pieces, size):
                message = as_dict(await receive())
                if not message.get("more_body", False):
                    return
                pieces += 1
                size += len(message.get("body", b""))


def has_body(scope: HTTPScope) -> bool:
    """Say whether a request's head announces a body."""
    return any(
        (name == b"content-length" and value != b"0") or name == b"transfer-encoding"
        for name, value in scope["headers"]
    )


def _may_have_body(scope: HTTPScope) -> bool:
    return scope["method"] not in _MOSTLY_WITHOUT or has_body(scope)


def _are_too_small(pieces: int, size: int) -> bool:
    return pieces > MAX_PIECES + size // MIN_PIECES


async def _block(receive: Receive) -> tuple[bytes, bool]:
    """Return the next block of a body, or what is left of it, and whether there is more.

    Raises Failure when it doesn't come in time (408) or in too many pieces (400), and BrokenOff.
    """
    parts, size = [], 0
    try:
        async with asyncio.timeout(BLOCK_SECONDS):
            while size < BLOCK:
                message = as_dict(await receive())
                if message["type"] != "http.request":
                    raise BrokenOff
                parts.append(message.get("body", b""))
                if not message.get("more_body", False):
                    return b"".join(parts), False
                size += len(parts[-1])
                if _are_too_small(len(parts), size):
                    raise Failure(400, _(TOO_SMALL))
    except TimeoutError as error:
        raise Failure(408, _(TOO_SLOW)) from error
    return b"".join(parts), True


def _again(content: bytes, receive: Receive) -> Receive:
    """Return what gives a body that was read already, and after it what comes from the client."""
    given = False

    async def again() -> HTTPReceiveMessage:
        nonlocal given
        if given:
            # What comes on a request that is being read.
            return cast("HTTPReceiveMessage", await receive())
        given = True
        return {"type": "http.request", "body": content, "more_body": False}

    return again


def _number(header: bytes) -> int:
    if not header.isdigit() or len(header) > 18:
        raise ClientException("The request's length can't be understood.")
    return int(header)


def _stored(settings: Settings, blocks: list[bytes]) -> BinaryIO:
    """Return a file without a name, in the folder of uploads, with what has come."""
    folder = settings.scratch
    with disk.writing():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # It has all of a file's methods, but isn't declared to be one.
        file = cast("BinaryIO", tempfile.TemporaryFile(dir=folder))  # noqa: SIM115 - closed when the request ends
    try:
        _write(file, b"".join(blocks))
    except BaseException:
        file.close()
        raise
    return file


def _write(file: BinaryIO, block: bytes) -> None:
    with disk.writing():
        file.write(block)
