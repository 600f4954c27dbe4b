"""Translating posts: this site has no translator."""

from litestar import post
from litestar.params import FromPath

from twite_common.errors import NotFound, Unavailable
from twite_common.queries.posts import posts as queries
from twite_common.translations import gettext as _
from twite_web.api.access import application, reading
from twite_web.api.path_params import NOT_FOUND, record_id
from twite_web.errors import Failure
from twite_web.routing import Router
from twite_web.types import Request


@post("/statuses/{status_id:str}/translate", status_code=200, opt=application("read:statuses"), sync_to_thread=True)
def translate(request: Request, status_id: FromPath[str]) -> None:
    """Translate a post: this site can't."""
    with reading(request) as access:
        original = queries.get(access.db, record_id(status_id), viewer_id=access.viewer_id, now=access.now)
    if original is None:
        raise NotFound(_(NOT_FOUND))
    if not original.for_everybody:
        raise Failure(403, _("This action is not allowed"))
    raise Unavailable(_("Service Unavailable"))


router = Router("/", route_handlers=[translate], tags=["statuses"])
