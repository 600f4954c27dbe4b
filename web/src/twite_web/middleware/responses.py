"""Whole responses on their way out: those that are the same for all strangers get a tag, texts are compressed.

An answer isn't compressed where it holds a secret beside what others can choose, because its length would tell of the
secret whoever can have it asked for again and again (BREACH). A browser can be had to ask for pages, and sends its
cookies along: pages for one person, all with forms among them, are left as they are. Nobody can have an application
send its token, so what it reads is compressed, but never what is answered to anything else: that may be a new token.
Nor can other sites' pages send the header with which our script asks for parts of pages, so these are compressed, too.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from litestar.types import Message, Send

from twite_web.middleware import compression, conditional
from twite_web.middleware.compression import SMALLEST
from twite_web.types import as_dict

Headers = list[tuple[bytes, bytes]]
PART_HEADER = b"twite-part"
"""Sent by our script alone: a page of another site could send it only if we answered its preflight request."""


def finishing(send: Send, asked: Mapping[bytes, bytes], *, by_token: bool) -> Send:
    """Return what takes an answer to a GET with these headers, and sends it finished.

    `by_token` says that an application reads something of the API with its token.
    """
    held: _Held | None = None

    async def send_finished(message: Message) -> None:
        nonlocal held
        if message["type"] == "http.response.start":
            held = _held(as_dict(message), by_token=by_token or PART_HEADER in asked)
            if held is not None:
                return
        elif held is not None:
            start, held = held, None
            if message["type"] == "http.response.body" and not message.get("more_body"):
                message["body"] = await _finish(start, message.get("body", b""), asked)
            # The message that was held, with other headers.
            await send(cast("Message", start.message))
        await send(message)

    return send_finished


class _Held(NamedTuple):
    """The beginning of an answer, until its body is there."""

    message: dict[str, Any]
    headers: dict[bytes, bytes]
    is_public: bool
    is_text: bool


def _held(message: dict[str, Any], *, by_token: bool) -> _Held | None:
    """Return the beginning of an answer that is whole, by what it says, and is to be finished; None for others."""
    if message["status"] != 200:
        return None
    headers = dict(message["headers"])
    if b"content-length" not in headers or b"content-encoding" in headers:
        return None
    is_public = headers.get(b"cache-control", b"").startswith(b"public")
    is_text = compression.is_text(headers.get(b"content-type", b"").decode("latin-1"))
    return _Held(message, headers, is_public, is_text) if is_public or (by_token and is_text) else None


async def _finish(start: _Held, body: bytes, asked: Mapping[bytes, bytes]) -> bytes:
    """Give the beginning of an answer the headers that it is sent with, and return the body for it."""
    message, headers = start.message, start.headers
    changed: dict[bytes, bytes] = {}
    if start.is_text:
        changed[b"vary"] = _also(headers.get(b"vary", b""), b"Accept-Encoding")
    if start.is_public and b"etag" not in headers:
        etag = conditional.tag_of(body)
        changed[b"etag"] = etag.encode()
        tags = _asked(asked, b"if-none-match")
        if tags and conditional.unmodified({"if-none-match": tags}, etag):
            message["status"] = conditional.NOT_MODIFIED
            message["headers"] = _with(message["headers"], changed, without=(b"content-type", b"content-length"))
            return b""
    encoding = compression.chosen(_asked(asked, b"accept-encoding")) if start.is_text else None
    if encoding and len(body) > SMALLEST:
        etag_now = headers.get(b"etag", b"")
        # A strong tag is that of a file, and names one sequence of bytes.
        stays = etag_now.startswith(b'"')
        body = await compression.compressed(encoding, body, stays=stays)
        changed |= {b"content-encoding": encoding.encode(), b"content-length": b"%d" % len(body)}
        if stays:
            changed[b"etag"] = b"W/" + etag_now
    message["headers"] = _with(message["headers"], changed)
    return body


def _asked(headers: Mapping[bytes, bytes], name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1")


def _also(vary: bytes, name: bytes) -> bytes:
    if not vary:
        return name
    return vary if name in vary else vary + b", " + name


def _with(headers: Headers, changed: Mapping[bytes, bytes], without: tuple[bytes, ...] = ()) -> Headers:
    kept = [header for header in headers if header[0] not in changed and header[0] not in without]
    return kept + list(changed.items())
