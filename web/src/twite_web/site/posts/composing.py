"""Writing posts: the form, what it is helped with, and publishing."""

from itertools import groupby
from typing import Any

import msgspec
from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery, JSONBody

from twite_common import ids, secret
from twite_common.errors import Invalid, NotFound, TwiteError
from twite_common.queries.accounts import search_suggestions
from twite_common.queries.posts import drafts as kept_drafts
from twite_common.queries.posts import emojis
from twite_common.queries.posts import media as media_queries
from twite_common.services.posts import drafts, idempotency, posts, replies, scheduled_posts
from twite_common.services.posts.held_posts import HeldForReview
from twite_common.services.posts.post_checks import MAX_THREAD
from twite_common.translations import gettext as _
from twite_web.routing import Router
from twite_web.site import draft_uploads, form_errors, parts, redirects, route_limits, templating
from twite_web.site.access import LoginNeeded, Visit, id_in, reading, writing
from twite_web.site.draft_forms import DraftForm, PartForm, blank, shared
from twite_web.site.draft_uploads import MAX_POST_BYTES
from twite_web.site.form_errors import SHOWN, shown_again
from twite_web.site.view_models import accounts as account_view_models
from twite_web.site.view_models import composers
from twite_web.site.view_models import posts as post_view_models
from twite_web.types import Request, Response

OFFERED = 8
"""Completions that are offered at once."""


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
            composer=composers.composer(visit, values) if visit.viewer else None,
        )


@get("/compose", sync_to_thread=True)
def show(
    request: Request,
    in_reply_to: FromQuery[str] = "",
    quote: FromQuery[str] = "",
    back: FromQuery[str] = "",
    title: FromQuery[str] = "",
    text: FromQuery[str] = "",
    url: FromQuery[str] = "",
) -> Response:
    """Show the form for a post, a reply, or a post that quotes another or shares what an application names."""
    with reading(request, page=False) as visit:
        visit.require_login()
        form = reply_form(visit, id_in(in_reply_to)) if in_reply_to else blank()
    typed = form.text or shared(title, text, url)
    return compose_page(request, msgspec.structs.replace(form, text=typed, back=back, quote_of_id=quote))


@post("/compose", request_max_body_size=MAX_POST_BYTES, sync_to_thread=True)
@shown_again(compose_page, NotFound, LoginNeeded)
def change_form(request: Request, data: JSONBody[DraftForm]) -> Response:
    """Show the form again, with what was typed and chosen, and another post where one is wanted."""
    form = draft_uploads.kept(request, data)
    if form.step == "add" and len(form.parts) < MAX_THREAD:
        form = msgspec.structs.replace(form, further=[*form.further, PartForm()])
    return compose_page(request, msgspec.structs.replace(form, step=""))


@post("/posts", request_max_body_size=MAX_POST_BYTES, sync_to_thread=True)
def publish(request: Request, data: JSONBody[DraftForm]) -> Response:
    """Publish a post or a thread, or schedule it."""
    form = data
    try:
        # Before anything else: what was chosen needn't be chosen again, whatever is wrong with the text.
        form = draft_uploads.kept(request, data)
        return publish_form(request, form)
    except HeldForReview:
        return redirects.see(request, "/held", "held")
    except (*SHOWN, NotFound, LoginNeeded) as error:
        return compose_page(request, form, error=error)


def publish_form(request: Request, form: DraftForm) -> Response:
    """Publish what a form has, or schedule it; raises what the services raise."""
    written = form.drafts()
    with writing(request) as visit:
        name = draft_uploads.form_name(form)
        post_ids = idempotency.published(visit.db, now=visit.now, author_id=visit.account_id, name=name) if name else []
        if not post_ids:
            draft_uploads.describe(visit, form, remind=True)
            if form.scheduled_at:
                _schedule(request, visit, form)
                return redirects.see(request, "/scheduled", "scheduled")
            try:
                post_ids = posts.publish_thread(
                    visit.db,
                    visit.core.settings,
                    now=visit.now,
                    author_id=visit.account_id,
                    drafts=written,
                    idempotency_name=name,
                )
            except HeldForReview:
                _drop_draft(visit, form)
                raise
            route_limits.count_posts(request, visit.account_id, len(post_ids) - 1, visit.now)
            _drop_draft(visit, form)
        own_page = f"/@{visit.member.username}/{post_ids[0]}"
    if parts.wanted(request):
        return redirects.see(request, f"/posts/{post_ids[0]}", "posted")
    back = redirects.local(form.back, own_page)
    return redirects.see(request, back if back == own_page else f"{back}#post-{post_ids[0]}", "posted")


def _schedule(request: Request, visit: Visit, form: DraftForm) -> None:
    """Have a post or a thread published at its time.

    Raises what `scheduled_posts.schedule_thread` raises, and TooMany for too many posts.
    """
    written = form.drafts()
    scheduled_posts.schedule_thread(
        visit.db,
        visit.core.settings,
        now=visit.now,
        account_id=visit.account_id,
        drafts=written,
        due_at=draft_uploads.due_at(visit, form) or 0,
        idempotency_name=draft_uploads.form_name(form),
    )
    route_limits.count_posts(request, visit.account_id, len(written) - 1, visit.now)
    _drop_draft(visit, form)


def _drop_draft(visit: Visit, form: DraftForm) -> None:
    """Delete the draft of what was published, unless that has happened elsewhere."""
    draft_id = ids.parse(form.draft_id)
    if draft_id is not None and kept_drafts.get(visit.db, draft_id, account_id=visit.account_id):
        drafts.remove(visit.db, now=visit.now, account_id=visit.account_id, draft_id=draft_id)


class UploadForm(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is uploaded while its post is being written."""

    file: Any = None


@post("/compose/media", request_max_body_size=MAX_POST_BYTES, sync_to_thread=True)
def upload(request: Request, data: JSONBody[UploadForm]) -> Response:
    """Keep a file that is to go with a post, and show it as the form does."""
    if not isinstance(data.file, UploadFile):
        raise Invalid(_("Please choose a file."))
    form = draft_uploads.kept(request, DraftForm(files=[data.file]))
    return _attachment(request, form.media[0].id)


@get("/compose/media/{media_id:str}", sync_to_thread=True)
def show_upload(request: Request, media_id: FromPath[str]) -> Response:
    """Show an upload as the form does; it may have been prepared in the meantime."""
    return _attachment(request, media_id)


def _attachment(request: Request, media_id: str) -> Response:
    with reading(request, page=False) as visit:
        id = id_in(media_id)
        found = media_queries.of_account(visit.db, visit.account_id, [id]).get(id)
        if found is None:
            raise NotFound(_("There is no such upload."))
        attachment = composers.attachment(visit.core.addresses, found, "media[0]")
        return templating.page(request, "posts/attachment.html", visit, attachment=attachment)


@get("/compose/completions", sync_to_thread=True)
def completions(request: Request, typed: FromQuery[str] = "") -> Response:
    """Show what a name, a hashtag or an emoji that somebody has begun to type may become."""
    with reading(request, page=False) as visit:
        viewer_id, begun = visit.account_id, typed[1:]
        people = search_suggestions.people(visit.db, begun, viewer_id=viewer_id) if typed.startswith("@") else []
        return templating.page(
            request,
            "posts/completions.html",
            visit,
            people=account_view_models.accounts(visit, people),
            hashtags=search_suggestions.hashtags(visit.db, begun, viewer_id=viewer_id) if typed[:1] == "#" else [],
            emojis=emojis.beginning(visit.db, begun, limit=OFFERED) if typed.startswith(":") else [],
        )


@get("/compose/emojis", sync_to_thread=True)
def emoji_picker(request: Request) -> Response:
    """Show the site's own emojis to choose from."""
    with reading(request, page=False) as visit:
        visit.require_login()
        offered = [emoji for emoji in emojis.enabled(visit.db) if emoji.visible_in_picker]
        groups = {category: list(group) for category, group in groupby(offered, lambda emoji: emoji.category or "")}
        return templating.page(request, "posts/emoji_picker.html", visit, groups=groups)


def reply_form(visit: Visit, post_id: int) -> DraftForm:
    """Return the form for a reply to a post; raises what `replies.begin` raises."""
    draft = replies.begin(visit.db, viewer_id=visit.account_id, post_id=post_id)
    return DraftForm(
        text=draft.text,
        spoiler_text=draft.spoiler_text,
        visibility=draft.visibility or "",
        in_reply_to_id=str(post_id),
        key=secret.new(),
    )


router = Router(
    "/",
    route_handlers=[show, change_form, publish, upload, show_upload, completions, emoji_picker],
)
