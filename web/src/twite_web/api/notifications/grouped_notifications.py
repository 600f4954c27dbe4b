"""Notifications in groups: /api/v2/notifications/…"""

from typing import Annotated, Literal

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, QueryParameter

from twite_common import ids
from twite_common.errors import NotFound
from twite_common.queries.notifications import groups as grouping
from twite_common.queries.notifications import notifications as queries
from twite_common.queries.notifications.notifications import Notification
from twite_common.services.notifications import notifications
from twite_common.translations import gettext as _
from twite_web.api import paging
from twite_web.api.access import Access, reading, user, writing
from twite_web.api.notifications.notifications import (
    KINDS,
    ExcludeTypes,
    IncludeFiltered,
    Types,
    count_unread,
    kinds_of,
    looked,
)
from twite_web.api.paging import PageRequest, link, page_request
from twite_web.api.path_params import NOT_FOUND, record_id
from twite_web.api.schemas import Empty
from twite_web.api.schemas.accounts import Account
from twite_web.api.schemas.notifications import Count, GroupedNotifications
from twite_web.api.serializers import accounts as account_serializers
from twite_web.api.serializers import notifications as notification_serializers
from twite_web.routing import Router
from twite_web.types import Request

READ, WRITE = user("read:notifications"), user("write:notifications")

GroupedTypes = Annotated[
    list[str] | None, QueryParameter(name="grouped_types", description="Types that may be grouped.")
]
Expand = Annotated[Literal["full", "partial_avatars"], QueryParameter(description="How much to return about accounts.")]


@get("/notifications", opt=READ, sync_to_thread=True)
def several(
    request: Request,
    page_request: NamedDependency[PageRequest],
    types: Types = None,
    exclude_types: ExcludeTypes = None,
    grouped_types: GroupedTypes = None,
    account_id: FromQuery[str | None] = None,
    include_filtered: IncludeFiltered = False,
    expand_accounts: Expand = "full",
) -> Response[GroupedNotifications]:
    """Return notifications in groups. Those returned aren't sent by e-mail."""
    page = page_request.page(paging.NOTIFICATIONS)
    with reading(request) as access:
        notifications = queries.page(
            access.db,
            msgspec.structs.replace(page, limit=page.limit * grouping.LOOKED_THROUGH),
            viewer_id=access.account_id,
            now=access.now,
            kinds=kinds_of(types, exclude_types),
            from_account_id=ids.parse(account_id) if account_id else None,
            with_filtered=include_filtered,
        )
        kinds = None if grouped_types is None else {KINDS[name] for name in grouped_types if name in KINDS}
        groups = grouping.grouped(notifications, page, kinds)
        entity = notification_serializers.grouped(access, groups, partial=expand_accounts == "partial_avatars")
    cursors = grouping.cursors(groups)
    full = grouping.full(groups, notifications, page)
    headers = link(request, cursors, len(cursors) if full else len(cursors) + 1)
    return Response(entity, headers=headers, background=looked(request, access))


@get("/notifications/{group_key:str}", opt=READ, sync_to_thread=True)
def one(request: Request, group_key: FromPath[str]) -> GroupedNotifications:
    """Return one group."""
    with reading(request) as access:
        return notification_serializers.grouped(access, {group_key: _of_group(access, group_key)}, partial=False)


@get(
    "/notifications/{group_key:str}/accounts",
    opt=user("read:notifications", "write:notifications"),
    sync_to_thread=True,
)
def accounts(request: Request, group_key: FromPath[str]) -> list[Account]:
    """Return the accounts of a group, the latest first."""
    with reading(request) as access:
        account_ids = list(dict.fromkeys(notification.from_account_id for notification in _of_group(access, group_key)))
        accounts = account_serializers.accounts(access, account_ids)
    return [accounts[id] for id in account_ids if id in accounts]


@get("/notifications/unread_count", opt=READ, sync_to_thread=True)
def unread_count(
    request: Request,
    limit: FromQuery[int] = 100,
    types: Types = None,
    exclude_types: ExcludeTypes = None,
    account_id: FromQuery[str | None] = None,
) -> Count:
    """Return how many groups have something newer than the marker, counted up to the limit."""
    return count_unread(request, limit, types, exclude_types, account_id, in_groups=True)


@post("/notifications/clear", status_code=200, opt=WRITE, sync_to_thread=True)
def clear(request: Request) -> Empty:
    """Remove all notifications."""
    with writing(request) as access:
        notifications.clear(access.db, account_id=access.account_id)
    return Empty()


@post("/notifications/{group_key:str}/dismiss", status_code=200, opt=WRITE, sync_to_thread=True)
def dismiss(request: Request, group_key: FromPath[str]) -> Empty:
    """Remove a group."""
    notification_id = _alone(group_key)
    with writing(request) as access:
        if notification_id is not None:
            notifications.dismiss(access.db, account_id=access.account_id, notification_id=notification_id)
        else:
            notifications.dismiss_group(access.db, account_id=access.account_id, group_key=group_key)
    return Empty()


def _of_group(access: Access, group_key: str) -> list[Notification]:
    notification_id = _alone(group_key)
    if notification_id is not None:
        notification = queries.get(access.db, notification_id, viewer_id=access.account_id, now=access.now)
        notifications = [notification] if notification else []
    else:
        notifications = queries.of_group(access.db, group_key, viewer_id=access.account_id, now=access.now)
    if not notifications:
        raise NotFound(_(NOT_FOUND))
    return notifications


def _alone(group_key: str) -> int | None:
    """Return the id of the notification that stands alone under a key; None for the key of a group."""
    return record_id(group_key.removeprefix(grouping.ALONE)) if group_key.startswith(grouping.ALONE) else None


router = Router(
    "/v2",
    route_handlers=[several, one, accounts, unread_count, clear, dismiss],
    dependencies={"page_request": Provide(page_request, sync_to_thread=False)},
    tags=["notifications"],
)
