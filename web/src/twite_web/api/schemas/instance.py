"""The API's entities about the site itself."""

from twite_web.api.schemas import Entity
from twite_web.api.schemas.accounts import Account
from twite_web.api.schemas.moderation import Rule


class AccountLimits(Entity, frozen=True, kw_only=True, gc=False):
    """What a profile may have; lengths are in characters."""

    max_featured_tags: int
    max_pinned_statuses: int
    max_display_name_length: int
    max_note_length: int
    max_profile_fields: int
    profile_field_name_limit: int
    profile_field_value_limit: int


class StatusLimits(Entity, frozen=True, kw_only=True, gc=False):
    """What a post may have; each address counts as so many characters."""

    max_characters: int
    max_media_attachments: int
    characters_reserved_per_url: int


class MediaLimits(Entity, frozen=True, kw_only=True, gc=False):
    """What may be attached; sizes are in bytes, a matrix in pixels, a frame rate in frames a second."""

    supported_mime_types: list[str]
    description_limit: int
    image_size_limit: int
    image_matrix_limit: int
    video_size_limit: int
    video_frame_rate_limit: int
    video_matrix_limit: int


class PollLimits(Entity, frozen=True, kw_only=True, gc=False):
    """What a poll may have; it ends after so many seconds."""

    max_options: int
    max_characters_per_option: int
    min_expiration: int
    max_expiration: int


class Limits(Entity, frozen=True, kw_only=True, gc=False):
    """What may be written."""

    accounts: AccountLimits
    statuses: StatusLimits
    media_attachments: MediaLimits
    polls: PollLimits


class Urls(Entity, frozen=True, kw_only=True, gc=False):
    """Where else the site can be read."""

    streaming: str
    status: str | None
    about: str
    privacy_policy: str | None
    terms_of_service: str | None


class PushKey(Entity, frozen=True, kw_only=True, gc=False):
    """The key that Web Push is signed with (RFC 8292)."""

    public_key: str


class Switch(Entity, frozen=True, kw_only=True, gc=False):
    """Whether the site can do something."""

    enabled: bool


class FeedAccess(Entity, frozen=True, kw_only=True, gc=False):
    """Who may read a timeline: public, authenticated or disabled."""

    local: str
    remote: str


class TimelinesAccess(Entity, frozen=True, kw_only=True, gc=False):
    """Who may read the timelines."""

    live_feeds: FeedAccess
    hashtag_feeds: FeedAccess
    trending_link_feeds: FeedAccess


class Configuration(Limits, frozen=True, kw_only=True, gc=False):
    """How the site is set up."""

    urls: Urls
    vapid: PushKey
    translation: Switch
    timelines_access: TimelinesAccess
    limited_federation: bool


class Users(Entity, frozen=True, kw_only=True, gc=False):
    """How many accounts were active in the last 30 days."""

    active_month: int


class Usage(Entity, frozen=True, kw_only=True, gc=False):
    """How much the site is used."""

    users: Users


class Thumbnail(Entity, frozen=True, kw_only=True, gc=False):
    """The picture that stands for the site."""

    url: str
    description: str


class Icon(Entity, frozen=True, kw_only=True, gc=False):
    """The site's icon in one size."""

    src: str
    size: str


class Registrations(Entity, frozen=True, kw_only=True, gc=False):
    """How one gets an account."""

    enabled: bool
    approval_required: bool
    reason_required: bool
    message: str | None
    min_age: int | None
    url: str


class ApiVersions(Entity, frozen=True, kw_only=True, gc=False):
    """The version of Mastodon's API that the site speaks."""

    mastodon: int


class Contact(Entity, frozen=True, kw_only=True, gc=False):
    """Who answers for the site."""

    email: str
    account: Account | None


class Instance(Entity, frozen=True, kw_only=True, gc=False):
    """The site."""

    domain: str
    title: str
    version: str
    source_url: str
    description: str
    usage: Usage
    thumbnail: Thumbnail
    icon: list[Icon]
    languages: list[str]
    configuration: Configuration
    registrations: Registrations
    api_versions: ApiVersions
    contact: Contact
    rules: list[Rule]


class StreamingUrl(Entity, frozen=True, kw_only=True, gc=False):
    """Where the streams are."""

    streaming_api: str


class Stats(Entity, frozen=True, kw_only=True, gc=False):
    """How large the site is."""

    user_count: int
    status_count: int
    domain_count: int


class FirstInstance(Entity, frozen=True, kw_only=True, gc=False):
    """The site, as older clients know it."""

    uri: str
    title: str
    short_description: str
    description: str
    email: str
    version: str
    urls: StreamingUrl
    stats: Stats
    thumbnail: str
    languages: list[str]
    registrations: bool
    approval_required: bool
    invites_enabled: bool
    configuration: Limits
    contact_account: Account | None
    rules: list[Rule]


class Week(Entity, frozen=True, kw_only=True, gc=False):
    """What happened in a week that began at `week`, in seconds since 1970; all numbers are written as text."""

    week: str
    statuses: str
    logins: str
    registrations: str


class Language(Entity, frozen=True, kw_only=True, gc=False):
    """A language that the site uses."""

    code: str
    name: str


class DomainBlock(Entity, frozen=True, kw_only=True, gc=False):
    """A server that is blocked; `digest` is the SHA-256 of its real name, as hexadecimal digits."""

    domain: str
    digest: str
    severity: str
    comment: str | None
