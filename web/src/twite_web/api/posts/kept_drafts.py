"""Drafts kept on the server: /api/v1/drafts/…"""

from collections.abc import Sequence

import msgspec
from litestar import Response, delete, get, post, put
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody

from twite_common.drafts import Draft
from twite_common.errors import Invalid
from twite_common.post_details import Attachment
from twite_common.queries.posts import drafts as queries
from twite_common.queries.posts import media
from twite_common.queries.posts.drafts import KeptDraft
from twite_common.services.posts import drafts
from twite_common.translations import gettext as _
from twite_web.api import paging, route_limits
from twite_web.api.access import Access, reading, user, writing
from twite_web.api.paging import PageRequest, link, page_request
from twite_web.api.path_params import record_id, there
from twite_web.api.posts.drafts import StatusDraft, draft_of
from twite_web.api.posts.scheduled_posts import ScheduledStatus, ThreadStatus, due, scheduled, thread_statuses
from twite_web.api.posts.unexpected_mentions import named_in_failures
from twite_web.api.schemas import Empty, Entity, timestamp
from twite_web.api.schemas.posts import Status
from twite_web.api.serializers import posts as post_serializers
from twite_web.routing import Router
from twite_web.types import Request


class DraftParameters(msgspec.Struct):
    """What is to be kept: one post, or several of which each answers the one before.

    `scheduled_at` (ISO 8601) is when it is meant to be published. Whoever changes a draft says which `version` of it
    they have seen.
    """

    statuses: list[StatusDraft] = []
    scheduled_at: str | None = None
    version: int | None = None


class KeptStatuses(Entity, frozen=True, kw_only=True, gc=False):
    """What the user hasn't finished. `version` grows with every change."""

    id: str
    version: int
    updated_at: str
    scheduled_at: str | None
    statuses: list[ThreadStatus]


@get("/", opt=user("read:statuses"), sync_to_thread=True)
def several(request: Request, page_request: NamedDependency[PageRequest]) -> Response[list[KeptStatuses]]:
    """Return the user's drafts, the last begun first."""
    page = page_request.page(paging.STATUSES)
    with reading(request) as access:
        kept = queries.of_account(access.db, access.account_id, page)
        attached = media.of_drafts(access.db, [draft.id for draft in kept])
        entities = [_entity(access, draft, attached.get(draft.id, [])) for draft in kept]
    return Response(entities, headers=link(request, [draft.id for draft in kept], page.limit))


@get("/{draft_id:str}", opt=user("read:statuses"), sync_to_thread=True)
def one(request: Request, draft_id: FromPath[str]) -> KeptStatuses:
    """Return a draft."""
    with reading(request) as access:
        return _kept(access, record_id(draft_id))


@post("/", status_code=200, opt=user("write:statuses"), sync_to_thread=True)
def keep(request: Request, data: JSONBody[DraftParameters]) -> KeptStatuses:
    """Keep a draft. It may be longer than a post, or empty: it is checked when it is published.

    With the header Idempotency-Key, repeating the request within an hour doesn't keep a second one.
    """
    with writing(request) as access:
        id = drafts.add(
            access.db,
            access.core.settings,
            now=access.now,
            account_id=access.account_id,
            parts=_parts(data),
            scheduled_at=_time(data),
            idempotency_name=request.headers.get("idempotency-key"),
        )
    with access.reading() as access:
        return _kept(access, id)


@put("/{draft_id:str}", opt=user("write:statuses"), sync_to_thread=True)
def change(request: Request, draft_id: FromPath[str], data: JSONBody[DraftParameters]) -> KeptStatuses:
    """Write a draft anew. If it isn't at the given `version` any more, nothing is changed, and the answer is 409."""
    if data.version is None:
        raise Invalid(_("Validation failed: Version can't be blank"))
    id = record_id(draft_id)
    with writing(request) as access:
        drafts.change(
            access.db,
            access.core.settings,
            now=access.now,
            account_id=access.account_id,
            draft_id=id,
            parts=_parts(data),
            version=data.version,
            scheduled_at=_time(data),
        )
    with access.reading() as access:
        return _kept(access, id)


@delete("/{draft_id:str}", status_code=200, opt=user("write:statuses"), sync_to_thread=True)
def remove(request: Request, draft_id: FromPath[str]) -> Empty:
    """Delete a draft. Its attachments can be put on a post for a day."""
    with writing(request) as access:
        drafts.remove(access.db, now=access.now, account_id=access.account_id, draft_id=record_id(draft_id))
    return Empty()


@post("/{draft_id:str}/publish", status_code=200, opt=user("write:statuses"), sync_to_thread=True)
def publish(request: Request, draft_id: FromPath[str]) -> Response[list[Status] | ScheduledStatus]:
    """Publish a draft, or schedule it if it has a time, and delete it. Return its posts, or what is scheduled.

    With the header Idempotency-Key, repeating the request within an hour returns the same posts.
    """
    with writing(request) as access, named_in_failures(access):
        published = drafts.publish(
            access.db,
            access.core.settings,
            now=access.now,
            account_id=access.account_id,
            draft_id=record_id(draft_id),
            application_id=access.token.application_id if access.token else None,
            idempotency_name=request.headers.get("idempotency-key"),
        )
        route_limits.count_posts(request, access.account_id, len(published.post_ids) - 1, access.now)
    with access.reading() as access:
        if published.scheduled_id is not None:
            return Response(scheduled(access, published.scheduled_id))
        return Response(post_serializers.statuses(access, published.post_ids))


def _parts(data: DraftParameters) -> list[Draft]:
    return [draft_of(status) for status in data.statuses]


def _time(data: DraftParameters) -> int | None:
    return due(data.scheduled_at) if data.scheduled_at else None


def _kept(access: Access, draft_id: int) -> KeptStatuses:
    kept = there(queries.get(access.db, draft_id, account_id=access.account_id))
    return _entity(access, kept, media.of_drafts(access.db, [kept.id]).get(kept.id, []))


def _entity(access: Access, kept: KeptDraft, attached: Sequence[Attachment]) -> KeptStatuses:
    return KeptStatuses(
        id=str(kept.id),
        version=kept.version,
        updated_at=timestamp(kept.updated_at),
        scheduled_at=timestamp(kept.scheduled_at) if kept.scheduled_at is not None else None,
        statuses=thread_statuses(access, kept.decoded(), attached),
    )


router = Router(
    "/drafts",
    route_handlers=[several, one, keep, change, remove, publish],
    dependencies={"page_request": Provide(page_request, sync_to_thread=False)},
    tags=["drafts"],
)
