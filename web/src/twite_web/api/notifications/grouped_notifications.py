"""Notifications in groups: /api/v2/notifications/…"""

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, QueryParameter
from msgspec import UNSET, UnsetType

from twite_common import ids
from twite_common.errors import NotFound
from twite_common.queries.notifications import notifications as queries
from twite_common.queries.notifications.notifications import Notification
from twite_common.queries.paging import Page
from twite_common.services.notifications import notifications
from twite_web.api import paging
from twite_web.api.access import Access, reading, user, writing
from twite_web.api.moderation.reports import told_reports, told_warnings
from twite_web.api.notifications.notifications import (
    TYPES,
    ExcludeTypes,
    IncludeFiltered,
    Types,
    count_unread,
    kinds_of,
    looked,
)
from twite_web.api.paging import PageRequest, link, page_request
from twite_web.api.path_params import NOT_FOUND, record_id
from twite_web.api.schemas import Empty, Entity, timestamp
from twite_web.api.schemas import accounts as account_schemas
from twite_web.api.schemas.accounts import Account
from twite_web.api.schemas.moderation import AccountWarning, Report
from twite_web.api.schemas.notifications import Count
from twite_web.api.schemas.posts import Status
from twite_web.api.serializers import accounts as account_serializers
from twite_web.api.serializers import posts as post_serializers
from twite_web.types import Request

READ, WRITE = user("read:notifications"), user("write:notifications")
LOOKED_THROUGH = 20
"""Notifications that are looked through for each group of a page."""
SAMPLES = 8
ALONE = "ungrouped-"

GroupedTypes = Annotated[
    list[str] | None, QueryParameter(name="grouped_types", description="Types that may be grouped.")
]
Expand = Annotated[Literal["full", "partial_avatars"], QueryParameter(description="How much of accounts is told.")]


class PartialAccount(Entity, frozen=True, kw_only=True, gc=False):
    """What is needed to show somebody's picture."""

    id: str
    acct: str
    url: str
    avatar: str
    avatar_static: str
    locked: bool
    bot: bool


class Group(Entity, frozen=True, kw_only=True, gc=False):
    """Notifications that belong together. The latest one's id is a number, as Mastodon's own applications expect."""

    group_key: str
    notifications_count: int
    type: str
    most_recent_notification_id: int
    page_min_id: str
    page_max_id: str
    latest_page_notification_at: str
    sample_account_ids: list[str]
    status_id: str | None = None
    report: Report | UnsetType = UNSET
    moderation_warning: AccountWarning | UnsetType = UNSET


class GroupedNotifications(Entity, frozen=True, kw_only=True, gc=False):
    """A page of groups, with the accounts and posts that they name."""

    accounts: list[Account]
    partial_accounts: list[PartialAccount] | UnsetType = UNSET
    statuses: list[Status]
    notification_groups: list[Group]


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
    """Return what concerns one's account, in groups. Whoever looks here needs no mail about it."""
    page = page_request.page(paging.NOTIFICATIONS)
    with reading(request) as access:
        notifications = queries.page(
            access.db,
            msgspec.structs.replace(page, limit=page.limit * LOOKED_THROUGH),
            viewer_id=access.account_id,
            now=access.now,
            kinds=kinds_of(types, exclude_types),
            from_account_id=ids.parse(account_id) if account_id else None,
            with_filtered=include_filtered,
        )
        groups = _groups(notifications, page, grouped_types)
        entity = _made(access, groups, partial=expand_accounts == "partial_avatars")
    looked(request, access)
    on_page = [notification.id for group in groups.values() for notification in group]
    full = len(groups) == page.limit or len(notifications) == page.limit * LOOKED_THROUGH
    cursors = sorted(on_page, reverse=True)
    return Response(entity, headers=link(request, cursors, len(cursors) if full else len(cursors) + 1))


@get("/notifications/{group_key:str}", opt=READ, sync_to_thread=True)
def one(request: Request, group_key: FromPath[str]) -> GroupedNotifications:
    """Return one group."""
    with reading(request) as access:
        return _made(access, {group_key: _of_group(access, group_key)}, partial=False)


@get(
    "/notifications/{group_key:str}/accounts",
    opt=user("read:notifications", "write:notifications"),
    sync_to_thread=True,
)
def accounts(request: Request, group_key: FromPath[str]) -> list[Account]:
    """Return whom a group is about, the latest first."""
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
        raise NotFound(NOT_FOUND)
    return notifications


def _alone(group_key: str) -> int | None:
    """Return the id of the notification that stands alone under a key; None for the key of a group."""
    return record_id(group_key.removeprefix(ALONE)) if group_key.startswith(ALONE) else None


def _groups(
    notifications: Sequence[Notification], page: Page, grouped_types: list[str] | None
) -> dict[str, list[Notification]]:
    """Return notifications, newest first, by group, up to where the first group too many for the page begins.

    That is looked for from where the page begins: its newest end, or its oldest for one that `min_id` asks for.
    """
    groups: dict[str, list[Notification]] = {}
    for notification in notifications if page.min_id is None else reversed(notifications):
        alone = grouped_types is not None and TYPES.get(notification.kind, notification.kind) not in grouped_types
        key = f"{ALONE}{notification.id}" if alone else notification.group_key
        if key not in groups and len(groups) == page.limit:
            break
        groups.setdefault(key, []).append(notification)
    newest_first = {key: sorted(group, key=lambda notification: -notification.id) for key, group in groups.items()}
    return dict(sorted(newest_first.items(), key=lambda pair: -pair[1][0].id))


def _made(access: Access, groups: dict[str, list[Notification]], *, partial: bool) -> GroupedNotifications:
    samples = {key: _samples(group) for key, group in groups.items()}
    posts = [group[0].post_id for group in groups.values() if group[0].post_id is not None]
    statuses = {status.id: status for status in post_serializers.statuses(access, list(dict.fromkeys(posts)))}
    firsts = [group[0] for group in groups.values()]
    reported = told_reports(
        access, {notification.report_id for notification in firsts if notification.report_id is not None}
    )
    warned = told_warnings(
        access, {notification.warning_id for notification in firsts if notification.warning_id is not None}
    )
    accounts = account_serializers.accounts(access, {id for sample in samples.values() for id in sample})
    full_ids = {sample[0] for sample in samples.values()} if partial else set(accounts)
    return GroupedNotifications(
        accounts=[accounts[id] for id in accounts if id in full_ids],
        partial_accounts=[_partial(accounts[id]) for id in accounts if id not in full_ids] if partial else UNSET,
        statuses=list(statuses.values()),
        notification_groups=[
            _group(key, group, samples[key], reported, warned)
            for key, group in groups.items()
            if (group[0].post_id is None or str(group[0].post_id) in statuses)
            and (group[0].report_id is None or group[0].report_id in reported)
            and (group[0].warning_id is None or group[0].warning_id in warned)
        ],
    )


def _samples(group: list[Notification]) -> list[int]:
    return list(dict.fromkeys(notification.from_account_id for notification in group))[:SAMPLES]


def _group(
    key: str,
    group: list[Notification],
    sample: list[int],
    reported: dict[int, Report],
    warned: dict[int, AccountWarning],
) -> Group:
    latest = group[0]
    return Group(
        group_key=key,
        notifications_count=len(group),
        type=TYPES.get(latest.kind, latest.kind),
        most_recent_notification_id=latest.id,
        page_min_id=str(group[-1].id),
        page_max_id=str(latest.id),
        latest_page_notification_at=timestamp(ids.created_at(latest.id)),
        sample_account_ids=[str(id) for id in sample],
        status_id=str(latest.post_id) if latest.post_id is not None else None,
        report=reported[latest.report_id] if latest.report_id is not None else UNSET,
        moderation_warning=warned[latest.warning_id] if latest.warning_id is not None else UNSET,
    )


def _partial(account: account_schemas.Account) -> PartialAccount:
    return PartialAccount(
        id=account.id,
        acct=account.acct,
        url=account.url,
        avatar=account.avatar,
        avatar_static=account.avatar_static,
        locked=account.locked,
        bot=account.bot,
    )


router = Router(
    "/v2",
    route_handlers=[several, one, accounts, unread_count, clear, dismiss],
    dependencies={"page_request": Provide(page_request, sync_to_thread=False)},
    tags=["notifications"],
)
