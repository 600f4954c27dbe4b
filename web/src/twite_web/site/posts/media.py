"""Uploaded media, if no web server in front serves them."""

from datetime import UTC, datetime
from typing import cast

from litestar import get
from litestar.params import FromPath
from litestar.types import ASGIApp

from twite_common.errors import NotFound
from twite_common.media import storage
from twite_common.media.storage import names
from twite_common.translations import gettext as _
from twite_web import cache_control
from twite_web.core import core
from twite_web.middleware import conditional
from twite_web.routing import Router
from twite_web.site.stored_files import StoredFile
from twite_web.types import Request


@get("/media/{folder:str}/{name:str}")
async def picture(request: Request, folder: FromPath[str], name: FromPath[str]) -> ASGIApp:
    """Return an uploaded file; its name is its content's hash, so that it can be kept forever."""
    relative_path = f"{folder}/{name}"
    files = storage.media(core(request).settings)
    stored = await files.find_soon(relative_path) if names.NAME.fullmatch(relative_path) else None
    if stored is None:
        raise NotFound(_("There is no such picture."))
    headers = {"Cache-Control": cache_control.FOREVER, "ETag": f'"{name.partition(".")[0]}"'}
    if conditional.unmodified(request.headers, headers["ETag"], datetime.fromtimestamp(stored.changed_at / 1000, UTC)):
        return conditional.not_modified(headers).to_asgi_response(None, request)
    # Litestar has types of its own for ASGI.
    return cast("ASGIApp", StoredFile(files, stored, headers))


router = Router("/", route_handlers=[picture])
