"""Unsubscribing with the link in a mail: on the page, or by the mail program itself (RFC 8058)."""

from litestar import Router, get, post
from litestar.params import FromPath

from twite_common.services.notifications import unsubscribe
from twite_web.core import core
from twite_web.site import templating
from twite_web.site.access import reading, writing
from twite_web.site.csrf import OPEN
from twite_web.types import Request, Response

MAILS = {
    "mention": "when someone mentions you",
    "follow": "when someone follows you",
    "follow_request": "when someone requests to follow you",
    "favourite": "when someone favourites your post",
    "boost": "when someone boosts your post",
    "post": "when someone posts (if you get notifications for them)",
    "weekly": "after a week away",
}


@get("/unsubscribe/{token:str}", sync_to_thread=True)
def show(request: Request, token: FromPath[str]) -> Response:
    """Show the button that turns mails off."""
    _, kinds = unsubscribe.read(core(request).signer, token)
    with reading(request) as visit:
        return templating.page(
            request,
            "notifications/unsubscribe.html",
            visit,
            token=token,
            mails=[MAILS[kind] for kind in kinds],
            turned_off=False,
        )


@post("/unsubscribe/{token:str}", status_code=200, opt=OPEN, sync_to_thread=True)
def use(request: Request, token: FromPath[str]) -> Response:
    """Turn mails off. The link itself shows who asks, so there is no session and no token of a form."""
    with writing(request) as visit:
        _, kinds = unsubscribe.use(visit.db, visit.core.signer, token)
    return templating.page(
        request,
        "notifications/unsubscribe.html",
        visit,
        token=token,
        mails=[MAILS[kind] for kind in kinds],
        turned_off=True,
    )


router = Router("/", route_handlers=[show, use])
