"""Failed tasks."""

from litestar import get, post
from litestar.params import FromPath

from twite_common import outbox, permissions
from twite_web.routing import Router
from twite_web.site import redirects, templating
from twite_web.site.access import id_in, reading_as_staff, writing
from twite_web.types import Request, Response

EVENTS = 100
"""Parked events that are shown at most."""


@get("/admin/events", sync_to_thread=True)
def parked(request: Request) -> Response:
    """Show the events that are no longer tried."""
    with reading_as_staff(request, "view_devops") as visit:
        return templating.page(request, "operations/events.html", visit, events=outbox.parked(visit.db, limit=EVENTS))


@post("/admin/events/{event_id:str}/retry", sync_to_thread=True)
def retry(request: Request, event_id: FromPath[str]) -> Response:
    """Have an event tried again."""
    with writing(request) as visit:
        permissions.check(visit.member, "view_devops")
        outbox.retry(visit.db, id_in(event_id), now=visit.now)
    return redirects.see(request, "/admin/events", "retried")


@post("/admin/events/retry", sync_to_thread=True)
def retry_all(request: Request) -> Response:
    """Have all events tried again."""
    with writing(request) as visit:
        permissions.check(visit.member, "view_devops")
        outbox.retry_parked(visit.db, now=visit.now)
    return redirects.see(request, "/admin/events", "retried")


@post("/admin/events/{event_id:str}/drop", sync_to_thread=True)
def drop(request: Request, event_id: FromPath[str]) -> Response:
    """Give an event up."""
    with writing(request) as visit:
        permissions.check(visit.member, "view_devops")
        outbox.drop(visit.db, id_in(event_id))
    return redirects.see(request, "/admin/events", "dropped")


router = Router(
    "/",
    route_handlers=[
        parked,
        retry_all,
        retry,
        drop,
    ],
)
