"""The two ways to listen: WebSockets, which carry several streams, and Server-Sent Events, which carry one."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from typing import Any, cast

import litestar
import msgspec
from litestar import asgi
from litestar.connection import ASGIConnection
from litestar.types import Receive, Scope, Send

from twite_common import acting, clock, ids
from twite_common.errors import TwiteError
from twite_common.queries import viewers
from twite_common.queries.viewers import Session, Token
from twite_common.services import attempts
from twite_common.translations import gettext as _
from twite_web import cache_control, cookies
from twite_web.api.access import check_usable
from twite_web.core import Core
from twite_web.errors import NO_SUCH_ADDRESS, Failure, status_and_sentence
from twite_web.middleware.bodies import MAX_PIECES
from twite_web.middleware.security import answer
from twite_web.proxies import client_address
from twite_web.streaming import channels, greetings
from twite_web.streaming.channels import Subscription
from twite_web.streaming.frame_limits import Received
from twite_web.streaming.handshake import Opening
from twite_web.streaming.hub import Hub, Listener
from twite_web.streaming.messages import Message, Refusal
from twite_web.types import Connection, as_dict

THUMP_SECONDS = 15.0
"""After this long without an event, a comment shows that the connection is alive."""
CLOSE_SECONDS = 2.0
"""How long whoever reads too slowly has to take notice that the connection is closed."""
MAX_SUBSCRIPTIONS = 100
MAX_REQUEST_LENGTH = 4096
"""Characters of what an application may ask for at once."""
NORMAL, UNSUPPORTED_DATA, TOO_BIG = 1000, 1003, 1009
"""Why a WebSocket is closed (RFC 6455, section 7.4.1)."""
LinesOf = Callable[[Message, tuple[str, ...]], bytes]
"""What turns a message, and what its listener calls the stream, into the lines of an event."""
_SSE_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", cache_control.PRIVATE.encode()),
    (b"x-accel-buffering", b"no"),
]


@asgi("/api/v1/streaming", is_mount=True, copy_scope=False)
async def streaming(scope: Scope, receive: Receive, send: Send) -> None:
    """Tell whoever asks what happens, as it happens."""
    opening = Opening(as_dict(scope))
    app = scope["litestar_app"]
    core: Core = app.state["core"]
    hub: Hub = app.state["hub"]
    # Of a WebSocket's scope, too, a connection takes what it needs.
    address = client_address(ASGIConnection(cast("Any", scope)))
    core.networks.check(address)
    if opening.path == "/health" and not opening.is_websocket:
        await answer(send, 200, b"OK")
        return
    if opening.is_websocket:
        await receive()
    with ExitStack() as places:
        try:
            places.enter_context(hub.places.of_address(attempts.counted_as(address)))
            token = await asyncio.to_thread(_authenticate, core, opening)
            places.enter_context(hub.places.of_account(_account_id(token)))
        except TwiteError as error:
            await opening.refuse(send, *status_and_sentence(error))
            return
        if opening.is_websocket:
            await _WebSocket(core, hub, opening, token, receive, send).run()
        else:
            await _events(core, hub, opening, token, receive, send)


@asgi("/live", is_mount=True, copy_scope=False)
async def live(scope: Scope, receive: Receive, send: Send) -> None:
    """Tell a page that is open what happens, as it happens: to whom its session belongs, by ids alone.

    First it is told what may have happened since it was made, or didn't listen (`greetings.greeting`).
    Its address says which list the page shows, if that isn't the home timeline (`channels.shown`), and the `newest` of
    its entries.
    """
    opening = Opening(as_dict(scope))
    app = scope["litestar_app"]
    core: Core = app.state["core"]
    hub: Hub = app.state["hub"]
    connection: Connection = ASGIConnection(cast("Any", scope))
    address = client_address(connection)
    core.networks.check(address)
    with ExitStack() as places:
        try:
            if opening.is_websocket or opening.method != "GET":
                raise Failure(404, _(NO_SUCH_ADDRESS))
            places.enter_context(hub.places.of_address(attempts.counted_as(address)))
            session = await asyncio.to_thread(_session, core, connection)
            account_id = session.viewer.account_id
            places.enter_context(hub.places.of_account(account_id))
            shown = await asyncio.to_thread(_shown, core, account_id, opening.parameters)
        except TwiteError as error:
            await opening.refuse(send, *status_and_sentence(error))
            return
        listener = Listener(account_id, session_id=session.id)
        subscriptions = [channels.personal(account_id), *([shown] if shown is not None else [])]
        first_id = ids.parse(opening.parameters.get("newest", ""))
        greeting = partial(greetings.greeting, core, account_id, shown, first_id)
        await _serve(hub, listener, subscriptions, Message.reference, receive, send, greeting=greeting)


class _WebSocket:
    """One WebSocket, from when it is known whose it is to its end."""

    def __init__(self, core: Core, hub: Hub, opening: Opening, token: Token, receive: Receive, send: Send) -> None:
        self._core = core
        self._hub = hub
        self._opening = opening
        self._token = token
        self._receive = receive
        self._send = send
        self._code: int | None = NORMAL

    async def run(self) -> None:
        """Accept the handshake, and serve until one side ends it."""
        token = self._token
        received = await asyncio.to_thread(self._hub.unfinished.begin, self._opening.peer)
        await self._send(_message("websocket.accept", subprotocol=self._opening.subprotocol, headers=[]))
        listener = _listener(token)
        await self._hub.join(listener)
        self._hub.unfinished.join(self._opening.peer, received)
        try:
            if "stream" in self._opening.parameters:
                await self._subscribe(listener, token, self._opening.parameters)
            await _first_to_end(self._read(listener, token, received), self._write(listener), listener.ended.wait())
        finally:
            self._hub.unfinished.leave(self._opening.peer)
            await self._hub.leave(listener)
        if self._code is not None:
            with suppress(Exception):
                await asyncio.wait_for(self._send(_message("websocket.close", code=self._code)), CLOSE_SECONDS)

    async def _read(self, listener: Listener, token: Token, received: Received) -> None:
        while True:
            message = as_dict(await self._receive())
            if message["type"] == "websocket.disconnect":
                self._code = None
                return
            if message.get("text") is None:
                self._code = UNSUPPORTED_DATA
                return
            if len(message["text"]) > MAX_REQUEST_LENGTH:
                self._code = TOO_BIG
                return
            received.add(message["text"])
            await self._act(listener, token, message["text"])

    async def _act(self, listener: Listener, token: Token, text: str) -> None:
        """Do what an application asks for; what can't be understood is no request."""
        try:
            request = msgspec.json.decode(text, type=dict[str, Any])
        except (msgspec.DecodeError, RecursionError):
            return
        parameters = {name: str(value) for name, value in request.items()}
        if parameters.get("type") == "subscribe":
            await self._subscribe(listener, token, parameters)
        elif parameters.get("type") == "unsubscribe":
            self._hub.unsubscribe(listener, channels.named(parameters.get("stream", ""), parameters))

    async def _subscribe(self, listener: Listener, token: Token, parameters: Mapping[str, str]) -> None:
        try:
            if len(listener.subscriptions) >= MAX_SUBSCRIPTIONS:
                raise Failure(429, _("Too many subscriptions"))
            name = parameters.get("stream", "")
            subscription = await asyncio.to_thread(_subscription, self._core, token, name, parameters)
            self._hub.subscribe(listener, subscription)
        except TwiteError as error:
            status, sentence = status_and_sentence(error)
            listener.put(Refusal(sentence, status), ())

    async def _write(self, listener: Listener) -> None:
        while True:
            message, named = await listener.get()
            await self._send(_message("websocket.send", text=message.frame(named), bytes=None))


async def _events(core: Core, hub: Hub, opening: Opening, token: Token, receive: Receive, send: Send) -> None:
    """Serve Server-Sent Events until the application has gone."""
    try:
        name = channels.PATHS.get(opening.path)
        if name is None or opening.method != "GET":
            raise Failure(404, _("Unknown stream type"))
        if name in channels.WITH_MEDIA and opening.parameters.get("only_media") in {"true", "1"}:
            name = f"{name}:media"
        subscription = await asyncio.to_thread(_subscription, core, token, name, opening.parameters)
    except TwiteError as error:
        await opening.refuse(send, *status_and_sentence(error))
        return
    await _serve(hub, _listener(token), [subscription], Message.lines, receive, send)


async def _serve(
    hub: Hub,
    listener: Listener,
    subscriptions: Sequence[Subscription],
    lines_of: LinesOf,
    receive: Receive,
    send: Send,
    *,
    greeting: Callable[[], bytes] | None = None,
) -> None:
    """Send Server-Sent Events until one side ends it.

    `greeting` gives what is sent first, once nothing that happens is missed any more.
    """
    await hub.join(listener)
    try:
        for subscription in subscriptions:
            hub.subscribe(listener, subscription)
        await send(_message("http.response.start", status=200, headers=_SSE_HEADERS))
        await send(_body(b":)\n"))
        if greeting is not None:
            await send(_body(await asyncio.to_thread(greeting)))
        await _first_to_end(_gone(receive), _write_events(listener, lines_of, send), listener.ended.wait())
    finally:
        await hub.leave(listener)
    with suppress(Exception):
        await asyncio.wait_for(send(_body(b"", more=False)), CLOSE_SECONDS)


async def _write_events(listener: Listener, lines_of: LinesOf, send: Send) -> None:
    while True:
        try:
            message, named = await asyncio.wait_for(listener.get(), THUMP_SECONDS)
            lines = lines_of(message, named)
        except TimeoutError:
            lines = b":thump\n\n"
        await send(_body(lines))


def _message(kind: str, **members: Any) -> litestar.types.Message:
    # Which of ASGI's messages it is shows only when this runs.
    return cast("litestar.types.Message", {"type": kind, **members})


def _body(body: bytes, *, more: bool = True) -> litestar.types.Message:
    return _message("http.response.body", body=body, more_body=more)


async def _gone(receive: Receive) -> None:
    """Wait until an application has gone; one that sends what nobody asked for is taken for gone, too."""
    for _piece in range(MAX_PIECES):
        if (await receive())["type"] == "http.disconnect":
            return


async def _first_to_end(*work: Any) -> None:
    """Do several things at once until one of them ends, in whatever way, and then none."""
    tasks = [asyncio.ensure_future(task) for task in work]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _shown(core: Core, account_id: int, parameters: Mapping[str, str]) -> Subscription | None:
    with core.database.reading() as db:
        return channels.shown(db, account_id, parameters)


def _listener(token: Token) -> Listener:
    return Listener(_account_id(token), token_id=token.id)


def _account_id(token: Token) -> int:
    return token.viewer.account_id if token.viewer else 0


def _authenticate(core: Core, opening: Opening) -> Token:
    """Return the token of somebody who would listen. Raises Failure when there is none, or it is no good."""
    if opening.token is None:
        raise Failure(401, _("Missing access token"))
    with core.database.reading() as db:
        token = viewers.by_token(db, opening.token, now=clock.now())
    if token is None or token.viewer is None:
        raise Failure(401, _("Invalid access token"))
    check_usable(token)
    acting.check(token.viewer.acting, None)
    return token


def _session(core: Core, connection: Connection) -> Session:
    """Return the session of somebody whose page would listen. Raises Failure where there is none."""
    session_secret = cookies.session_secret(connection)
    with core.database.reading() as db:
        session = viewers.by_session(db, session_secret, now=clock.now()) if session_secret else None
    if session is None:
        raise Failure(401, _("Please log in first."))
    # What was opened would go on after the membership has ended.
    acting.check(session.viewer.acting, None)
    return session


def _subscription(core: Core, token: Token, name: str, parameters: Mapping[str, str]) -> Subscription:
    with core.database.reading() as db:
        return channels.subscription(db, token, name, parameters)
