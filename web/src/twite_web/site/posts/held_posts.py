"""Posts of the visitor's own that wait until staff have looked at them."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery

from twite_common import ids, text
from twite_common.queries.posts import held_posts as queries
from twite_common.queries.posts import media
from twite_common.services.posts import held_posts
from twite_web.routing import Router
from twite_web.site import paging, redirects, templating
from twite_web.site.access import id_in, reading, writing
from twite_web.site.view_models import times
from twite_web.types import Request, Response

EXCERPT_CHARACTERS = 200


class HeldView(msgspec.Struct, frozen=True, gc=False):
    """A post or a thread that waits, and what its author is told of why."""

    id: int
    excerpt: str
    explanation: str
    posts: int
    attachments: int
    written_at: str
    written: str


@get("/held", sync_to_thread=True)
def show(request: Request, max_id: FromQuery[str] = "", min_id: FromQuery[str] = "") -> Response:
    """Show what waits, the latest first."""
    page = paging.page(max_id, min_id)
    with reading(request) as visit:
        waiting = queries.of_account(visit.db, visit.account_id, page)
        attached = media.of_held(visit.db, [held.id for held in waiting])
        views = []
        for held in waiting:
            drafts, written_at = held.decoded(), ids.created_at(held.id)
            views.append(
                HeldView(
                    id=held.id,
                    excerpt=text.plain_excerpt(drafts[0].spoiler_text or drafts[0].text, EXCERPT_CHARACTERS),
                    explanation=held.explanation,
                    posts=len(drafts),
                    attachments=len(attached.get(held.id, ())),
                    written_at=times.iso(written_at),
                    written=times.when(written_at, visit.now),
                )
            )
        beside = paging.beside("/held", page, [held.id for held in waiting])
        return templating.page(request, "posts/held.html", visit, held=views, beside=beside)


@post("/held/{held_id:str}/withdraw", sync_to_thread=True)
def withdraw(request: Request, held_id: FromPath[str]) -> Response:
    """Give up a post that waits."""
    with writing(request) as visit:
        held_posts.withdraw(visit.db, now=visit.now, account_id=visit.account_id, held_id=id_in(held_id))
    return redirects.see(request, "/held", "held_withdrawn")


router = Router("/", route_handlers=[show, withdraw])
