"""Compressing responses (RFC 9110, section 12.5.3)."""

import asyncio
import gzip
import sys
from collections.abc import Callable
from functools import lru_cache

import brotli
from werkzeug.http import parse_accept_header

from twite_web.single_flight import made_once

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SMALLEST = 1024
"""Bytes: what isn't longer fits into one packet with its headers, compressed or not."""
AT_ONCE = {"zstd": 64 * 1024, "br": 8 * 1024, "gzip": 8 * 1024}
"""Bytes that are compressed in less time than it takes to hand them to a thread and back: some 0.2 ms."""
MAX_WISHES_LENGTH = 256
"""Characters of an Accept-Encoding; browsers send some thirty."""
_TEXT = ("text/", "application/json", "application/javascript", "application/xml", "image/svg+xml")
_TEXT_ENDINGS = ("+json", "+xml")
_STREAM = "text/event-stream"

_OFTEN: dict[str, Callable[[bytes], bytes]] = {
    "zstd": lambda body: zstd.compress(body, 3),
    "br": lambda body: brotli.compress(body, quality=4),
    "gzip": lambda body: gzip.compress(body, 5),
}
"""What is made anew for each request. Of those that somebody likes equally the first, which is the quickest."""
_ONCE: dict[str, Callable[[bytes], bytes]] = {
    "zstd": lambda body: zstd.compress(body, 12),
    "br": lambda body: brotli.compress(body, quality=9),
    "gzip": lambda body: gzip.compress(body, 9),
}
"""What stays as long as the process."""


def chosen(accepted: str) -> str | None:
    """Return in which way an answer to a request with this Accept-Encoding is compressed, if in any."""
    return _chosen(accepted) if len(accepted) <= MAX_WISHES_LENGTH else None


@lru_cache(256)
def _chosen(accepted: str) -> str | None:
    wishes = parse_accept_header(accepted)
    best = max(_OFTEN, key=wishes.quality)
    wished = wishes.quality(best)
    return best if wished > 0 and wished >= wishes.quality("identity") else None


@lru_cache(64)
def is_text(content_type: str) -> bool:
    """Say whether an answer of a type becomes smaller; a stream isn't compressed, for its parts would be held up."""
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type != _STREAM and (media_type.startswith(_TEXT) or media_type.endswith(_TEXT_ENDINGS))


async def compressed(encoding: str, body: bytes, *, stays: bool) -> bytes:
    """Return a body in one of the ways; one that `stays` the same is compressed once, and well."""
    if stays:
        present = _compressed_once.present(encoding, body)
        return await asyncio.to_thread(_compressed_once, encoding, body) if present is None else present
    if len(body) <= AT_ONCE[encoding]:
        return _OFTEN[encoding](body)
    return await asyncio.to_thread(_OFTEN[encoding], body)


@made_once
def _compressed_once(encoding: str, body: bytes) -> bytes:
    return _ONCE[encoding](body)
