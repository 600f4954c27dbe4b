"""The API's OpenAPI 3.1 description, generated from the handlers: /api/openapi.json."""

from collections.abc import Iterator
from functools import cache
from inspect import cleandoc
from typing import Any, TypeAlias

import msgspec
from litestar import Litestar, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.routes import HTTPRoute
from litestar.utils.sync import AsyncCallable

from twite_web import __version__, cache_control
from twite_web.api.access import ANYONE, anyone
from twite_web.core import core
from twite_web.middleware import conditional
from twite_web.oauth import scopes
from twite_web.parameters import ParameterRequest
from twite_web.routing import Router
from twite_web.single_flight import made_once
from twite_web.types import Request, Response

ABOUT = """Apps and scripts can do everything that this site's pages can.

Most of this is Mastodon's client API, so apps for Mastodon work here too. Requests take JSON, forms or multipart
forms. Ids are strings of digits, times are in UTC.

Operations that need a login take a token in the header `Authorization: Bearer …`. An application gets one with OAuth 2
(authorization code, with PKCE if it has no secret); for a script of your own, create one in your settings or with
`twite token create`.
"""
FAILURE_SCHEMA = {
    "type": "object",
    "description": "What went wrong, in a sentence.",
    "properties": {"error": {"type": "string"}, "error_description": {"type": "string"}, "details": {"type": "object"}},
    "required": ["error"],
}
FAILURES = {
    "BadRequest": "The request can't be understood.",
    "NotAuthenticated": "A token is missing, or it isn't valid.",
    "NotAllowed": "The token doesn't cover this, or its account may not do it.",
    "NotFound": "It doesn't exist, or you may not see it.",
    "Conflict": "Somebody else changed the same thing first.",
    "Invalid": "The request isn't valid; nothing was changed.",
    "TooMany": "Too many requests; the header Retry-After says when to try again.",
    "Unavailable": "The site can't do this now because its disk is full or its database busy; nothing was changed.",
}
MEDIA_TYPE = "application/vnd.oai.openapi+json;version=3.1"
STATUSES = {
    "BadRequest": "400",
    "NotAuthenticated": "401",
    "NotAllowed": "403",
    "NotFound": "404",
    "Conflict": "409",
    "Invalid": "422",
    "TooMany": "429",
    "Unavailable": "503",
}

Routers: TypeAlias = tuple[Router, ...]


def router(routers: Routers) -> Router:
    """Return the route of the description of these routers."""

    @get("/api/openapi.json", media_type=MEDIA_TYPE, opt=anyone(), sync_to_thread=True)
    def document(request: Request) -> Response:
        """Return the description of the API."""
        base = core(request).addresses.base
        headers = {
            "Cache-Control": cache_control.FIVE_MINUTES,
            "ETag": _etag(routers, base),
            "Vary": "Authorization, Origin, Accept-Encoding",
        }
        if conditional.unmodified(request.headers, headers["ETag"]):
            return conditional.not_modified(headers)
        return Response(described(routers, base), headers=headers)

    return Router("/", route_handlers=[document], include_in_schema=False)


@cache
def _etag(routers: Routers, base: str) -> str:
    return f'"{conditional.version(described(routers, base))}"'


@made_once
def described(routers: Routers, base: str) -> bytes:
    """Return the OpenAPI document of what these routers offer on the site at this address, as JSON."""
    config = OpenAPIConfig(title="Twite", version=__version__, description=ABOUT, use_handler_docstrings=True)
    app = Litestar(route_handlers=routers, request_class=ParameterRequest, openapi_config=config, logging_config=None)
    document = app.openapi_schema.to_schema()
    for path, method, handler in _handlers(app):
        _complete(document["paths"][path][method], handler)
    document["paths"] = dict(sorted(document["paths"].items()))
    document["servers"] = [{"url": base}]
    components = document["components"]
    components["securitySchemes"] = _security_schemes(base)
    components["schemas"]["Failure"] = FAILURE_SCHEMA
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Failure"}}}
    components["responses"] = {
        name: {"description": sentence, "content": content} for name, sentence in FAILURES.items()
    }
    return msgspec.json.encode(document)


def _handlers(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """Yield each described route as the document names it: path, method and handler."""
    for route in app.routes:
        described_handlers = _described_handlers(route) if isinstance(route, HTTPRoute) else []
        for handler in described_handlers:
            for method in handler.http_methods:
                yield route.path_format, method.lower(), handler


def _described_handlers(route: HTTPRoute) -> list[HTTPRouteHandler]:
    return [handler for handler in route.route_handlers if handler.resolve_include_in_schema()]


def _complete(operation: dict[str, Any], handler: HTTPRouteHandler) -> None:
    """Add what the framework doesn't know: the scopes, the forms of a body, and how failures are answered."""
    operation["description"] = cleandoc(_function(handler).__doc__ or "")
    operation["summary"] = operation["description"].partition("\n\n")[0].replace("\n", " ").removesuffix(".")
    operation["security"] = _security(handler)
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]
        for kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
            content[kind] = content["application/json"]
    operation["responses"].get("204", {}).pop("content", None)
    for name, status in STATUSES.items():
        operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}


def _function(handler: HTTPRouteHandler) -> Any:
    """Return a handler's function; the framework wraps it, once per path, in callables with their own docstring."""
    function: Any = handler.fn
    while isinstance(function, AsyncCallable):
        function = function.func
    return function


def _security(handler: HTTPRouteHandler) -> list[dict[str, list[str]]]:
    """Return the ways to be allowed in; any one of them is enough."""
    alternatives = [[scope] for scope in handler.opt["scopes"]] or [[]]
    requirements = [{scheme: needed} for needed in alternatives for scheme in ("oauth", "token")]
    return [{}, *requirements] if handler.opt["access"] == ANYONE else requirements


def _security_schemes(base: str) -> dict[str, Any]:
    descriptions = {scope: f"Everything that {scope} stands for" for scope in sorted(scopes.ALL)}
    token_url = f"{base}/oauth/token"
    return {
        "oauth": {
            "type": "oauth2",
            "flows": {
                "authorizationCode": {
                    "authorizationUrl": f"{base}/oauth/authorize",
                    "tokenUrl": token_url,
                    "refreshUrl": token_url,
                    "scopes": descriptions,
                },
                "clientCredentials": {"tokenUrl": token_url, "scopes": descriptions},
            },
        },
        "token": {"type": "http", "scheme": "bearer", "description": "A personal access token."},
    }
