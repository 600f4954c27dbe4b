"""Uploaded media, if no web server in front serves them."""

import stat
from datetime import UTC, datetime
from typing import cast

from litestar import Router, get
from litestar.params import FromPath
from litestar.types import ASGIApp

from twite_common.errors import NotFound
from twite_common.media import pictures
from twite_common.translations import gettext as _
from twite_web import cache_control
from twite_web.core import core
from twite_web.middleware import conditional
from twite_web.site.files import FileInParts
from twite_web.types import Request


@get("/media/{folder:str}/{name:str}", sync_to_thread=True)
def picture(request: Request, folder: FromPath[str], name: FromPath[str]) -> ASGIApp:
    """Return an uploaded file; its name is its content's hash, so that it can be kept forever."""
    relative_path = f"{folder}/{name}"
    if not pictures.NAME.fullmatch(relative_path):
        raise NotFound(_("There is no such picture."))
    path = core(request).settings.media / relative_path
    try:
        stat_result = path.stat()
    except FileNotFoundError:
        raise NotFound(_("There is no such picture.")) from None
    if not stat.S_ISREG(stat_result.st_mode):
        raise NotFound(_("There is no such picture."))
    headers = {"Cache-Control": cache_control.FOREVER, "ETag": f'"{path.stem}"'}
    if conditional.unmodified(request.headers, headers["ETag"], datetime.fromtimestamp(stat_result.st_mtime, UTC)):
        return conditional.not_modified(headers).to_asgi_response(None, request)
    media_type = pictures.MEDIA_TYPES[path.suffix[1:]]
    # Litestar's own files are ASGI applications all the same.
    return cast("ASGIApp", FileInParts(path, headers=headers, media_type=media_type, stat_result=stat_result))


router = Router("/", route_handlers=[picture])
