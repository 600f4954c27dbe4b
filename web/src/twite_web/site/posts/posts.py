"""Posts that are there: showing, editing and deleting them. `composing` writes new ones."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from twite_common.errors import NotFound, TwiteError
from twite_common.queries.accounts import relationships
from twite_common.queries.posts.posts import Post
from twite_common.services.posts import drafts, post_deletion, post_edits, posts, writers
from twite_common.translations import gettext as _
from twite_web.routing import Router
from twite_web.site import draft_forms, draft_uploads, form_errors, parts, redirects, templating
from twite_web.site.access import Visit, id_in, reading, writing
from twite_web.site.draft_forms import DraftForm
from twite_web.site.form_errors import SHOWN
from twite_web.site.view_models import composers
from twite_web.site.view_models import posts as post_view_models
from twite_web.site.view_models.posts import PostView
from twite_web.types import Request, Response


def edit_page(request: Request, data: DraftForm, post_id: str, *, error: TwiteError | None = None) -> Response:
    """Return the form that changes a post."""
    with reading(request) as visit:
        post = posts.own(visit.db, id_in(post_id), visit.account_id)
        return _edit_form(request, visit, post, data, error)


def _edit_form(request: Request, visit: Visit, post: Post, values: DraftForm, error: TwiteError | None) -> Response:
    part_view = composers.part(visit, values)
    return form_errors.page(
        request, "posts/edit.html", visit, values=values, error=error, post=post, part_view=part_view
    )


@get("/posts/{post_id:str}", sync_to_thread=True)
def show_one(request: Request, post_id: FromPath[str], back: FromQuery[str] = "") -> Response:
    """Show a post as lists do, its buttons leading `back`; to whoever asks for a whole page, lead to the post's own."""
    with reading(request, page=False) as visit:
        post = _visible(visit, post_id)
        if not parts.wanted(request):
            return redirects.see(request, post.path)
        return templating.page(request, "posts/one.html", visit, post=post, path=redirects.local(back))


@get("/posts/{post_id:str}/menu", sync_to_thread=True)
def show_menu(request: Request, post_id: FromPath[str], back: FromQuery[str] = "") -> Response:
    """Show what else the visitor can do with a post."""
    with reading(request) as visit:
        visit.require_login()
        post = _visible(visit, post_id)
        [relationship] = relationships.load(visit.db, [post.author.id], viewer_id=visit.account_id, now=visit.now)
        return templating.page(
            request,
            "posts/menu.html",
            visit,
            post=post,
            relationship=relationship,
            back=redirects.local(back, post.path),
            may_edit=post.own and writers.may_edit(visit.db, post.id),
            may_delete=post.own and writers.may_delete(visit.db, post.id),
        )


@get("/posts/{post_id:str}/edit", sync_to_thread=True)
def show_edit(request: Request, post_id: FromPath[str]) -> Response:
    """Show the form that changes a post."""
    with reading(request) as visit:
        post = posts.own(visit.db, id_in(post_id), visit.account_id)
        return _edit_form(request, visit, post, draft_forms.of_post(post), None)


@post("/posts/{post_id:str}/edit", request_max_body_size=draft_uploads.MAX_POST_BYTES, sync_to_thread=True)
def edit(request: Request, data: JSONBody[DraftForm], post_id: FromPath[str]) -> Response:
    """Change a post; its earlier version is kept. A `step` moves the attachment at that place forward in the form."""
    form = data
    try:
        form = draft_uploads.kept(request, data)
        if data.step:
            return edit_page(request, moved_forward(form, data.step), post_id)
        return _edit(request, form, post_id)
    except SHOWN as error:
        return edit_page(request, form, post_id, error=error)


def moved_forward(form: DraftForm, place: str) -> DraftForm:
    """Return a form with the attachment at a place before the one that was before it."""
    media = list(form.media)
    at = int(place) if place.isascii() and place.isdigit() else 0
    if 0 < at < len(media):
        media[at - 1], media[at] = media[at], media[at - 1]
    return msgspec.structs.replace(form, media=media, step="")


def _edit(request: Request, form: DraftForm, post_id: str) -> Response:
    with writing(request) as visit:
        post_edits.edit(
            visit.db,
            visit.core.settings,
            now=visit.now,
            author_id=visit.account_id,
            post_id=id_in(post_id),
            draft=form.changes(),
        )
        page = f"/@{visit.member.username}/{post_id}"
    return redirects.see(request, page, "edited")


@get("/posts/{post_id:str}/delete", sync_to_thread=True)
def show_delete(request: Request, post_id: FromPath[str]) -> Response:
    """Ask whether a post is to be deleted."""
    with reading(request) as visit:
        post = posts.own(visit.db, id_in(post_id), visit.account_id, to_be_deleted=True)
        return templating.page(
            request, "posts/delete.html", visit, posts=post_view_models.posts(visit, [post.id]), redraft=False
        )


@post("/posts/{post_id:str}/delete", sync_to_thread=True)
def delete(request: Request, post_id: FromPath[str]) -> Response:
    """Delete a post."""
    with writing(request) as visit:
        post_deletion.delete_own(visit.db, now=visit.now, author_id=visit.account_id, post_id=id_in(post_id))
        page = f"/@{visit.member.username}"
    return redirects.see(request, page, "post_deleted")


@get("/posts/{post_id:str}/redraft", sync_to_thread=True)
def show_redraft(request: Request, post_id: FromPath[str]) -> Response:
    """Ask whether a post is to be deleted and written anew."""
    with reading(request) as visit:
        post = posts.own(visit.db, id_in(post_id), visit.account_id)
        views = post_view_models.posts(visit, [post.id])
        return templating.page(request, "posts/delete.html", visit, posts=views, redraft=True)


@post("/posts/{post_id:str}/redraft", sync_to_thread=True)
def redraft(request: Request, post_id: FromPath[str]) -> Response:
    """Delete a post, and show the form with what it said."""
    with writing(request) as visit:
        draft_id = drafts.redraft(
            visit.db, visit.core.settings, now=visit.now, author_id=visit.account_id, post_id=id_in(post_id)
        )
    return redirects.see(request, f"/drafts/{draft_id}", "redrafted")


def _visible(visit: Visit, post_id: str) -> PostView:
    """Return a post that the visitor may see.

    Raises NotFound for any other.
    """
    views = post_view_models.posts(visit, [id_in(post_id)])
    if not views:
        raise NotFound(_("This post doesn't exist, or you may not see it."))
    return views[0]


router = Router(
    "/",
    route_handlers=[show_one, show_menu, show_edit, edit, show_delete, delete, show_redraft, redraft],
)
