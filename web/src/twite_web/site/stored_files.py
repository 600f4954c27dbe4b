"""Answers with stored files, whole or in parts, from wherever they are."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from litestar.types import Receive, Scope, Send
from werkzeug.datastructures import ContentRange
from werkzeug.http import parse_range_header

from twite_common import clock
from twite_common.errors import NotFound
from twite_common.media.storage import Storage, Stored
from twite_common.media.storage.names import media_type
from twite_common.translations import gettext as _
from twite_web.middleware.security import HEAD_KEY

PART_BYTES = 1024 * 1024
"""How much of a file is in memory while it is sent."""


class StoredFile:
    """An answer with a stored file or, where the request asks for it, a part of one (RFC 9110, section 14).

    Whoever asks for several parts at once, or in a way that nobody could understand, gets the whole file. Each megabyte
    is read when the one before was sent, so that slow readers occupy neither memory nor a thread.
    """

    def __init__(self, files: Storage, stored: Stored, headers: Mapping[str, str]) -> None:
        self._files, self._stored = files, stored
        changed_at = datetime.fromtimestamp(stored.changed_at // clock.SECOND, UTC)
        self._headers = {
            "Content-Type": media_type(stored.name),
            "Accept-Ranges": "bytes",
            "Last-Modified": format_datetime(changed_at, usegmt=True),
            **headers,
        }

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer (ASGI 3.0)."""
        status, start, end = self._asked(scope)
        headers = self._headers | {"Content-Length": str(end - start)}
        if status != 200:
            first, behind = (start, end) if status == 206 else (None, None)
            headers["Content-Range"] = ContentRange("bytes", first, behind, self._stored.size).to_header()
        encoded = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        # Whatever fails with the first part is still answered like any other failure.
        part = b"" if HEAD_KEY in scope else await self._part(start, end)
        await send({"type": "http.response.start", "status": status, "headers": encoded})
        start = end if HEAD_KEY in scope else start + len(part)
        while start < end:
            await send({"type": "http.response.body", "body": part, "more_body": True})
            part = await self._part(start, end)
            start += len(part)
        await send({"type": "http.response.body", "body": part, "more_body": False})

    async def _part(self, start: int, end: int) -> bytes:
        if start == end:
            return b""
        try:
            return await self._files.part(self._stored.name, start, min(start + PART_BYTES, end))
        except FileNotFoundError:
            raise NotFound(_("There is no such picture.")) from None

    def _asked(self, scope: Scope) -> tuple[int, int, int]:
        """Return the status of the answer and from where to where it goes."""
        headers, size = _values(scope), self._stored.size
        ranges = headers.get(b"range", [])
        parsed = parse_range_header(ranges[0]) if len(ranges) == 1 else None
        if parsed is None or parsed.units != "bytes" or len(parsed.ranges) != 1 or not self._is_same(headers):
            return 200, 0, size
        first, behind = parsed.ranges[0]
        # More from the end than there is are all of it.
        wanted = (0, size) if behind is None and first <= -size else parsed.range_for_length(size)
        return (206, *wanted) if wanted else (416, 0, 0)

    def _is_same(self, headers: Mapping[bytes, list[str]]) -> bool:
        """Say whether a part of this very file is wanted."""
        known = {self._headers["ETag"], self._headers["Last-Modified"]}
        return all(value in known for value in headers.get(b"if-range", []))


def _values(scope: Mapping[str, Any]) -> dict[bytes, list[str]]:
    values: dict[bytes, list[str]] = {}
    for name, value in scope["headers"]:
        values.setdefault(name, []).append(value.decode("latin-1"))
    return values
