"""The API's entities about notifications."""

from msgspec import UNSET, UnsetType

from twite_web.api.schemas import Entity
from twite_web.api.schemas.accounts import Account
from twite_web.api.schemas.moderation import AccountWarning, Report
from twite_web.api.schemas.posts import Status


class Notification(Entity, frozen=True, kw_only=True, gc=False):
    """Something that concerns one's account."""

    id: str
    type: str
    created_at: str
    group_key: str
    account: Account
    status: Status | UnsetType = UNSET
    report: Report | UnsetType = UNSET
    moderation_warning: AccountWarning | UnsetType = UNSET
    filtered: bool | UnsetType = UNSET


class Count(Entity, frozen=True, kw_only=True, gc=False):
    """A number of something."""

    count: int


class PartialAccount(Entity, frozen=True, kw_only=True, gc=False):
    """What is needed to show somebody's picture."""

    id: str
    acct: str
    url: str
    avatar: str
    avatar_static: str
    locked: bool
    bot: bool


class NotificationGroup(Entity, frozen=True, kw_only=True, gc=False):
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
    notification_groups: list[NotificationGroup]
