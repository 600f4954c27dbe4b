"""Answering what most applications ask for most, without what the framework does for other requests.

A GET of the API whose handler takes the request and the names in its path, and returns an entity, needs no parameters
read, no dependencies and no response built: a sixth of the time of an answer that is made from a few rows.
"""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable
from functools import cache

import msgspec
from litestar import MediaType, Response
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.types import ASGIApp, Receive, Scope, Send
from litestar.utils.sync import AsyncCallable

from twite_web.types import Request

JSON = (b"content-type", b"application/json")


class PlainReads:
    """Middleware, the innermost: answers such requests, and hands on all others.

    `prepare` is what comes before every handler.
    """

    def __init__(self, app: ASGIApp, prepare: Callable[[Request], Awaitable[None]]) -> None:
        self._app = app
        self._prepare = prepare
        self._reader = cache(_reader)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (ASGI 3.0)."""
        read = self._reader(scope["route_handler"]) if scope["type"] == ScopeType.HTTP else None
        if read is None:
            await self._app(scope, receive, send)
            return
        request: Request = scope["litestar_app"].request_class(scope)
        await self._prepare(request)
        in_context = contextvars.copy_context().run
        body = await asyncio.get_running_loop().run_in_executor(None, in_context, read, request)
        headers = [JSON, (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})


def _reader(handler: BaseRouteHandler) -> Callable[[Request], bytes] | None:
    """Return what makes a handler's answer from a request; None where the framework has to do it."""
    if not isinstance(handler, HTTPRouteHandler) or not isinstance(handler.fn, AsyncCallable):
        return None
    function: Callable[..., object] = handler.fn.func
    signature = handler.parsed_fn_signature
    is_read = handler.http_methods == {"GET"} and "access" in handler.opt and handler.media_type == MediaType.JSON
    if not is_read or signature.return_type.is_subclass_of(Response) or handler.resolve_response_headers():
        return None
    in_path = {part[1:-1].partition(":")[0] for path in handler.paths for part in path.split("/") if part[:1] == "{"}
    if not signature.parameters.keys() <= {"request", *in_path}:
        return None

    def read(request: Request) -> bytes:
        return msgspec.json.encode(function(request, **request.path_params))

    return read
