"""Posts to be published later: /api/v1/scheduled_statuses/…"""

from datetime import UTC, datetime
from typing import Any

import msgspec
from litestar import Request, Response, Router, delete, get, route
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody

from twite_common import clock
from twite_common.details import Attachment
from twite_common.errors import Invalid, NotFound
from twite_common.queries import media
from twite_common.queries import scheduled_posts as queries
from twite_common.queries.scheduled_posts import Scheduled
from twite_common.services import scheduled_posts
from twite_web.api import making_details, paging
from twite_web.api.access import Access, reading, user, writing
from twite_web.api.entities import Empty, Entity, MediaAttachment
from twite_web.api.paging import PageRequest, link, page_request
from twite_web.api.records import NOT_FOUND, record_id
from twite_web.api.status_drafts import as_parameters
from twite_web.api.times import timestamp


class ScheduledStatus(Entity, frozen=True, kw_only=True, gc=False):
    """A post that waits for its time."""

    id: str
    scheduled_at: str
    params: dict[str, Any]
    media_attachments: list[MediaAttachment]


class Moved(msgspec.Struct):
    """When a post is to be published instead (ISO 8601)."""

    scheduled_at: str = ""


@get("/", opt=user("read:statuses"), sync_to_thread=True)
def several(
    request: Request[Any, Any, Any], page_request: NamedDependency[PageRequest]
) -> Response[list[ScheduledStatus]]:
    """Return the posts that one has scheduled."""
    page = page_request.page(paging.STATUSES)
    with reading(request) as access:
        found = queries.of_account(access.db, access.account_id, page)
        attached = media.of_scheduled(access.db, [one.id for one in found])
        made = [entity(access, one, attached.get(one.id, [])) for one in found]
    return Response(made, headers=link(request, [one.id for one in found], page.limit))


@get("/{scheduled_id:str}", opt=user("read:statuses"), sync_to_thread=True)
def one(request: Request[Any, Any, Any], scheduled_id: FromPath[str]) -> ScheduledStatus:
    """Return a post that one has scheduled."""
    with reading(request) as access:
        return scheduled(access, record_id(scheduled_id))


@route("/{scheduled_id:str}", http_method=["PUT", "PATCH"], opt=user("write:statuses"), sync_to_thread=True)
def move(request: Request[Any, Any, Any], scheduled_id: FromPath[str], data: JSONBody[Moved]) -> ScheduledStatus:
    """Give a scheduled post another time."""
    id, due_at = record_id(scheduled_id), due(data.scheduled_at)
    with writing(request) as access:
        scheduled_posts.move(access.db, now=access.now, account_id=access.account_id, scheduled_id=id, due_at=due_at)
        return scheduled(access, id)


@delete("/{scheduled_id:str}", status_code=200, opt=user("write:statuses"), sync_to_thread=True)
def cancel(request: Request[Any, Any, Any], scheduled_id: FromPath[str]) -> Empty:
    """Give up a scheduled post."""
    with writing(request) as access:
        scheduled_posts.cancel(access.db, account_id=access.account_id, scheduled_id=record_id(scheduled_id))
    return Empty()


def due(written: str) -> int:
    """Return a time that an application has written, in milliseconds.

    Raises Invalid for what is no time.
    """
    try:
        moment = datetime.fromisoformat(written)
        at = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * clock.SECOND)
    except (ValueError, OverflowError) as error:
        raise Invalid("Date supplied is invalid") from error
    return at


def scheduled(access: Access, scheduled_id: int) -> ScheduledStatus:
    """Return one of one's own scheduled posts.

    Raises NotFound when there is none.
    """
    found = queries.get(access.db, scheduled_id, account_id=access.account_id)
    if found is None:
        raise NotFound(NOT_FOUND)
    return entity(access, found, media.of_scheduled(access.db, [found.id]).get(found.id, []))


def entity(access: Access, one: Scheduled, attached: list[Attachment]) -> ScheduledStatus:
    """Return a scheduled post in the API's words."""
    return ScheduledStatus(
        id=str(one.id),
        scheduled_at=timestamp(one.due_at),
        params={**as_parameters(one.decoded()), "application_id": one.application_id, "idempotency": None},
        media_attachments=[making_details.media_attachment(access.core.addresses, file) for file in attached],
    )


router = Router(
    "/scheduled_statuses",
    route_handlers=[several, one, move, cancel],
    dependencies={"page_request": Provide(page_request, sync_to_thread=False)},
    tags=["scheduled statuses"],
)
