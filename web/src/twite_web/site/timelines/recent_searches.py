"""What the visitor looked for last: forgetting it, and choosing whether it is remembered."""

import msgspec
from litestar import post
from litestar.params import FromPath, JSONBody

from twite_common.services.timelines import recent_searches
from twite_web.routing import Router
from twite_web.site import redirects
from twite_web.site.access import id_in, writing
from twite_web.types import Request, Response


class KeepForm(msgspec.Struct, frozen=True, kw_only=True):
    """Whether searches are to be remembered."""

    wanted: bool = False


@post("/search/recent/forget", sync_to_thread=True)
def forget_all(request: Request) -> Response:
    """Forget everything that the visitor looked for."""
    with writing(request) as visit:
        recent_searches.forget_all(visit.db, account_id=visit.account_id)
    return redirects.see(request, "/search", "searches_forgotten")


@post("/search/recent/{search_id:str}/forget", sync_to_thread=True)
def forget(request: Request, search_id: FromPath[str]) -> Response:
    """Forget one thing that the visitor looked for."""
    with writing(request) as visit:
        recent_searches.forget(visit.db, account_id=visit.account_id, search_id=id_in(search_id))
    return redirects.see(request, "/search")


@post("/search/recent/keep", sync_to_thread=True)
def keep(request: Request, data: JSONBody[KeepForm]) -> Response:
    """Remember what the visitor looks for from now on, or no longer."""
    with writing(request) as visit:
        recent_searches.keep(visit.db, account_id=visit.account_id, wanted=data.wanted)
    return redirects.see(request, "/search", "saved")


router = Router("/", route_handlers=[forget_all, forget, keep])
