"""Unsubscribing with the link in a mail: on the page, or by the mail program itself (RFC 8058)."""

from litestar import get, post
from litestar.params import FromPath

from twite_common.services.notifications import unsubscribe
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.core import core
from twite_web.routing import Router
from twite_web.site import templating
from twite_web.site.access import reading, writing
from twite_web.site.csrf import OPEN
from twite_web.types import Request, Response

MAILS = {
    "mention": marked("when someone mentions you"),
    "follow": marked("when someone follows you"),
    "follow_request": marked("when someone requests to follow you"),
    "favourite": marked("when someone favourites your post"),
    "boost": marked("when someone boosts your post"),
    "post": marked("when someone posts (if you get notifications for them)"),
    "weekly": marked("after a week away"),
}


@get("/unsubscribe/{token:str}", sync_to_thread=True)
def show(request: Request, token: FromPath[str]) -> Response:
    """Show the button that turns mails off."""
    kinds = unsubscribe.read(core(request).signer, token)[1]
    with reading(request) as visit:
        return templating.page(
            request,
            "notifications/unsubscribe.html",
            visit,
            token=token,
            mails=[_(MAILS[kind]) for kind in kinds],
            turned_off=False,
        )


@post("/unsubscribe/{token:str}", status_code=200, opt=OPEN, sync_to_thread=True)
def use(request: Request, token: FromPath[str]) -> Response:
    """Turn mails off. The link itself shows who asks, so there is no session and no token of a form."""
    with writing(request) as visit:
        kinds = unsubscribe.use(visit.db, visit.core.signer, token)[1]
    return templating.page(
        request,
        "notifications/unsubscribe.html",
        visit,
        token=token,
        mails=[_(MAILS[kind]) for kind in kinds],
        turned_off=True,
    )


router = Router("/", route_handlers=[show, use])
