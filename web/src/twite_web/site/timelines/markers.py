"""How far the visitor has read the home timeline, so that other devices know."""

import msgspec
from litestar import post
from litestar.params import JSONBody

from twite_common.services.timelines import markers
from twite_web.routing import Router
from twite_web.site import redirects
from twite_web.site.access import id_in, writing
from twite_web.types import Request, Response


class MarkerForm(msgspec.Struct, frozen=True, kw_only=True):
    """The newest entry that was read."""

    last_read_id: str


@post("/markers/home", sync_to_thread=True)
def read_home(request: Request, data: JSONBody[MarkerForm]) -> Response:
    """Note how far the home timeline was read; never back."""
    with writing(request) as visit:
        markers.advance(
            visit.db,
            now=visit.now,
            account_id=visit.account_id,
            timeline="home",
            last_read_id=id_in(data.last_read_id),
        )
    return redirects.see(request, "/")


router = Router("/", route_handlers=[read_home])
