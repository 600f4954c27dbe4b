"""Conditional requests (RFC 9110, section 13): a client that has the current version isn't sent it again.

What strangers are shown alike has an entity tag. Where an answer takes long to make, its tag is made from all that the
answer is made from, and looked at first; elsewhere from the answer itself, on the way out (`responses`).
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from markupsafe import Markup
from werkzeug.sansio.http import is_resource_modified

import twite_common
from twite_web.types import Response

NOT_MODIFIED = 304
TAG_BYTES = 12
MAX_TAGS_LENGTH, MAX_DATE_LENGTH = 1024, 64
"""Characters of what is asked: reading more would take longer than answering."""
_MARKUP = 1
"""MessagePack's number, here, for HTML: the same characters as text are shown otherwise."""
_MADE_BY = ("*.py", "*.html", "*.xml", "*.css", "*.js", "*.svg", "*.po")


@cache
def code() -> bytes:
    """Return what stands for the code, the templates and the styles that this process runs with."""
    folders = [Path(__file__).parents[1], Path(twite_common.__file__).parent]
    files = [file for folder in folders for kind in _MADE_BY for file in sorted(folder.rglob(kind))]
    return _digest(b"".join(hashlib.sha256(file.read_bytes()).digest() for file in files)).encode()


def tag(*made_from: Any) -> str:
    """Return the tag of an answer that follows from these things and from the code alone."""
    try:
        written = msgspec.msgpack.encode(made_from, enc_hook=_encoded)
    except UnicodeEncodeError:
        # An address can name half a character, and a page repeats what it was asked for.
        written = repr(made_from).encode("utf-8", "backslashreplace")
    return f'W/"{_digest(code() + written)}"'


def tag_of(body: bytes) -> str:
    """Return the tag of an answer that is made already."""
    return f'W/"{_digest(body)}"'


def version(content: bytes) -> str:
    """Return what stands for a file's content in its address and its tag."""
    return hashlib.sha256(content).hexdigest()[:12]


def unmodified(headers: Mapping[str, str], etag: str, last_modified: datetime | None = None) -> bool:
    """Say whether whoever sent a request with these headers has what is now to be had under an entity tag."""
    tags, since = headers.get("if-none-match"), headers.get("if-modified-since")
    if len(tags or "") > MAX_TAGS_LENGTH or len(since or "") > MAX_DATE_LENGTH:
        return False
    return not is_resource_modified(
        http_if_none_match=tags,
        http_if_modified_since=since,
        etag=etag,
        last_modified=last_modified,
    )


def not_modified(headers: dict[str, str]) -> Response:
    """Return the answer without a body; its headers are those that the whole answer would have."""
    return Response(None, status_code=NOT_MODIFIED, headers=headers)


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=TAG_BYTES).hexdigest()


def _encoded(value: Any) -> Any:
    if isinstance(value, Markup):
        return msgspec.msgpack.Ext(_MARKUP, str(value).encode("utf-8", "replace"))
    raise TypeError(f"No tag can be made from {type(value)}.")
