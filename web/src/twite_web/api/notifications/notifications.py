"""Notifications, one by one: /api/v1/notifications/…"""

import logging
from typing import Annotated

from litestar import Response, delete, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, QueryParameter

from twite_common import clock, ids
from twite_common.database import Database
from twite_common.errors import NotFound, Unavailable, level
from twite_common.queries.notifications import notifications as queries
from twite_common.services.notifications import notifications
from twite_common.translations import gettext as _
from twite_web.api import paging
from twite_web.api.access import Access, reading, user, writing
from twite_web.api.paging import PageRequest, link, page_request
from twite_web.api.path_params import NOT_FOUND, record_id, record_ids
from twite_web.api.schemas import Empty
from twite_web.api.schemas import notifications as notification_schemas
from twite_web.api.schemas.notifications import Count
from twite_web.api.serializers import notifications as notification_serializers
from twite_web.api.serializers.notifications import type_of
from twite_web.core import core
from twite_web.routing import Router
from twite_web.types import Request

log = logging.getLogger(__name__)

KINDS = {type_of(kind): kind for kind in queries.KINDS}
MAX_UNREAD = 1000
LOOKED_EVERY_MS = clock.MINUTE
"""How exactly it is known when somebody looked; each finer step would be a write for a read."""

Types = Annotated[list[str] | None, QueryParameter(name="types", description="Only these types, as `types[]`.")]
ExcludeTypes = Annotated[list[str] | None, QueryParameter(name="exclude_types", description="Exclude these types.")]
IncludeFiltered = Annotated[bool, QueryParameter(description="Include notifications that the policy filtered.")]
Ids = Annotated[list[str] | None, QueryParameter(name="ids", description="Ids of notifications, as `ids[]`.")]


@get("/v1/notifications", opt=user("read:notifications"), sync_to_thread=True)
def several(
    request: Request,
    page_request: NamedDependency[PageRequest],
    types: Types = None,
    exclude_types: ExcludeTypes = None,
    account_id: FromQuery[str | None] = None,
    include_filtered: IncludeFiltered = False,
) -> Response[list[notification_schemas.Notification]]:
    """Return notifications, the latest first. Those returned aren't sent by e-mail."""
    page = page_request.page(paging.NOTIFICATIONS)
    with reading(request) as access:
        rows = queries.page(
            access.db,
            page,
            viewer_id=access.account_id,
            now=access.now,
            kinds=kinds_of(types, exclude_types),
            from_account_id=ids.parse(account_id) if account_id else None,
            with_filtered=include_filtered,
        )
        notifications = notification_serializers.notifications(access, rows)
    headers = link(request, [row.id for row in rows], page.limit)
    return Response(notifications, headers=headers, background=looked(request, access))


@get("/v1/notifications/{notification_id:str}", opt=user("read:notifications"), sync_to_thread=True)
def one(request: Request, notification_id: FromPath[str]) -> notification_schemas.Notification:
    """Return one notification."""
    with reading(request) as access:
        notification = made(access, record_id(notification_id))
    if notification is None:
        raise NotFound(_(NOT_FOUND))
    return notification


@get("/v1/notifications/unread_count", opt=user("read:notifications"), sync_to_thread=True)
def unread_count(
    request: Request,
    limit: FromQuery[int] = 100,
    types: Types = None,
    exclude_types: ExcludeTypes = None,
    account_id: FromQuery[str | None] = None,
) -> Count:
    """Return how many notifications are newer than the marker, counted up to the limit."""
    return count_unread(request, limit, types, exclude_types, account_id, in_groups=False)


@post("/v1/notifications/clear", status_code=200, opt=user("write:notifications"), sync_to_thread=True)
def clear(request: Request) -> Empty:
    """Remove all notifications."""
    with writing(request) as access:
        notifications.clear(access.db, account_id=access.account_id)
    return Empty()


@post(
    "/v1/notifications/{notification_id:str}/dismiss",
    status_code=200,
    opt=user("write:notifications"),
    sync_to_thread=True,
)
def dismiss(request: Request, notification_id: FromPath[str]) -> Empty:
    """Remove one notification."""
    return _dismiss(request, notification_id)


@delete(
    "/v1/notifications/{notification_id:str}", status_code=200, opt=user("write:notifications"), sync_to_thread=True
)
def remove(request: Request, notification_id: FromPath[str]) -> Empty:
    """Remove one notification."""
    return _dismiss(request, notification_id)


@delete("/v1/notifications/destroy_multiple", status_code=200, opt=user("write:notifications"), sync_to_thread=True)
def remove_several(request: Request, ids: Ids = None) -> Empty:
    """Remove notifications by their ids; missing ones are ignored."""
    with writing(request) as access:
        for id in record_ids(ids or []):
            if queries.get(access.db, id, viewer_id=access.account_id, now=access.now) is not None:
                notifications.dismiss(access.db, account_id=access.account_id, notification_id=id)
    return Empty()


def made(access: Access, notification_id: int) -> notification_schemas.Notification | None:
    """Return one of the viewer's notifications, if it is still there."""
    row = queries.get(access.db, notification_id, viewer_id=access.account_id, now=access.now)
    return next(iter(notification_serializers.notifications(access, [row])), None) if row else None


def kinds_of(types: list[str] | None, exclude_types: list[str] | None) -> list[str]:
    """Return the kinds that are asked for; types that don't exist here have no notifications."""
    return [
        kind for theirs, kind in KINDS.items() if (not types or theirs in types) and theirs not in (exclude_types or ())
    ]


def count_unread(
    request: Request,
    limit: int,
    types: list[str] | None,
    exclude_types: list[str] | None,
    account_id: str | None,
    *,
    in_groups: bool,
) -> Count:
    """Return how many notifications, or groups of them, are newer than the marker."""
    with reading(request) as access:
        number = queries.count_unread(
            access.db,
            viewer_id=access.account_id,
            now=access.now,
            limit=min(abs(limit), MAX_UNREAD),
            kinds=kinds_of(types, exclude_types),
            from_account_id=ids.parse(account_id) if account_id else None,
            in_groups=in_groups,
        )
    return Count(count=number)


def looked(request: Request, access: Access) -> BackgroundTask | None:
    """Return what records that somebody has looked at their notifications; None where that is known well enough.

    It is done after the answer: whoever reads doesn't wait for those who write.
    """
    viewer = access.viewer
    if viewer is None or access.now - (viewer.notifications_seen_at or 0) < LOOKED_EVERY_MS:
        return None
    return BackgroundTask(_record_look, core(request).database, viewer.account_id, access.now)


def _record_look(database: Database, account_id: int, now: int) -> None:
    try:
        with database.writing() as db:
            notifications.seen(db, account_id=account_id, now=now)
    except Unavailable as error:
        # It is recorded when they look again.
        log.log(level(error), "look_not_recorded %s", {"account_id": account_id, "error": str(error)})


def _dismiss(request: Request, notification_id: str) -> Empty:
    with writing(request) as access:
        notifications.dismiss(access.db, account_id=access.account_id, notification_id=record_id(notification_id))
    return Empty()


router = Router(
    "/",
    route_handlers=[several, one, unread_count, clear, dismiss, remove, remove_several],
    dependencies={"page_request": Provide(page_request, sync_to_thread=False)},
    tags=["notifications"],
)
