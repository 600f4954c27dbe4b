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
