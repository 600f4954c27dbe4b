"""The API's entities about accounts."""

from msgspec import UNSET, UnsetType

from twite_web.api.schemas import Entity
from twite_web.api.schemas.emojis import CustomEmoji
from twite_web.api.visibilities import Visibility


class Field(Entity, frozen=True, kw_only=True, gc=False):
    """One line of a profile."""

    name: str
    value: str
    verified_at: str | None = None


class Role(Entity, frozen=True, kw_only=True, gc=False):
    """What an account may do for the site."""

    id: str
    name: str
    color: str
    permissions: str
    highlighted: bool
    collection_limit: int = 0


class AccountRole(Entity, frozen=True, kw_only=True, gc=False):
    """A role as it is shown on a profile."""

    id: str
    name: str
    color: str


class Source(Entity, frozen=True, kw_only=True, gc=False):
    """A profile as its owner wrote it, and the defaults for new posts."""

    privacy: Visibility
    sensitive: bool
    language: str | None
    note: str
    fields: list[Field]
    follow_requests_count: int
    hide_collections: bool | None
    discoverable: bool | None
    indexable: bool
    attribution_domains: list[str]
    quote_policy: str


class Account(Entity, frozen=True, kw_only=True, gc=False):
    """Somebody who posts."""

    id: str
    username: str
    acct: str
    url: str
    uri: str
    display_name: str
    note: str
    avatar: str
    avatar_static: str
    avatar_description: str = ""
    header: str
    header_static: str
    header_description: str = ""
    locked: bool
    bot: bool
    group: bool = False
    discoverable: bool | None
    indexable: bool
    noindex: bool
    hide_collections: bool | None
    show_media: bool = True
    show_media_replies: bool = True
    show_featured: bool = True
    created_at: str
    last_status_at: str | None
    followers_count: int
    following_count: int
    statuses_count: int
    fields: list[Field]
    emojis: list[CustomEmoji]
    roles: list[AccountRole]
    suspended: bool | UnsetType = UNSET
    limited: bool | UnsetType = UNSET


class CredentialAccount(Account, frozen=True, kw_only=True, gc=False):
    """One's own account."""

    source: Source
    role: Role


class MutedAccount(Account, frozen=True, kw_only=True, gc=False):
    """An account that one mutes, and until when."""

    mute_expires_at: str | None


class Relationship(Entity, frozen=True, kw_only=True, gc=False):
    """How one stands to an account."""

    id: str
    following: bool
    showing_reblogs: bool
    notifying: bool
    languages: list[str] | None
    followed_by: bool
    blocking: bool
    blocked_by: bool
    muting: bool
    muting_notifications: bool
    muting_expires_at: str | None
    requested: bool
    requested_by: bool
    domain_blocking: bool = False
    endorsed: bool = False
    note: str = ""


class Suggestion(Entity, frozen=True, kw_only=True, gc=False):
    """An account that one might want to follow, and why; `source` is the older form of `sources`."""

    source: str
    sources: list[str]
    account: Account


class DomainBlockPreview(Entity, frozen=True, kw_only=True, gc=False):
    """How many follows blocking a server would end."""

    following_count: int
    followers_count: int
