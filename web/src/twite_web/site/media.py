"""Uploaded pictures, where no web server in front serves them, and robots.txt."""

from typing import Any

from litestar import MediaType, Request, Response, Router, get
from litestar.params import FromPath
from litestar.response import File

from twite_common import pictures
from twite_common.errors import NotFound
from twite_web.core import core

FOREVER = "public, max-age=31536000, immutable"
ROBOTS = "User-agent: *\nDisallow: /api/\nDisallow: /oauth/\nDisallow: /settings\n"


@get("/media/{folder:str}/{name:str}", sync_to_thread=True)
def picture(request: Request[Any, Any, Any], folder: FromPath[str], name: FromPath[str]) -> File:
    """Return an uploaded picture; its name is its content's hash, so that it can be kept forever."""
    named = f"{folder}/{name}"
    path = core(request).settings.media / named
    kind = pictures.MEDIA_TYPES.get(path.suffix[1:], "")
    if not pictures.NAME.fullmatch(named) or not path.is_file():
        raise NotFound("There is no such picture.")
    return File(path, media_type=kind, headers={"Cache-Control": FOREVER}, content_disposition_type="inline")


@get("/robots.txt", media_type=MediaType.TEXT, sync_to_thread=False)
def robots() -> Response[str]:
    """Say what programs that read the web may read."""
    return Response(ROBOTS, media_type="text/plain", headers={"Cache-Control": "public, max-age=3600"})


router = Router("/", route_handlers=[picture, robots])
