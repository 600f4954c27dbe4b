"""The menu: everything that a member has here, on one page."""

from litestar import get

from twite_common.queries.identity import memberships as queries
from twite_web.routing import Router
from twite_web.site import templating
from twite_web.site.access import reading
from twite_web.types import Request, Response


@get("/menu", sync_to_thread=True)
def show(request: Request) -> Response:
    """Show the way to all that is one's own."""
    with reading(request) as visit:
        visit.require_login()
        # There is no going on from an account that one acts for to those that it acts for.
        offered = queries.offered(visit.db, visit.account_id) if visit.member.acting is None else []
        return templating.page(request, "accounts/menu.html", visit, memberships=offered)


router = Router("/", route_handlers=[show])
