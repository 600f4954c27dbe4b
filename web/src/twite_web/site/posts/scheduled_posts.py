"""Scheduled posts: what the visitor wrote that waits for its time."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from twite_common import text, time_zones
from twite_common.errors import TwiteError
from twite_common.queries.accounts import credentials
from twite_common.queries.posts import media
from twite_common.queries.posts import scheduled_posts as queries
from twite_common.services.posts import scheduled_posts
from twite_web.routing import Router
from twite_web.site import form_errors, paging, redirects
from twite_web.site.access import id_in, reading, writing
from twite_web.site.draft_forms import LOCAL_TIME
from twite_web.site.form_errors import shown_again
from twite_web.site.view_models import times
from twite_web.types import Request, Response

EXCERPT_CHARACTERS = 200


class TimeForm(msgspec.Struct, frozen=True, kw_only=True):
    """When a post is to be published, as the visitor's clocks show it; `id` is that of the post."""

    id: str = ""
    scheduled_at: str = ""


class ScheduledView(msgspec.Struct, frozen=True, gc=False):
    """A scheduled post, or a thread, in the list; `local` is its time as the visitor's clocks show it."""

    id: str
    excerpt: str
    posts: int
    attachments: int
    due_at: str
    local: str


def scheduled_page(
    request: Request, data: TimeForm, max_id: str = "", min_id: str = "", *, error: TwiteError | None = None
) -> Response:
    """Return what is scheduled, and the form that moves each."""
    page = paging.page(max_id, min_id)
    with reading(request) as visit:
        waiting = queries.of_account(visit.db, visit.account_id, page)
        attached = media.of_scheduled(visit.db, [post.id for post in waiting])
        zone = credentials.preferences_of(visit.db, visit.account_id).time_zone
        views = []
        for scheduled in waiting:
            drafts = scheduled.decoded()
            local = time_zones.as_local(scheduled.due_at, zone).strftime(LOCAL_TIME)
            views.append(
                ScheduledView(
                    id=str(scheduled.id),
                    excerpt=text.plain_excerpt(drafts[0].spoiler_text or drafts[0].text, EXCERPT_CHARACTERS),
                    posts=len(drafts),
                    attachments=len(attached.get(scheduled.id, ())),
                    due_at=times.iso(scheduled.due_at),
                    local=data.scheduled_at if data.id == str(scheduled.id) else local,
                )
            )
        return form_errors.page(
            request,
            "posts/scheduled.html",
            visit,
            values=data,
            error=error,
            scheduled=views,
            zone=zone.replace("_", " "),
            beside=paging.beside("/scheduled", page, [post.id for post in waiting]),
        )


@get("/scheduled", sync_to_thread=True)
def show(request: Request, max_id: FromQuery[str] = "", min_id: FromQuery[str] = "") -> Response:
    """Show the visitor's scheduled posts, the last scheduled first."""
    return scheduled_page(request, TimeForm(), max_id, min_id)


def _page_again(request: Request, data: TimeForm, scheduled_id: str, *, error: TwiteError | None = None) -> Response:
    return scheduled_page(request, msgspec.structs.replace(data, id=scheduled_id), error=error)


@post("/scheduled/{scheduled_id:str}/move", sync_to_thread=True)
@shown_again(_page_again)
def move(request: Request, data: JSONBody[TimeForm], scheduled_id: FromPath[str]) -> Response:
    """Give a scheduled post another time."""
    with writing(request) as visit:
        zone = credentials.preferences_of(visit.db, visit.account_id).time_zone
        scheduled_posts.move(
            visit.db,
            now=visit.now,
            account_id=visit.account_id,
            scheduled_id=id_in(scheduled_id),
            due_at=time_zones.from_local(data.scheduled_at, zone),
        )
    return redirects.see(request, "/scheduled", "saved")


@post("/scheduled/{scheduled_id:str}/delete", sync_to_thread=True)
def delete(request: Request, scheduled_id: FromPath[str]) -> Response:
    """Give up a scheduled post."""
    with writing(request) as visit:
        scheduled_posts.cancel(visit.db, account_id=visit.account_id, scheduled_id=id_in(scheduled_id))
    return redirects.see(request, "/scheduled", "unscheduled")


router = Router("/", route_handlers=[show, move, delete])
