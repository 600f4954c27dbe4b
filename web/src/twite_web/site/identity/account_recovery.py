"""Getting one's account back with the link from a mail about something that wasn't oneself."""

from litestar import get, post
from litestar.params import FromPath

from twite_common.services.identity import account_recovery
from twite_web import cookies
from twite_web.core import core
from twite_web.routing import Router
from twite_web.site import redirects, templating
from twite_web.site.access import reading, writing
from twite_web.types import Request, Response


@get("/not-me/{token:str}", sync_to_thread=True)
def show(request: Request, token: FromPath[str]) -> Response:
    """Say what the link does. Opening it does nothing: programs open links in mails, too."""
    with reading(request) as visit:
        undone = account_recovery.find(visit.db, visit.core.signer, now=visit.now, token=token)
        return templating.page(request, "identity/not_me.html", visit, form=True, token=token, undone=undone)


@post("/not-me/{token:str}", sync_to_thread=True)
def take_back(request: Request, token: FromPath[str]) -> Response:
    """Log everyone out, and lead to the form for a new password."""
    with writing(request) as visit:
        reset = account_recovery.take_back(visit.db, visit.core.signer, now=visit.now, token=token)
    no_session = cookies.no_session(core(request).settings)
    return redirects.see(request, f"/reset/{reset}", "not_me", cookies=[no_session], session_secret="")


router = Router("/", route_handlers=[show, take_back])
