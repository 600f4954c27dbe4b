"""The page that documents the API: /api/docs.

It is Swagger UI, served from the files that its package ships. It needs JavaScript; the document that it shows doesn't.
"""

from importlib.util import find_spec
from pathlib import Path

from litestar import Response, get

from twite_web.routing import Router
from twite_web.site import templating
from twite_web.site.access import reading
from twite_web.site.files import files
from twite_web.types import Request

FILES = "/api/docs/files"


@get("/api/docs", sync_to_thread=True)
def docs(request: Request) -> Response[bytes]:
    """Show the API's description."""
    with reading(request) as visit:
        return templating.page(request, "operations/api_docs.html", visit, files=FILES)


def _swagger_ui() -> Path:
    # Found without being imported: only its files are used, not the Flask application around them.
    spec = find_spec("flask_swagger_ui")
    assert spec is not None  # noqa: S101 - a dependency of this package
    assert spec.origin is not None  # noqa: S101 - it is a folder with files
    return Path(spec.origin).parent / "dist"


router = Router("/", route_handlers=[docs, files(FILES, _swagger_ui())])
