"""Scheduled posts: /api/v1/scheduled_statuses/…"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from litestar import Response, delete, get, route
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody

from twite_common import clock
from twite_common.drafts import Draft, PollDraft
from twite_common.errors import Invalid, NotFound
from twite_common.post_details import Attachment
from twite_common.queries.posts import media
from twite_common.queries.posts import scheduled_posts as queries
from twite_common.queries.posts.scheduled_posts import Scheduled
from twite_common.services.posts import drafts, scheduled_posts
from twite_common.translations import gettext as _
from twite_web.api import paging
from twite_web.api.access import Access, reading, user, writing
from twite_web.api.paging import PageRequest, link, page_request
from twite_web.api.path_params import NOT_FOUND, record_id
from twite_web.api.schemas import Empty, Entity, timestamp
from twite_web.api.schemas.posts import MediaAttachment
from twite_web.api.serializers import post_parts
from twite_web.api.visibilities import VISIBILITY
from twite_web.routing import Router
from twite_web.types import Request


class ScheduledPoll(Entity, frozen=True, kw_only=True, gc=False):
    """A poll that waits; it ends so many seconds after it is published."""

    options: list[str]
    expires_in: int
    multiple: bool
    hide_totals: bool


class StatusParameters(Entity, frozen=True, kw_only=True, gc=False):
    """A post as its author has written it. It ends `expires_in` seconds after it is published, or at `expires_at`."""

    text: str
    poll: ScheduledPoll | None
    media_ids: list[str] | None
    sensitive: bool | None
    spoiler_text: str | None
    visibility: str | None
    in_reply_to_id: str | None
    language: str | None
    allowed_mentions: list[str] | None
    quoted_status_id: str | None
    quote_approval_policy: str | None
    reply_policy: str | None
    expires_in: int | None
    expires_at: str | None


class ThreadStatus(StatusParameters, frozen=True, kw_only=True, gc=False):
    """A post as its author has written it, of those that are published together, with its attachments."""

    media_attachments: list[MediaAttachment]


class Parameters(StatusParameters, frozen=True, kw_only=True, gc=False):
    """A post as it is to be."""

    application_id: int
    scheduled_at: None
    idempotency: None
    with_rate_limit: bool


class ScheduledStatus(Entity, frozen=True, kw_only=True, gc=False):
    """A post that waits for its time. `statuses` are all posts of a thread, the first one too."""

    id: str
    scheduled_at: str
    params: Parameters
    media_attachments: list[MediaAttachment]
    statuses: list[ThreadStatus]


class Moved(msgspec.Struct):
    """When a post is to be published instead (ISO 8601)."""

    scheduled_at: str = ""


@get("/", opt=user("read:statuses"), sync_to_thread=True)
def several(request: Request, page_request: NamedDependency[PageRequest]) -> Response[list[ScheduledStatus]]:
    """Return the user's scheduled posts."""
    page = page_request.page(paging.STATUSES)
    with reading(request) as access:
        posts = queries.of_account(access.db, access.account_id, page)
        attached = media.of_scheduled(access.db, [post.id for post in posts])
        entities = [entity(access, post, attached.get(post.id, [])) for post in posts]
    return Response(entities, headers=link(request, [post.id for post in posts], page.limit))


@get("/{scheduled_id:str}", opt=user("read:statuses"), sync_to_thread=True)
def one(request: Request, scheduled_id: FromPath[str]) -> ScheduledStatus:
    """Return a scheduled post."""
    with reading(request) as access:
        return scheduled(access, record_id(scheduled_id))


@route("/{scheduled_id:str}", http_method=["PUT", "PATCH"], opt=user("write:statuses"), sync_to_thread=True)
def move(request: Request, scheduled_id: FromPath[str], data: JSONBody[Moved]) -> ScheduledStatus:
    """Change the time of a scheduled post."""
    with writing(request) as access:
        id, due_at = record_id(scheduled_id), due(data.scheduled_at)
        scheduled_posts.move(access.db, now=access.now, account_id=access.account_id, scheduled_id=id, due_at=due_at)
    with access.reading() as access:
        return scheduled(access, id)


@delete("/{scheduled_id:str}", status_code=200, opt=user("write:statuses"), sync_to_thread=True)
def cancel(request: Request, scheduled_id: FromPath[str]) -> Empty:
    """Cancel a scheduled post."""
    with writing(request) as access:
        scheduled_posts.cancel(access.db, account_id=access.account_id, scheduled_id=record_id(scheduled_id))
    return Empty()


def due(text: str) -> int:
    """Return a time that an application has written, in milliseconds.

    Raises Invalid for what is no time.
    """
    try:
        moment = datetime.fromisoformat(text)
        at = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * clock.SECOND)
        # Elsewhere it may be in a year that there isn't here.
        clock.as_datetime(at)
    except (ValueError, OverflowError) as error:
        raise Invalid(_("Date supplied is invalid")) from error
    return at


def scheduled(access: Access, scheduled_id: int) -> ScheduledStatus:
    """Return one of one's own scheduled posts.

    Raises NotFound when there is none.
    """
    post = queries.get(access.db, scheduled_id, account_id=access.account_id)
    if post is None:
        raise NotFound(_(NOT_FOUND))
    return entity(access, post, media.of_scheduled(access.db, [post.id]).get(post.id, []))


def entity(access: Access, post: Scheduled, attached: list[Attachment]) -> ScheduledStatus:
    """Return a scheduled post in the API's words."""
    written = post.decoded()
    statuses = thread_statuses(access, written, attached)
    return ScheduledStatus(
        id=str(post.id),
        scheduled_at=timestamp(post.due_at),
        params=_parameters(post, written[0]),
        media_attachments=statuses[0].media_attachments,
        statuses=statuses,
    )


def thread_statuses(access: Access, written: Sequence[Draft], attached: Sequence[Attachment]) -> list[ThreadStatus]:
    """Return what somebody has written, each post with those of its attachments that are still there."""
    files = {file.id: post_parts.media_attachment(access.core.addresses, file) for file in attached}
    present = [drafts.with_media(draft, files) for draft in written]
    return [
        ThreadStatus(**parameters(draft), media_attachments=[files[id] for id in draft.media_ids or ()])
        for draft in present
    ]


def parameters(draft: Draft) -> dict[str, Any]:
    """Return the members of `StatusParameters` for what somebody has written."""
    allowed_ids = draft.allowed_mention_ids
    return {
        "text": draft.text,
        "poll": _poll(draft.poll) if isinstance(draft.poll, PollDraft) else None,
        "media_ids": [str(id) for id in draft.media_ids or ()] or None,
        "sensitive": draft.sensitive,
        "spoiler_text": draft.spoiler_text or None,
        "visibility": VISIBILITY[draft.visibility] if draft.visibility else None,
        "in_reply_to_id": str(draft.in_reply_to_id) if draft.in_reply_to_id else None,
        "language": draft.language,
        "allowed_mentions": None if allowed_ids is None else [str(id) for id in allowed_ids],
        "quoted_status_id": str(draft.quote_of_id) if draft.quote_of_id else None,
        "quote_approval_policy": draft.quote_policy,
        "reply_policy": draft.reply_policy,
        "expires_in": draft.expires_in_seconds,
        "expires_at": timestamp(draft.expires_at) if draft.expires_at is not None else None,
    }


def _parameters(post: Scheduled, draft: Draft) -> Parameters:
    return Parameters(
        **parameters(draft),
        application_id=post.application_id or 0,
        scheduled_at=None,
        idempotency=None,
        with_rate_limit=False,
    )


def _poll(poll: PollDraft) -> ScheduledPoll:
    return ScheduledPoll(
        options=list(poll.options),
        expires_in=poll.expires_in_seconds,
        multiple=poll.multiple,
        hide_totals=poll.hide_totals,
    )


router = Router(
    "/scheduled_statuses",
    route_handlers=[several, one, move, cancel],
    dependencies={"page_request": Provide(page_request, sync_to_thread=False)},
    tags=["scheduled statuses"],
)
