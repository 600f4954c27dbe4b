"""Notifications in the visitor's own browser while the site isn't open: Web Push, tied to their session."""

import msgspec
from litestar import get, post
from litestar.params import JSONBody

from twite_common.errors import TwiteError
from twite_common.queries.notifications import push as queries
from twite_common.queries.notifications.push import Subscription
from twite_common.services.identity import sessions
from twite_common.services.notifications import push
from twite_common.services.notifications.push import Device
from twite_common.translations import marked
from twite_web.routing import Router
from twite_web.site import form_errors, redirects
from twite_web.site.access import Visit, reading, writing
from twite_web.site.form_errors import shown_again
from twite_web.site.options import translated
from twite_web.types import Request, Response

KINDS = {
    "mention": marked("Someone mentions you or sends you a message"),
    "quote": marked("Someone quotes your post"),
    "follow": marked("Someone follows you"),
    "follow_request": marked("Someone requests to follow you"),
    "favourite": marked("Someone favourites your post"),
    "boost": marked("Someone boosts your post"),
    "post": marked("Someone posts (if you get notifications for them)"),
    "poll": marked("A poll has ended"),
}
STAFF_KINDS = {"report": marked("Someone reports a post or an account"), "signup": marked("Someone signs up")}
OFFERED = ("mention", "quote", "follow", "follow_request", "post")
"""What is chosen as long as the visitor has chosen nothing themselves."""


class PushForm(msgspec.Struct, frozen=True, kw_only=True):
    """Which notifications are pushed, and, where a browser subscribes, what its push service gave it."""

    endpoint: str = ""
    p256dh: str = ""
    auth: str = ""
    mention: bool = False
    quote: bool = False
    follow: bool = False
    follow_request: bool = False
    favourite: bool = False
    boost: bool = False
    post: bool = False
    poll: bool = False
    report: bool = False
    signup: bool = False

    def kinds(self) -> list[str]:
        """Return the chosen kinds of notifications."""
        return [kind for kind in (*KINDS, *STAFF_KINDS) if getattr(self, kind)]


def settings_page(request: Request, data: PushForm, *, error: TwiteError | None = None) -> Response:
    """Return the form for what is pushed to this browser."""
    with reading(request) as visit:
        kinds = KINDS | STAFF_KINDS if visit.member.role else KINDS
        return form_errors.page(
            request,
            "notifications/push.html",
            visit,
            values=data,
            error=error,
            kinds=translated(kinds),
            subscribed=subscription(visit) is not None,
            push_key=push_key(visit),
        )


@get("/settings/push", sync_to_thread=True)
def show(request: Request) -> Response:
    """Show what is pushed to this browser."""
    with reading(request, page=False) as visit:
        visit.require_login()
        device = subscription(visit)
        kinds = device.kinds() if device else OFFERED
    return settings_page(request, msgspec.convert({kind: kind in kinds for kind in (*KINDS, *STAFF_KINDS)}, PushForm))


@post("/settings/push", sync_to_thread=True)
@shown_again(settings_page)
def subscribe(request: Request, data: JSONBody[PushForm]) -> Response:
    """Push notifications to this browser, or change which."""
    with writing(request) as visit:
        account_id, session_id = visit.account_id, visit.session_id or 0
        if data.endpoint:
            sessions.keep(visit.db, session_id=session_id)
            push.subscribe(
                visit.db,
                visit.core.settings,
                now=visit.now,
                account_id=account_id,
                session_id=session_id,
                device=Device(data.endpoint, data.p256dh, data.auth, standard=True),
                kinds=data.kinds(),
                policy="all",
            )
        else:
            push.change_session(visit.db, session_id=session_id, kinds=data.kinds())
    return redirects.see(request, "/settings/push", "push_on")


@post("/settings/push/stop", sync_to_thread=True)
def unsubscribe(request: Request) -> Response:
    """Push nothing to this browser any more."""
    with writing(request) as visit:
        visit.require_login()
        push.unsubscribe_session(visit.db, session_id=visit.session_id or 0)
    return redirects.see(request, "/settings/push", "push_off")


def push_key(visit: Visit) -> str:
    """Return the key by which push services know the site, as browsers want it."""
    return visit.core.push_key.rstrip("=")


def subscription(visit: Visit) -> Subscription | None:
    """Return the visitor's browser, if notifications are pushed to it."""
    return queries.of_session(visit.db, visit.session_id) if visit.session_id is not None else None


router = Router("/", route_handlers=[show, subscribe, unsubscribe])
