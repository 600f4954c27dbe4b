"""The pictures that other sites show with links to posts."""

from litestar.response import Redirect

from twite_common.errors import Invalid, Unavailable
from twite_common.media import pictures, storage
from twite_common.media.pictures import ShareCard
from twite_web import cache_control
from twite_web.core import STATIC, core
from twite_web.middleware import conditional
from twite_web.site.view_models import descriptions
from twite_web.site.view_models.descriptions import Letters
from twite_web.types import Request, Response


def answer(request: Request, letters: Letters) -> Response:
    """Return a picture with these letters, kept by all that it is made from; where it can't be drawn, the avatar's."""
    headers = {"Cache-Control": cache_control.DAY, "ETag": descriptions.tag_of(letters)}
    if conditional.unmodified(request.headers, headers["ETag"]):
        return conditional.not_modified(headers)
    cache = core(request).caches.share_cards
    drawn = cache.get(headers["ETag"])
    if drawn is None:
        try:
            drawn = cache.put(headers["ETag"], _drawn(request, letters))
        except Unavailable:
            # Too many are being drawn. Programs that ask for pictures ask once; the next one may have it drawn.
            return Redirect(letters.avatar, status_code=302, headers={"Cache-Control": cache_control.ASKED_EACH_TIME})
    if not drawn:
        return Redirect(letters.avatar, status_code=302, headers={"Cache-Control": cache_control.DAY})
    return Response(drawn, media_type="image/png", headers=headers)


def _drawn(request: Request, letters: Letters) -> bytes:
    """Return the picture, empty where no font has its letters or the avatar is gone."""
    try:
        avatar = _picture(request, letters.avatar)
        card = ShareCard(letters.name, letters.handle, letters.text, letters.site, avatar)
        return pictures.draw_share_card(card).data
    except (Invalid, FileNotFoundError):
        return b""


def _picture(request: Request, path: str) -> bytes:
    """Return what stands behind the path of a picture."""
    name = core(request).addresses.media_name(path)
    if name is not None:
        return storage.media(core(request).settings).read(name)
    return (STATIC / path.removeprefix("/static/")).read_bytes()
