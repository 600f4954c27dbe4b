"""Uploaded pictures, videos and sound, where no web server in front serves them, and robots.txt."""

import stat
from datetime import UTC, datetime
from typing import Any, cast

from litestar import MediaType, Request, Response, Router, get
from litestar.params import FromPath
from litestar.types import ASGIApp

from twite_common import pictures
from twite_common.errors import NotFound
from twite_web import conditional
from twite_web.core import core
from twite_web.site.files import FOREVER, FileInParts

ROBOTS = "User-agent: *\nDisallow: /api/\nDisallow: /oauth/\nDisallow: /settings\n"


@get("/media/{folder:str}/{name:str}", sync_to_thread=True)
def picture(request: Request[Any, Any, Any], folder: FromPath[str], name: FromPath[str]) -> ASGIApp:
    """Return an uploaded file; its name is its content's hash, so that it can be kept forever."""
    named = f"{folder}/{name}"
    if not pictures.NAME.fullmatch(named):
        raise NotFound("There is no such picture.")
    path = core(request).settings.media / named
    try:
        found = path.stat()
    except FileNotFoundError:
        raise NotFound("There is no such picture.") from None
    if not stat.S_ISREG(found.st_mode):
        raise NotFound("There is no such picture.")
    headers = {"Cache-Control": FOREVER, "ETag": f'"{path.stem}"'}
    if conditional.unmodified(request.headers, headers["ETag"], datetime.fromtimestamp(found.st_mtime, UTC)):
        return conditional.not_modified(headers).to_asgi_response(None, request)
    media_type = pictures.MEDIA_TYPES[path.suffix[1:]]
    return cast("ASGIApp", FileInParts(path, headers=headers, media_type=media_type, stat_result=found))


@get("/robots.txt", media_type=MediaType.TEXT, sync_to_thread=False)
def robots() -> Response[str]:
    """Say what programs that read the web may read."""
    return Response(ROBOTS, media_type="text/plain", headers={"Cache-Control": "public, max-age=3600"})


router = Router("/", route_handlers=[picture, robots])
