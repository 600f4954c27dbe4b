"""Notifications in groups: the same that was done to the same within half a day is told as one."""

from collections.abc import Collection, Mapping, Sequence

from twite_common.queries.notifications.notifications import Notification
from twite_common.queries.paging import Page

LOOKED_THROUGH = 20
"""Notifications that are looked through for each group of a page."""
ALONE = "ungrouped-"
"""How the key of a notification begins that stands alone; its id follows."""


def grouped(
    notifications: Sequence[Notification], page: Page, grouped_kinds: Collection[str] | None = None
) -> dict[str, list[Notification]]:
    """Return notifications, newest first, by group, up to where the first group too many for the page begins.

    That is looked for from where the page begins: its newest end, or its oldest for one that `min_id` asks for. Kinds
    that aren't among `grouped_kinds` stand alone.
    """
    groups: dict[str, list[Notification]] = {}
    for notification in notifications if page.min_id is None else reversed(notifications):
        alone = grouped_kinds is not None and notification.kind not in grouped_kinds
        key = f"{ALONE}{notification.id}" if alone else notification.group_key
        if key not in groups and len(groups) == page.limit:
            break
        groups.setdefault(key, []).append(notification)
    newest_first = {key: sorted(group, key=lambda notification: -notification.id) for key, group in groups.items()}
    return dict(sorted(newest_first.items(), key=lambda pair: -pair[1][0].id))


def cursors(groups: Mapping[str, Sequence[Notification]]) -> list[int]:
    """Return the ids of all notifications in groups, the latest first."""
    return sorted((notification.id for group in groups.values() for notification in group), reverse=True)


def full(groups: Mapping[str, Sequence[Notification]], notifications: Sequence[Notification], page: Page) -> bool:
    """Say whether there may be more than these groups of these notifications on the page."""
    return len(groups) == page.limit or len(notifications) == page.limit * LOOKED_THROUGH
