"""Limits on request heads, so that later code reads them quickly.

nginx lets 32 KB through; who comes without it is held to the same.
"""

import re
from typing import Any

from twite_common.translations import gettext as _
from twite_web.multipart import MAX_PARAMETERS

MAX_PATH_LENGTH = 4096
MAX_QUERY_LENGTH = 16 * 1024
MAX_HEADERS_BYTES = 32 * 1024
"""Bytes of all headers' values."""
LONG_COOKIES = 512
"""Bytes of a Cookie header in which there may be more than what the site sets itself."""
MAX_COOKIE_LENGTH = 200

_BRACKETS = re.compile(rb"(?:\[|%5[Bb])\d*(?:\]|%5[Dd])(?==)")


def refusal(scope: dict[str, Any], own_cookies: frozenset[bytes]) -> tuple[int, str] | None:
    """Return the status and sentence with which a request is refused, or None.

    Of long cookies only those of these names stay: reading a quoted one takes time that grows with the square of its
    length (CVE-2024-7592), and those of other sites on the same domain are nobody's here.
    """
    if len(scope["path"]) > MAX_PATH_LENGTH or len(scope["query_string"]) > MAX_QUERY_LENGTH:
        return 414, _("The address is too long.")
    if scope["query_string"].count(b"&") > MAX_PARAMETERS:
        return 400, _("There are too many parameters.")
    if sum(len(value) for _name, value in scope["headers"]) > MAX_HEADERS_BYTES:
        return 431, _("The request's headers are too large.")
    scope["headers"] = [
        (name, _cookies(value, own_cookies) if name == b"cookie" and _takes_long(value) else value)
        for name, value in scope["headers"]
    ]
    return None


def plain_query(query: bytes) -> bytes:
    """Return a query string in which lists are repeated names: `id[]=1&id[0]=2` becomes `id=1&id=2`."""
    if b"[" not in query and b"%5" not in query:
        return query
    return _BRACKETS.sub(b"", query)


def _takes_long(cookies: bytes) -> bool:
    return len(cookies) > LONG_COOKIES or b"\\" in cookies


def _cookies(header: bytes, names: frozenset[bytes]) -> bytes:
    pairs = [pair.strip() for pair in header.split(b";")]
    return b"; ".join(pair for pair in pairs if pair.partition(b"=")[0] in names and len(pair) <= MAX_COOKIE_LENGTH)
