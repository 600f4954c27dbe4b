"""Whole responses on their way out: those that are the same for all strangers get a tag, texts are compressed.

An answer isn't compressed where it holds a secret beside what others can choose, because its length would tell of the
secret whoever can have it asked for again and again (BREACH). A browser can be had to ask for pages, and sends its
cookies along: pages for one person, all with forms among them, are left as they are. Nobody can have an application
send its token, so what it reads is compressed, but never what is answered to anything else: that may be a new token.
"""

from collections.abc import Mapping
from typing import Any

from litestar.types import Message, Send

from twite_web.middleware import compression, conditional
from twite_web.middleware.compression import SMALLEST
from twite_web.types import as_dict

Headers = list[tuple[bytes, bytes]]


def finishing(send: Send, asked: Mapping[bytes, bytes], *, by_token: bool) -> Send:
    """Return what takes an answer to a GET with these headers, and sends it finished.

    `by_token` says that an application reads something of the API with its token.
    """
    held: list[Message] = []

    async def send_finished(message: Message) -> None:
        if message["type"] == "http.response.start" and _is_wanted(message, by_token=by_token):
            held.append(message)
            return
        if held:
            start = held.pop()
            if message["type"] == "http.response.body" and not message.get("more_body"):
                message["body"] = await _finish(as_dict(start), message.get("body", b""), asked)
            await send(start)
        await send(message)

    return send_finished


def _is_wanted(start: Any, *, by_token: bool) -> bool:
    """Say whether an answer is known, by its beginning, to be whole and to be finished here."""
    if start["status"] != 200:
        return False
    headers = dict(start["headers"])
    return (
        b"content-length" in headers
        and b"content-encoding" not in headers
        and (by_token or _is_public(headers))
        and (_is_public(headers) or compression.is_text(_type(headers)))
    )


async def _finish(start: dict[str, Any], body: bytes, asked: Mapping[bytes, bytes]) -> bytes:
    """Give the beginning of an answer the headers that it is sent with, and return the body for it."""
    headers = dict(start["headers"])
    changed: dict[bytes, bytes] = {}
    is_text = compression.is_text(_type(headers))
    if is_text:
        changed[b"vary"] = _also(headers.get(b"vary", b""), b"Accept-Encoding")
    if _is_public(headers) and b"etag" not in headers:
        etag = conditional.tag_of(body)
        changed[b"etag"] = etag.encode()
        if conditional.unmodified({"if-none-match": _asked(asked, b"if-none-match")}, etag):
            start["status"] = conditional.NOT_MODIFIED
            start["headers"] = _with(start["headers"], changed, without=(b"content-type", b"content-length"))
            return b""
    encoding = compression.chosen(_asked(asked, b"accept-encoding")) if is_text else None
    if encoding and len(body) > SMALLEST:
        etag_now = headers.get(b"etag", b"")
        # A strong tag is that of a file, and names one sequence of bytes.
        stays = etag_now.startswith(b'"')
        body = await compression.compressed(encoding, body, stays=stays)
        changed |= {b"content-encoding": encoding.encode(), b"content-length": b"%d" % len(body)}
        if stays:
            changed[b"etag"] = b"W/" + etag_now
    start["headers"] = _with(start["headers"], changed)
    return body


def _asked(headers: Mapping[bytes, bytes], name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1")


def _is_public(headers: Mapping[bytes, bytes]) -> bool:
    return headers.get(b"cache-control", b"").startswith(b"public")


def _type(headers: Mapping[bytes, bytes]) -> str:
    return headers.get(b"content-type", b"").decode("latin-1")


def _also(vary: bytes, name: bytes) -> bytes:
    if not vary:
        return name
    return vary if name in vary else vary + b", " + name


def _with(headers: Headers, changed: Mapping[bytes, bytes], without: tuple[bytes, ...] = ()) -> Headers:
    kept = [header for header in headers if header[0] not in changed and header[0] not in without]
    return kept + list(changed.items())
