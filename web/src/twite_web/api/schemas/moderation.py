"""The API's entities about moderation: reports, warnings, and those of /api/v1/admin/…"""

from typing import Any

from msgspec import UNSET, UnsetType

from twite_web.api.schemas import Entity
from twite_web.api.schemas.accounts import Account, Role
from twite_web.api.schemas.posts import Status
from twite_web.api.schemas.timelines import Link, Tag


class Rule(Entity, frozen=True, kw_only=True, gc=False):
    """A rule of the site; `hint` explains it."""

    id: str
    text: str
    hint: str
    translations: dict[str, Any]


class Report(Entity, frozen=True, kw_only=True, gc=False):
    """What somebody has reported to the site's staff."""

    id: str
    action_taken: bool
    action_taken_at: str | None
    category: str
    comment: str
    forwarded: bool
    created_at: str
    status_ids: list[str] | None
    rule_ids: list[str] | None
    target_account: Account


class Appeal(Entity, frozen=True, kw_only=True, gc=False):
    """What an account's owner answered to what was done about it."""

    text: str
    state: str


class AccountWarning(Entity, frozen=True, kw_only=True, gc=False):
    """What staff did about one's account, and why."""

    id: str
    action: str
    text: str
    status_ids: list[str] | None
    target_account: Account
    appeal: Appeal | None
    created_at: str


class Ip(Entity, frozen=True, kw_only=True, gc=False):
    """An address that an account was used from."""

    ip: str
    used_at: str


class AccountForAdmins(Entity, frozen=True, kw_only=True, gc=False):
    """An account with what only its owner and administrators know."""

    id: str
    username: str
    domain: str | None
    created_at: str
    email: str
    ip: str | None
    ips: list[Ip]
    locale: str | None
    invite_request: str | None
    role: Role
    confirmed: bool
    approved: bool
    disabled: bool
    silenced: bool
    suspended: bool
    sensitized: bool
    account: Account
    created_by_application_id: str | UnsetType = UNSET
    invited_by_account_id: str | UnsetType = UNSET


class ReportForAdmins(Entity, frozen=True, kw_only=True, gc=False):
    """A report, with whom and what it is about."""

    id: str
    action_taken: bool
    action_taken_at: str | None
    category: str
    comment: str
    forwarded: bool
    created_at: str
    updated_at: str
    account: AccountForAdmins
    target_account: AccountForAdmins
    assigned_account: AccountForAdmins | None
    action_taken_by_account: AccountForAdmins | None
    statuses: list[Status]
    rules: list[Rule]


class DomainAllow(Entity, frozen=True, kw_only=True, gc=False):
    """A server that may come in."""

    id: str
    domain: str
    created_at: str


class DomainBlock(Entity, frozen=True, kw_only=True, gc=False):
    """A server that is to be kept out."""

    id: str
    domain: str
    digest: str
    created_at: str
    severity: str
    reject_media: bool
    reject_reports: bool
    private_comment: str | None
    public_comment: str | None
    obfuscate: bool


class DayOfUse(Entity, frozen=True, kw_only=True, gc=False):
    """How often a block applied on a day."""

    day: str
    accounts: str
    uses: str


class EmailDomainBlock(Entity, frozen=True, kw_only=True, gc=False):
    """A provider of mail that is kept out."""

    id: str
    domain: str
    created_at: str
    history: list[DayOfUse]


class CanonicalEmailBlock(Entity, frozen=True, kw_only=True, gc=False):
    """A mail address that is kept out, known by its hash."""

    id: str
    canonical_email_hash: str


class IpBlock(Entity, frozen=True, kw_only=True, gc=False):
    """A network that is kept out."""

    id: str
    ip: str
    severity: str
    comment: str
    created_at: str
    expires_at: str | None


class DatedValue(Entity, frozen=True, kw_only=True, gc=False):
    """A number on a day."""

    date: str
    value: str


class Measure(Entity, frozen=True, kw_only=True, gc=False):
    """A number over some days, and what it was over as many days before."""

    key: str
    unit: str | None
    total: str
    human_value: str | UnsetType = UNSET
    previous_total: str
    data: list[DatedValue]


class DimensionValue(Entity, frozen=True, kw_only=True, gc=False):
    """One part of a whole."""

    key: str
    human_key: str
    value: str
    unit: str | UnsetType = UNSET
    human_value: str | UnsetType = UNSET


class Dimension(Entity, frozen=True, kw_only=True, gc=False):
    """A whole in its parts."""

    key: str
    data: list[DimensionValue]


class CohortValue(Entity, frozen=True, kw_only=True, gc=False):
    """How many of a cohort were active in a period."""

    date: str
    rate: float
    value: str


class Cohort(Entity, frozen=True, kw_only=True, gc=False):
    """Those who signed up in a period, and how many of them came back."""

    period: str
    frequency: str
    data: list[CohortValue]


class TagForAdmins(Tag, frozen=True, kw_only=True, gc=False):
    """A hashtag, with what moderators decided about it."""

    trendable: bool
    usable: bool
    listable: bool
    requires_review: bool


class LinkForAdmins(Link, frozen=True, kw_only=True, gc=False):
    """A page that many link to, and whether moderators still have to decide about it."""

    id: str
    requires_review: bool


class StatusForAdmins(Status, frozen=True, kw_only=True, gc=False):
    """A post that trends, and whether moderators still have to decide about it."""

    requires_review: bool


class Publisher(Entity, frozen=True, kw_only=True, gc=False):
    """Where pages that many link to come from."""

    id: str
    domain: str
    trendable: bool
    requires_review: bool
