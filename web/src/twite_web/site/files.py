"""Files as they lie in a folder. A web server before us serves most of them itself."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from litestar import Request, Response, Router
from litestar.exceptions import InternalServerException
from litestar.static_files import create_static_files_router
from starlette.responses import FileResponse
from starlette.types import Receive, Scope, Send
from werkzeug.http import parse_range_header

from twite_common.errors import NotFound
from twite_web.edge import HEAD_KEY
from twite_web.site import failures

FOREVER = "public, max-age=31536000, immutable"


class FileInParts(FileResponse):
    """An answer with a file or, where the request asks for it, a part of one (RFC 9110, section 14).

    Whoever asks for several parts at once, or in a way that nobody could understand, gets the whole file.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer (ASGI 3.0)."""
        asked = {**scope, "method": "HEAD" if HEAD_KEY in scope else scope["method"]}
        if not _understood(asked):
            asked["headers"] = [header for header in scope["headers"] if header[0] != b"range"]
        await super().__call__(asked, receive, send)


def _understood(scope: Mapping[str, Any]) -> bool:
    asked = [value for name, value in scope["headers"] if name == b"range"]
    parsed = parse_range_header(asked[0].decode("latin-1")) if len(asked) == 1 else None
    return parsed is not None and parsed.units == "bytes" and len(parsed.ranges) == 1


def files(path: str, folder: Path) -> Router:
    """Return a router that serves a folder's files under a path."""
    return create_static_files_router(
        path, directories=[folder], exception_handlers={InternalServerException: _not_found, ValueError: _not_found}
    )


def _not_found(request: Request[Any, Any, Any], _error: Exception) -> Response[Any]:
    """Answer for a name that no file can have: with a NUL, or too long, which Litestar wraps in an error of its own."""
    return failures.as_page(request, NotFound("There is nothing at this address."))
