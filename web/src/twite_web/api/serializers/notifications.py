"""Where the entities of notifications are made, one by one and in groups."""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import UNSET

from twite_common import ids
from twite_common.queries.notifications.notifications import Notification
from twite_web.api.access import Access
from twite_web.api.schemas import notifications as schemas
from twite_web.api.schemas import timestamp
from twite_web.api.schemas.accounts import Account
from twite_web.api.schemas.moderation import AccountWarning, Report
from twite_web.api.schemas.notifications import GroupedNotifications, NotificationGroup, PartialAccount
from twite_web.api.schemas.posts import Status
from twite_web.api.serializers import accounts as account_serializers
from twite_web.api.serializers import encoded_posts
from twite_web.api.serializers import moderation as moderation_serializers

TYPES = {
    "boost": "reblog",
    "post": "status",
    "report": "admin.report",
    "signup": "admin.sign_up",
    "warning": "moderation_warning",
}
"""Kinds of notification that the API has another word for; the others are called the same."""
SAMPLES = 8


class _Parts(msgspec.Struct, frozen=True):
    """What notifications are shown with, by id, as far as the viewer may see it."""

    accounts: dict[int, Account]
    statuses: dict[int, Status]
    reports: dict[int, Report]
    warnings: dict[int, AccountWarning]

    def cover(self, notification: Notification) -> bool:
        """Say whether all is there that a notification is shown with."""
        return (
            notification.from_account_id in self.accounts
            and (notification.post_id is None or notification.post_id in self.statuses)
            and (notification.report_id is None or notification.report_id in self.reports)
            and (notification.warning_id is None or notification.warning_id in self.warnings)
        )

    def report(self, notification: Notification) -> Report | msgspec.UnsetType:
        """Return the report that a notification tells of, if it tells of one."""
        return UNSET if notification.report_id is None else self.reports[notification.report_id]

    def warning(self, notification: Notification) -> AccountWarning | msgspec.UnsetType:
        """Return the warning that a notification tells of, if it tells of one."""
        return UNSET if notification.warning_id is None else self.warnings[notification.warning_id]


def type_of(kind: str) -> str:
    """Return the API's word for a kind of notification."""
    return TYPES.get(kind, kind)


def notifications(access: Access, rows: Sequence[Notification]) -> list[schemas.Notification]:
    """Return notifications as entities; one whose subject the viewer may not see any more is left out."""
    parts = _parts(access, rows, rows)
    return [_notification(row, parts) for row in rows if parts.cover(row)]


def grouped(access: Access, groups: Mapping[str, Sequence[Notification]], *, partial: bool) -> GroupedNotifications:
    """Return groups of notifications, by their keys, the latest of each group first.

    With `partial`, only one account of each group is told in full.
    """
    samples = {key: _sample(group) for key, group in groups.items()}
    latest = [group[0] for group in groups.values()]
    sampled = [row for key, group in groups.items() for row in group if row.from_account_id in samples[key]]
    parts = _parts(access, latest, sampled)
    full_ids = {sample[0] for sample in samples.values()} if partial else parts.accounts.keys()
    return GroupedNotifications(
        accounts=[account for id, account in parts.accounts.items() if id in full_ids],
        partial_accounts=[_partial(account) for id, account in parts.accounts.items() if id not in full_ids]
        if partial
        else UNSET,
        statuses=list(parts.statuses.values()),
        notification_groups=[
            _group(key, group, samples[key], parts) for key, group in groups.items() if parts.cover(group[0])
        ],
    )


def _parts(access: Access, rows: Sequence[Notification], sampled: Sequence[Notification]) -> _Parts:
    """Return what notifications are shown with; the accounts are those that the `sampled` ones are from."""
    post_ids = list(dict.fromkeys(row.post_id for row in rows if row.post_id is not None))
    return _Parts(
        statuses=encoded_posts.statuses(access, post_ids),
        accounts=account_serializers.of_versions(
            access, {row.from_account_id: row.from_account_version for row in sampled}
        ),
        reports=moderation_serializers.visible_reports(
            access, {row.report_id for row in rows if row.report_id is not None}
        ),
        warnings=moderation_serializers.own_warnings(
            access, {row.warning_id for row in rows if row.warning_id is not None}
        ),
    )


def _notification(row: Notification, parts: _Parts) -> schemas.Notification:
    return schemas.Notification(
        id=str(row.id),
        type=type_of(row.kind),
        created_at=timestamp(ids.created_at(row.id)),
        group_key=row.group_key,
        account=parts.accounts[row.from_account_id],
        status=UNSET if row.post_id is None else parts.statuses[row.post_id],
        report=parts.report(row),
        moderation_warning=parts.warning(row),
        filtered=True if row.filtered else UNSET,
    )


def _sample(group: Sequence[Notification]) -> list[int]:
    return list(dict.fromkeys(notification.from_account_id for notification in group))[:SAMPLES]


def _group(key: str, group: Sequence[Notification], sample: list[int], parts: _Parts) -> NotificationGroup:
    latest = group[0]
    return NotificationGroup(
        group_key=key,
        notifications_count=len(group),
        type=type_of(latest.kind),
        most_recent_notification_id=latest.id,
        page_min_id=str(group[-1].id),
        page_max_id=str(latest.id),
        latest_page_notification_at=timestamp(ids.created_at(latest.id)),
        sample_account_ids=[str(id) for id in sample],
        status_id=str(latest.post_id) if latest.post_id is not None else None,
        report=parts.report(latest),
        moderation_warning=parts.warning(latest),
    )


def _partial(account: Account) -> PartialAccount:
    return PartialAccount(
        id=account.id,
        acct=account.acct,
        url=account.url,
        avatar=account.avatar,
        avatar_static=account.avatar_static,
        locked=account.locked,
        bot=account.bot,
    )
