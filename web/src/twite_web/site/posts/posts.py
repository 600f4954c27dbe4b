"""Writing posts: the form, publishing, editing and deleting."""

import re

import msgspec
from litestar import Router, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery, JSONBody

from twite_common import ids, secret
from twite_common.drafts import MediaChange
from twite_common.errors import NotFound, TwiteError
from twite_common.media import pictures, recordings
from twite_common.media.stored_files import storing
from twite_common.queries.accounts import relationships
from twite_common.services.posts import media, post_checks, post_deletion, post_edits, posts, replies
from twite_common.translations import gettext as _
from twite_web import uploads
from twite_web.core import core
from twite_web.site import form_errors, parts, redirects, templating
from twite_web.site.access import LoginNeeded, Visit, id_in, reading, writing
from twite_web.site.draft_forms import POLL_TIMES, VISIBILITIES, DraftForm, blank
from twite_web.site.form_errors import shown_again
from twite_web.site.options import translated
from twite_web.site.view_models import posts as post_view_models
from twite_web.site.view_models.posts import PostView
from twite_web.types import Request, Response
from twite_web.uploads import Stored

MAX_POST_BYTES = max(recordings.MAX_BYTES, media.MAX_COUNT * pictures.MAX_BYTES) + 1024 * 1024
"""Bytes of a form with its files."""
KEY = re.compile(r"[A-Za-z0-9_-]{1,100}")


def compose_page(request: Request, data: DraftForm, *, error: TwiteError | None = None) -> Response:
    """Return the form for a post; to somebody whose session is over, what they typed and the way to log in."""
    with reading(request) as visit:
        parent_ids = [id for id in map(ids.parse, (data.in_reply_to_id, data.quote_of_id)) if id is not None]
        parents = post_view_models.posts(visit, parent_ids) if parent_ids else []
        values = msgspec.structs.replace(data, key=data.key or secret.new())
        return form_errors.page(
            request,
            "posts/compose.html",
            visit,
            values=values,
            error=error,
            parents=parents,
            visibilities=translated(VISIBILITIES),
            poll_times=translated(POLL_TIMES),
        )


@get("/compose", sync_to_thread=True)
def show(
    request: Request,
    in_reply_to: FromQuery[str] = "",
    quote: FromQuery[str] = "",
    back: FromQuery[str] = "",
) -> Response:
    """Show the form for a post, a reply, or a post that quotes another."""
    with reading(request, page=False) as visit:
        form = _reply(visit, id_in(in_reply_to)) if in_reply_to else blank(visit)
    return compose_page(request, msgspec.structs.replace(form, back=back, quote_of_id=quote))


@post("/posts", request_max_body_size=MAX_POST_BYTES, sync_to_thread=True)
@shown_again(compose_page, NotFound, LoginNeeded)
def publish(request: Request, data: JSONBody[DraftForm]) -> Response:
    """Publish a post."""
    attachments, draft, equipment = _chosen(data), data.draft(), core(request)
    with reading(request, page=False) as visit:
        visit.require_login()
        post_checks.check(equipment.settings, draft, files=len(attachments))
        for _, description in attachments:
            media.checked_description(description)
        uploads.count(request, visit.account_id, len(attachments), visit.now)
    with storing(equipment.database, equipment.settings) as files:
        stored_files = [
            (uploads.store(files, upload.file, visit.account_id), description) for upload, description in attachments
        ]
        with writing(request) as visit:
            media_ids = [_keep(visit, file, description) for file, description in stored_files]
            id = posts.publish(
                visit.db,
                visit.core.settings,
                now=visit.now,
                author_id=visit.account_id,
                draft=msgspec.structs.replace(draft, media_ids=tuple(media_ids)),
                idempotency_name=f"form {data.key}" if KEY.fullmatch(data.key) else None,
            )
            own_page = f"/@{visit.member.username}/{id}"
    back = redirects.local(data.back, own_page)
    return redirects.see(request, back if back == own_page else f"{back}#post-{id}", "posted")


def edit_page(request: Request, data: DraftForm, post_id: str, *, error: TwiteError | None = None) -> Response:
    """Return the form that changes a post."""
    with reading(request) as visit:
        post = posts.own(visit.db, id_in(post_id), visit.account_id)
        return form_errors.page(request, "posts/edit.html", visit, values=data, error=error, post=post)


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
        )


@get("/posts/{post_id:str}/edit", sync_to_thread=True)
def show_edit(request: Request, post_id: FromPath[str]) -> Response:
    """Show the form that changes a post."""
    with reading(request) as visit:
        post = posts.own(visit.db, id_in(post_id), visit.account_id)
        values = DraftForm(text=post.text, spoiler_text=post.spoiler_text)
        return form_errors.page(request, "posts/edit.html", visit, values=values, post=post)


@post("/posts/{post_id:str}/edit", sync_to_thread=True)
@shown_again(edit_page)
def edit(request: Request, data: JSONBody[DraftForm], post_id: FromPath[str]) -> Response:
    """Change a post; its earlier version is kept."""
    with writing(request) as visit:
        post_edits.edit(
            visit.db,
            visit.core.settings,
            now=visit.now,
            author_id=visit.account_id,
            post_id=id_in(post_id),
            draft=data.draft(),
        )
        page = f"/@{visit.member.username}/{post_id}"
    return redirects.see(request, page, "edited")


@get("/posts/{post_id:str}/delete", sync_to_thread=True)
def show_delete(request: Request, post_id: FromPath[str]) -> Response:
    """Ask whether a post is to be deleted."""
    with reading(request) as visit:
        post = posts.own(visit.db, id_in(post_id), visit.account_id)
        return templating.page(request, "posts/delete.html", visit, posts=post_view_models.posts(visit, [post.id]))


@post("/posts/{post_id:str}/delete", sync_to_thread=True)
def delete(request: Request, post_id: FromPath[str]) -> Response:
    """Delete a post."""
    with writing(request) as visit:
        post_deletion.delete_own(visit.db, now=visit.now, author_id=visit.account_id, post_id=id_in(post_id))
        page = f"/@{visit.member.username}"
    return redirects.see(request, page, "post_deleted")


def _visible(visit: Visit, post_id: str) -> PostView:
    """Return a post that the visitor may see.

    Raises NotFound for any other.
    """
    views = post_view_models.posts(visit, [id_in(post_id)])
    if not views:
        raise NotFound(_("This post doesn't exist, or you may not see it."))
    return views[0]


def _chosen(data: DraftForm) -> list[tuple[UploadFile, str]]:
    """Return the files that were chosen, each with what was typed beside it."""
    pairs = zip(data.files, [*data.descriptions, *[""] * len(data.files)], strict=False)
    return [
        (upload, description) for upload, description in pairs if isinstance(upload, UploadFile) and upload.filename
    ]


def _keep(visit: Visit, stored: Stored, description: str) -> int:
    id = uploads.keep(visit.db, stored, now=visit.now, account_id=visit.account_id)
    change = MediaChange(media_id=id, description=description or None)
    media.change(visit.db, change, now=visit.now, account_id=visit.account_id)
    return id


def _reply(visit: Visit, post_id: int) -> DraftForm:
    draft = replies.begin(visit.db, viewer_id=visit.account_id, post_id=post_id)
    return DraftForm(
        text=draft.text,
        spoiler_text=draft.spoiler_text,
        visibility=draft.visibility or "",
        in_reply_to_id=str(post_id),
        key=secret.new(),
    )


router = Router("/", route_handlers=[show, publish, show_one, show_menu, show_edit, edit, show_delete, delete])
