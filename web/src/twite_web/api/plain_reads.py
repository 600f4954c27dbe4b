"""Answering what most applications ask for most, without what the framework does for other requests.

A GET of the API whose handler takes the request, the names in its path, a page and simple parameters, and returns an
entity, needs no dependencies resolved and no response built: a sixth of the time of an answer that is made from a few
rows. What is asked for in any other way than applications do is left to the framework, which knows all of them.
"""

import asyncio
import contextvars
import re
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

import msgspec
from litestar import Litestar, MediaType, Response
from litestar.background_tasks import BackgroundTask, BackgroundTasks
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.types import Empty, Receive, Scope, Send
from litestar.typing import FieldDefinition
from litestar.utils.sync import AsyncCallable

from twite_web.api.paging import PageRequest
from twite_web.middleware import bodies
from twite_web.middleware.request_concurrency import Subject
from twite_web.types import Request, as_dict

JSON = (b"content-type", b"application/json")
MAX_PAIRS = 50
"""Parameters of a query that are read here; nobody but a script sends more."""
_NUMBER = re.compile(rb"0|[1-9][0-9]{0,8}")
_PAGE = {b"limit": int, b"max_id": str, b"since_id": str, b"min_id": str}
"""What asks for a page, in the order of `PageRequest`'s parameters."""
_PAGE_NAMES = [name.decode() for name in _PAGE]
_KINDS: dict[Any, Any] = {
    bool: bool,
    int: int,
    int | None: int,
    str: str,
    str | None: str,
    list[str] | None: list,
}
"""How parameters are read here, by what handlers declare."""
_BOOLS = {b"true": True, b"false": False}
Headers = list[tuple[bytes, bytes]]
Afterwards = BackgroundTask | BackgroundTasks
Answer = tuple[bytes, Headers, Afterwards | None]
"""The body of an answer, headers of its own, and what is to be done after it."""


class PlainReads:
    """Middleware around the application: answers such requests, and hands on all others.

    `prepare` is what comes before every handler, `subjects` says in which lines a request waits, and `as_answer` what
    is answered where it fails.
    """

    def __init__(
        self,
        app: Litestar,
        *,
        prepare: Callable[[Request], Awaitable[None]],
        subjects: Callable[[Request], list[Subject]],
        as_answer: Callable[[Request, Exception], Response[Any]],
    ) -> None:
        self._app = app
        self._prepare = prepare
        self._subjects = subjects
        self._as_answer = as_answer
        self._reader = cache(_reader)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (ASGI 3.0)."""
        reader = self._found(scope)
        arguments = reader.arguments(scope["query_string"]) if reader is not None else None
        if reader is None or arguments is None:
            await self._app(scope, receive, send)
            return
        request: Request = self._app.request_class(scope)
        try:
            body, headers, afterwards = await self._read(request, reader, arguments)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is answered, as the framework does
            response = self._as_answer(request, error).to_asgi_response(app=None, request=request)
            await response(scope, receive, send)
            return
        headers += [JSON, (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})
        if afterwards is not None:
            await afterwards()

    def _found(self, scope: Scope) -> "Reader | None":
        """Return what answers a request, and note in its scope what the framework would; None where that has to."""
        if scope["type"] != ScopeType.HTTP or scope["method"] != "GET" or bodies.has_body(scope):
            return None
        path = scope["path"]
        if not path.startswith("/api/v") or path.endswith("/") or "//" in path or scope.get("root_path"):
            return None
        try:
            _app, handler, _path, parameters, template = self._app.asgi_router.handle_routing(path=path, method="GET")
        except HTTPException:
            return None
        reader = self._reader(handler)
        if reader is not None:
            noted = {"route_handler": handler, "path_params": parameters, "path_template": template}
            as_dict(scope).update(noted, app=self._app, litestar_app=self._app)
            as_dict(scope).setdefault("state", {})
        return reader

    async def _read(self, request: Request, reader: "Reader", arguments: dict[str, Any]) -> Answer:
        async with self._app.state["turns"].of(self._subjects(request)):
            await self._prepare(request)
            in_context = contextvars.copy_context().run
            threads = self._app.state["reading_threads"]
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(threads, in_context, reader.read, request, arguments)


class Reader(NamedTuple):
    """What makes a handler's answer: its function, and the kinds of the parameters in its query, by their names.

    `takes_page` says whether it takes what asks for a page of a list.
    """

    function: Callable[..., object]
    kinds: Mapping[bytes, Any]
    takes_page: bool

    def arguments(self, query: bytes) -> dict[str, Any] | None:
        """Return what the function takes from a query; None where the framework has to read it."""
        given: dict[str, Any] = {}
        if query:
            pairs = query.split(b"&")
            if len(pairs) > MAX_PAIRS or not all(self._take(pair, given) for pair in pairs):
                return None
        if self.takes_page:
            given["page_request"] = PageRequest(*[given.pop(name, None) for name in _PAGE_NAMES])
        return given

    def _take(self, pair: bytes, given: dict[str, Any]) -> bool:
        """Add to what is `given` what one pair of a query says; say whether it could be read here."""
        name, _, value = pair.partition(b"=")
        kind = self.kinds.get(name)
        if kind is None:
            # Names that are written otherwise than anybody does may be one of these all the same.
            return name.replace(b"_", b"").isalnum()
        key = name.decode()
        if kind is list:
            given.setdefault(key, []).append(value.decode("latin-1"))
            return value.isalnum()
        if key in given:
            return False
        if kind is bool:
            given[key] = _BOOLS.get(value)
            return value in _BOOLS
        if kind is int:
            given[key] = int(value) if _NUMBER.fullmatch(value) else None
            return given[key] is not None
        given[key] = value.decode("latin-1")
        return value.isalnum()

    def read(self, request: Request, arguments: dict[str, Any]) -> Answer:
        """Return the body of the answer to a request, and the headers and what is to be done after it, if anything."""
        answer = self.function(request, **request.path_params, **arguments)
        if not isinstance(answer, Response):
            return msgspec.json.encode(answer), [], None
        headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in answer.headers.items()]
        return msgspec.json.encode(answer.content), headers, answer.background


def _reader(handler: BaseRouteHandler) -> Reader | None:
    """Return what makes a handler's answer from a request; None where the framework has to do it."""
    if not isinstance(handler, HTTPRouteHandler) or not isinstance(handler.fn, AsyncCallable):
        return None
    signature = handler.parsed_fn_signature
    # Responses may say themselves what they are.
    is_json = handler.media_type in {MediaType.JSON, ""}
    is_read = handler.http_methods == {"GET"} and "access" in handler.opt and is_json
    if not is_read or handler.resolve_response_headers():
        return None
    in_path = {part[1:-1].partition(":")[0] for path in handler.paths for part in path.split("/") if part[:1] == "{"}
    further = {name: field for name, field in signature.parameters.items() if name not in {"request", *in_path}}
    takes_page = further.pop("page_request", None) is not None
    # Pages are responses, which add the header that leads to the next one and nothing else.
    if signature.return_type.is_subclass_of(Response) and not takes_page:
        return None
    kinds = {name.encode(): _kind(name, field) for name, field in further.items()}
    if None in kinds.values():
        return None
    function: Callable[..., object] = handler.fn
    while isinstance(function, AsyncCallable):
        # A handler with two addresses is wrapped twice.
        function = function.func
    return Reader(function, kinds | (_PAGE if takes_page else {}), takes_page)


def _kind(name: str, field: FieldDefinition) -> Any:
    """Return how a parameter of a query is read; None where the framework has to do it."""
    called = getattr(field.kwarg_definition, "name", None) or name
    return _KINDS.get(field.annotation) if called == name and field.default is not Empty else None
