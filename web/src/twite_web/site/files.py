"""Files as they lie in a folder. A web server before us serves most of them itself."""

from pathlib import Path
from typing import Any

from litestar import Request, Response, Router
from litestar.exceptions import InternalServerException
from litestar.static_files import create_static_files_router

from twite_common.errors import NotFound
from twite_web.site import failures


def files(path: str, folder: Path) -> Router:
    """Return a router that serves a folder's files under a path."""
    return create_static_files_router(
        path, directories=[folder], exception_handlers={InternalServerException: _not_found, ValueError: _not_found}
    )


def _not_found(request: Request[Any, Any, Any], _error: Exception) -> Response[Any]:
    """Answer for a name that no file can have: with a NUL, or too long, which Litestar wraps in an error of its own."""
    return failures.as_page(request, NotFound("There is nothing at this address."))
