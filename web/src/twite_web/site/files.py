"""Files from a folder. A web server in front of us serves most of them itself."""

from datetime import UTC, datetime
from email.utils import format_datetime
from mimetypes import guess_type
from pathlib import Path

import msgspec
from litestar import get
from litestar.params import FromPath, FromQuery

from twite_common.errors import NotFound
from twite_common.translations import gettext as _
from twite_web import cache_control
from twite_web.errors import NO_SUCH_ADDRESS
from twite_web.middleware import compression, conditional
from twite_web.routing import Router
from twite_web.types import Request, Response


class StaticFile(msgspec.Struct, frozen=True, gc=False):
    """A file that stays the same as long as the process, in memory."""

    content: bytes
    version: str
    media_type: str
    changed_at: datetime


def files(path: str, folder: Path) -> Router:
    """Return a router that serves the files that lie in a folder now, under a path."""
    static_files = {
        f"/{file.relative_to(folder).as_posix()}": _read(file) for file in folder.rglob("*") if file.is_file()
    }

    @get("/{file_path:path}", sync_to_thread=False)
    def file(request: Request, file_path: FromPath[str], v: FromQuery[str] = "") -> Response:
        """Return a file; one whose address names its content can be kept forever."""
        static_file = static_files.get(file_path)
        if static_file is None:
            raise NotFound(_(NO_SUCH_ADDRESS))
        headers = {
            "Cache-Control": cache_control.FOREVER if v == static_file.version else cache_control.HOUR,
            "ETag": f'"{static_file.version}"',
            "Last-Modified": format_datetime(static_file.changed_at, usegmt=True),
        }
        if compression.is_text(static_file.media_type):
            headers["Vary"] = "Accept-Encoding"
        if conditional.unmodified(request.headers, headers["ETag"], static_file.changed_at):
            return conditional.not_modified(headers)
        return Response(static_file.content, media_type=static_file.media_type, headers=headers)

    return Router(path, route_handlers=[file])


def _read(file: Path) -> StaticFile:
    content = file.read_bytes()
    media_type = guess_type(file.name)[0] or "application/octet-stream"
    changed_at = datetime.fromtimestamp(int(file.stat().st_mtime), UTC)
    return StaticFile(content, conditional.version(content), media_type, changed_at)
