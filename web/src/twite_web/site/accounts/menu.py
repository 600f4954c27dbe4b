"""The menu: everything that a member has here, on one page."""

from litestar import Router, get

from twite_web.site import templating
from twite_web.site.access import reading
from twite_web.types import Request, Response


@get("/menu", sync_to_thread=True)
def show(request: Request) -> Response:
    """Show the way to all that is one's own."""
    with reading(request) as visit:
        visit.require_login()
        return templating.page(request, "accounts/menu.html", visit)


router = Router("/", route_handlers=[show])
