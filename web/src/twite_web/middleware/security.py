"""What every request passes first and every response last: host names, CORS, and security headers.

The website and the API differ here and nowhere else: other sites' pages may call the API, never the website.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast
from urllib.parse import urlsplit

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from twite_common.settings import Settings
from twite_web import cache_control, cookies
from twite_web.middleware import bodies, heads
from twite_web.middleware.responses import finishing
from twite_web.rate_limiter import SCOPE_KEY
from twite_web.types import as_dict

API_PREFIXES = ("/api/", "/.well-known/", "/nodeinfo/")
API_PATHS = frozenset(
    {
        "/oauth/token",
        "/oauth/revoke",
        "/oauth/introspect",
        "/oauth/device_authorization",
        "/oauth/userinfo",
        "/health",
    }
)
FILES = ("/media/", "/static/")
"""What pages of other sites may load, and read, because it is nobody's secret."""
API_DOCS = "/api/docs"
"""The API's own page, which is the website's."""

_PICTURES, _RECORDINGS = "img-src 'self' data:", "media-src 'self'"
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        _PICTURES,
        _RECORDINGS,
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""No inline script or style anywhere. `form-action` is left out: after a form of ours, OAuth redirects elsewhere,
and browsers apply it to that redirect too."""


def content_security_policy(settings: Settings) -> str:
    """Return what a page of the site may load, and from where."""
    if not settings.media_base_url:
        return _POLICY
    parts = urlsplit(settings.media_base_url)
    origin = f" {parts.scheme}://{parts.netloc}"
    return _POLICY.replace(_PICTURES, _PICTURES + origin).replace(_RECORDINGS, _RECORDINGS + origin)


def embedded(settings: Settings) -> dict[str, str]:
    """Return headers of a page that other sites may show in a frame (HTML, section 7.8): it has no scripts or forms."""
    policy = content_security_policy(settings).replace("script-src 'self'", "script-src 'none'")
    return {
        "Content-Security-Policy": policy.replace("frame-ancestors 'none'", "frame-ancestors *"),
        "X-Frame-Options": "ALLOWALL",
    }


NO_SUCH_PART = 416
"""Whoever plays a video asks behind its end, too, and must be able to read how long it is."""
HEAD_KEY = "twite_head"
"""Stands in the scope of a request whose method was HEAD: handlers answer it as they answer GET."""

_SITE_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"interest-cohort=()"),
]
_FILES_HEADERS = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"Accept-Ranges, Content-Range, ETag"),
    (b"cross-origin-resource-policy", b"cross-origin"),
]
"""Clients that run in browsers show pictures, read their pixels and play videos from pages of their own."""
_API_HEADERS = [
    (b"access-control-allow-origin", b"*"),
    (
        b"access-control-expose-headers",
        b"Link, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-Id, Mastodon-Async-Refresh",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"vary", b"Authorization, Origin"),
]
_PRIVATE = (b"cache-control", cache_control.PRIVATE.encode())
_PUBLIC = (b"cache-control", cache_control.PUBLIC.encode())
"""What strangers are told may be kept for a moment, as on the website; of failures nothing is kept."""
_PREFLIGHT_HEADERS = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, POST, PUT, PATCH, DELETE, OPTIONS"),
    (b"access-control-max-age", b"86400"),
    (b"vary", b"Access-Control-Request-Headers"),
]
_BARE_JSON = (b"content-type", b"application/json")
_JSON = (b"content-type", b"application/json; charset=utf-8")
"""JSON needs no charset (RFC 8259, section 11), but clients that read any answer as text look for one."""
_Added = tuple[list[tuple[bytes, bytes]], list[tuple[bytes, bytes]]]
_ESCAPED = re.compile(rb"%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(rb"[A-Za-z0-9_~@-]")
"""What paths have as it is (RFC 3986, section 2.3), and "@"; dots aside, of which two would lead elsewhere."""
_LOCAL = re.compile(rb"/[^/\\\x00-\x20\x7f-\xff][^\\\x00-\x20\x7f-\xff]*")
"""A path that no browser takes for another site's address."""
_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^:\[\]]*))(?::[0-9]*)?")
_HSTS = (b"strict-transport-security", b"max-age=31536000")


class SecurityMiddleware:
    """Wraps the application: the only thing that the server calls."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._hosts = allowed_hosts(settings)
        self._cookies = cookies.names(settings)
        secure = [_HSTS] if settings.secure else []
        policy = (b"content-security-policy", content_security_policy(settings).encode())
        site, api = [policy, *_SITE_HEADERS, *secure], _API_HEADERS + secure
        self._site = (site, site)
        self._files = (site + _FILES_HEADERS, site)
        self._api = ([*api, _PRIVATE], [*api, _PRIVATE])
        self._api_public = ([*api, _PUBLIC], [*api, _PRIVATE])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection (ASGI 3.0)."""
        kind: str = scope["type"]
        if kind == ScopeType.HTTP:
            await self._http(as_dict(scope), receive, send)
        elif kind == ScopeType.WEBSOCKET:
            await self._websocket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        unknown_host = host_name(dict(scope["headers"]).get(b"host", b"")) not in self._hosts
        if unknown_host or heads.refusal(as_dict(scope), self._cookies):
            # Before it is accepted, this refuses it with 403.
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
            return
        await self._app(scope, receive, send)

    async def _http(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        path = scope["path"]
        api = is_api(path)
        if await self._is_answered(scope, headers, send, api=api):
            return
        if api and scope["query_string"]:
            scope["original_query_string"] = scope["query_string"]
            scope["query_string"] = heads.plain_query(scope["query_string"])
        if scope["method"] == "HEAD":
            scope["method"] = "GET"
            scope[HEAD_KEY] = True
            send = _headers_only(send)
        if scope["method"] == "GET":
            by_token = api and path.startswith("/api/") and b"authorization" in headers
            send = finishing(send, headers, by_token=by_token)
        added = self._added(scope, headers, api=api)
        # It is the scope that came, with keys of our own.
        await self._app(cast("Scope", scope), receive, _sender(send, scope, added))
        if bodies.SCOPE_KEY not in scope and bodies.has_body(cast("HTTPScope", scope)):
            await bodies.throw_away(receive)

    async def _is_answered(self, scope: dict[str, Any], headers: dict[bytes, bytes], send: Send, *, api: bool) -> bool:
        """Answer what no handler has to see: refusals, preflight requests and redirects; return whether it did."""
        if host_name(headers.get(b"host", b"")) not in self._hosts:
            await answer(send, 421, b"This server doesn't answer for that host name.\n")
            return True
        refused = heads.refusal(scope, self._cookies)
        if refused is not None:
            await _refuse(send, *refused, api=api)
            return True
        if api and scope["method"] == "OPTIONS" and b"access-control-request-method" in headers:
            await answer(send, 204, b"", headers=_preflight(headers))
            return True
        tidied = None if api else tidy(scope)
        if tidied is not None:
            await answer(send, 301, b"", headers=[(b"location", tidied), *self._site[0]])
            return True
        return False

    def _added(self, scope: dict[str, Any], headers: dict[bytes, bytes], *, api: bool) -> _Added:
        """Return what is added to answers, and what is added to failures."""
        if api:
            return self._api_public if _is_public(scope, headers) else self._api
        return self._files if scope["method"] == "GET" and scope["path"].startswith(FILES) else self._site


def _preflight(headers: Mapping[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    """Return the headers that let pages of other sites ask the API."""
    asked = headers.get(b"access-control-request-headers", b"authorization, content-type, idempotency-key")
    return [*_PREFLIGHT_HEADERS, (b"access-control-allow-headers", asked)]


def tidy(scope: dict[str, Any]) -> bytes | None:
    """Return where the page of a path is that has a slash at its end or escapes what needn't be; None: it is there."""
    if scope["method"] not in {"GET", "HEAD"}:
        return None
    raw = scope.get("raw_path", b"").partition(b"?")[0]
    tidied = _ESCAPED.sub(_plain, raw).rstrip(b"/")
    if tidied == raw or not _LOCAL.fullmatch(tidied):
        return None
    query: bytes = scope["query_string"]
    return tidied + (b"?" + query if query else b"")


def _plain(escaped: re.Match[bytes]) -> bytes:
    character = bytes([int(escaped[1], 16)])
    return character if _UNRESERVED.fullmatch(character) else escaped[0]


def is_api(path: str) -> bool:
    """Say whether a path is the API's, which other sites' pages may call, rather than the website's."""
    return path in API_PATHS or (path.startswith(API_PREFIXES) and not path.startswith(API_DOCS))


def _is_public(scope: dict[str, Any], headers: dict[bytes, bytes]) -> bool:
    """Say whether what is asked of the API is what every stranger would get.

    A token in the address isn't read there, but the address would be kept with the answer.
    """
    return (
        scope["method"] == "GET"
        and b"authorization" not in headers
        and b"access_token=" not in scope["query_string"]
        and scope["path"].startswith(API_PREFIXES)
    )


def allowed_hosts(settings: Settings) -> frozenset[str]:
    """Return the host names that the site answers to."""
    own = urlsplit(settings.base_url).hostname or ""
    loopback = {"localhost", "127.0.0.1", "::1"}
    names = {own, *(name.lower() for name in settings.hosts)}
    return frozenset(names | loopback if own in loopback else names)


def host_name(header: bytes) -> str:
    """Return the name in a Host header, without the port; "" where it is written otherwise (RFC 9110, section 7.2)."""
    written = _HOST.fullmatch(header.decode("latin-1").lower())
    return (written[1] or written[2]) if written else ""


def _sender(send: Send, scope: dict[str, Any], added: _Added) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            standing = scope.get(SCOPE_KEY)
            further = added[0] if message["status"] < 400 or message["status"] == NO_SUCH_PART else added[1]
            headers = [_JSON if header == _BARE_JSON else header for header in message["headers"]]
            message["headers"] = with_headers(headers, further + standing.headers() if standing else further)
        await send(message)

    return send_with_headers


def _headers_only(send: Send) -> Send:
    async def send_headers(message: Message) -> None:
        if message["type"] == "http.response.body":
            message["body"] = b""
        await send(message)

    return send_headers


def with_headers(present: Iterable[tuple[bytes, bytes]], added: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return headers with others added, except those that a handler has set itself."""
    kept = list(present)
    names = {name.lower() for name, _ in kept}
    return kept + [header for header in added if header[0] not in names]


async def _refuse(send: Send, status: int, sentence: str, *, api: bool) -> None:
    if api:
        headers, media_type = [_API_HEADERS[0], _PRIVATE], _JSON[1]
        await answer(send, status, msgspec.json.encode({"error": sentence}), headers=headers, media_type=media_type)
    else:
        await answer(send, status, f"{sentence}\n".encode(), headers=[_PRIVATE])


async def answer(
    send: Send,
    status: int,
    body: bytes,
    *,
    headers: Iterable[tuple[bytes, bytes]] = (),
    media_type: bytes = b"text/plain; charset=utf-8",
    kind: str = "http.response",
) -> None:
    """Send a whole answer; `kind` is what ASGI's messages begin with, another one where a WebSocket is refused."""
    start = [*headers, (b"content-length", str(len(body)).encode()), (b"content-type", media_type)]
    # Which of ASGI's messages it is shows only when this runs.
    await send(cast("Message", {"type": f"{kind}.start", "status": status, "headers": start}))
    await send(cast("Message", {"type": f"{kind}.body", "body": body, "more_body": False}))
