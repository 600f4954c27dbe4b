"""Drafts: what the visitor hasn't finished, kept as they write it."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from twite_common import ids, text
from twite_common.errors import Conflict, NotFound, TwiteError
from twite_common.queries.posts import drafts as queries
from twite_common.queries.posts import media
from twite_common.services.posts import drafts
from twite_web.routing import Router
from twite_web.site import draft_uploads, paging, parts, redirects, templating
from twite_web.site.access import LoginNeeded, Visit, id_in, reading, writing
from twite_web.site.draft_forms import DraftForm, of_draft
from twite_web.site.draft_uploads import MAX_POST_BYTES
from twite_web.site.form_errors import shown_again
from twite_web.site.posts.composing import compose_page
from twite_web.site.view_models import times
from twite_web.types import Request, Response

EXCERPT_CHARACTERS = 200


class DraftView(msgspec.Struct, frozen=True, gc=False):
    """A draft in the list: how it begins, of how many posts and attachments it is, and when it was changed."""

    id: int
    excerpt: str
    posts: int
    attachments: int
    changed_at: str
    changed: str


def draft_page(request: Request, data: DraftForm, *, error: TwiteError | None = None) -> Response:
    """Return the form for what couldn't be kept; what was changed elsewhere is kept a second time when it is sent."""
    form = msgspec.structs.replace(data, draft_id="", version="", key="") if isinstance(error, Conflict) else data
    return compose_page(request, form, error=error)


@get("/drafts", sync_to_thread=True)
def show(request: Request, max_id: FromQuery[str] = "", min_id: FromQuery[str] = "") -> Response:
    """Show the visitor's drafts, the last begun first."""
    page = paging.page(max_id, min_id)
    with reading(request) as visit:
        kept = queries.of_account(visit.db, visit.account_id, page)
        attached = media.of_drafts(visit.db, [draft.id for draft in kept])
        views = []
        for draft in kept:
            posts = draft.decoded()
            first = posts[0]
            views.append(
                DraftView(
                    id=draft.id,
                    excerpt=text.plain_excerpt(first.spoiler_text or first.text, EXCERPT_CHARACTERS),
                    posts=len(posts),
                    attachments=len(attached.get(draft.id, ())),
                    changed_at=times.iso(draft.updated_at),
                    changed=times.when(draft.updated_at, visit.now),
                )
            )
        beside = paging.beside("/drafts", page, [draft.id for draft in kept])
        return templating.page(request, "posts/drafts.html", visit, drafts=views, beside=beside)


@get("/drafts/{draft_id:str}", sync_to_thread=True)
def show_one(request: Request, draft_id: FromPath[str]) -> Response:
    """Show the form with what is kept."""
    with reading(request, page=False) as visit:
        kept = queries.get(visit.db, id_in(draft_id), account_id=visit.account_id)
        if kept is None:
            raise drafts.no_such_draft()
        attached = media.of_drafts(visit.db, [kept.id]).get(kept.id, [])
        form = of_draft(visit, kept, attached)
    return compose_page(request, form)


@post("/drafts", request_max_body_size=MAX_POST_BYTES, sync_to_thread=True)
@shown_again(draft_page, NotFound, LoginNeeded)
def keep(request: Request, data: JSONBody[DraftForm]) -> Response:
    """Keep what was typed; a script is told under which number and version, so that it can go on."""
    form = draft_uploads.kept(request, data)
    with writing(request) as visit:
        draft_uploads.describe(visit, form)
        draft_id = _kept(visit, form)
        kept = queries.get(visit.db, draft_id, account_id=visit.account_id)
    if parts.wanted(request):
        return templating.page(request, "posts/draft_state.html", visit, draft=kept)
    return redirects.see(request, "/drafts", "draft_saved")


@post("/drafts/{draft_id:str}/delete", sync_to_thread=True)
def delete(request: Request, draft_id: FromPath[str]) -> Response:
    """Delete a draft."""
    with writing(request) as visit:
        drafts.remove(visit.db, now=visit.now, account_id=visit.account_id, draft_id=id_in(draft_id))
    return redirects.see(request, "/drafts", "draft_deleted")


def _kept(visit: Visit, form: DraftForm) -> int:
    """Keep a form and return its draft's id."""
    settings, account_id, posts = visit.core.settings, visit.account_id, form.drafts()
    due_at, draft_id, version = draft_uploads.due_at(visit, form), ids.parse(form.draft_id), ids.parse(form.version)
    if draft_id is None:
        name = draft_uploads.form_name(form)
        draft_id = drafts.add(
            visit.db,
            settings,
            now=visit.now,
            account_id=account_id,
            parts=posts,
            scheduled_at=due_at,
            idempotency_name=name,
        )
        kept = queries.get(visit.db, draft_id, account_id=account_id)
        if kept is None or list(kept.decoded()) == posts:
            return draft_id
        # The same form was kept before, as it was then.
        version = kept.version
    drafts.change(
        visit.db,
        settings,
        now=visit.now,
        account_id=account_id,
        draft_id=draft_id,
        parts=posts,
        version=version or 0,
        scheduled_at=due_at,
    )
    return draft_id


router = Router("/", route_handlers=[show, show_one, keep, delete])
