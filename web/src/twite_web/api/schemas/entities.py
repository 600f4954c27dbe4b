"""The API's entities, with Mastodon's names. Only `twite_web.api.serializers` creates them."""

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from twite_web.api.schemas.base import Entity
from twite_web.api.schemas.filters import FilterResult

Visibility = Literal["public", "unlisted", "private", "direct"]


class Field(Entity, frozen=True, kw_only=True, gc=False):
    """One line of a profile."""

    name: str
    value: str
    verified_at: str | None = None


class CustomEmoji(Entity, frozen=True, kw_only=True, gc=False):
    """A picture that stands for a shortcode."""

    shortcode: str
    url: str
    static_url: str
    visible_in_picker: bool
    category: str | None = None


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


class Token(Entity, frozen=True, kw_only=True, gc=False):
    """What an application acts with."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - the kind of token, none itself
    scope: str
    created_at: int


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


class Mention(Entity, frozen=True, kw_only=True, gc=False):
    """Somebody named in a post."""

    id: str
    username: str
    url: str
    acct: str


class StatusTag(Entity, frozen=True, kw_only=True, gc=False):
    """A hashtag in a post."""

    name: str
    url: str


class StatusApplication(Entity, frozen=True, kw_only=True, gc=False):
    """What a post was written with."""

    name: str
    website: str | None


class QuoteApproval(Entity, frozen=True, kw_only=True, gc=False):
    """Who may quote a post, and whether one may oneself."""

    automatic: list[str]
    manual: list[str]
    current_user: str


class MediaAttachment(Entity, frozen=True, kw_only=True, gc=False):
    """A picture, video or sound. `url` is null while it is being prepared."""

    id: str
    type: str
    url: str | None
    preview_url: str | None
    remote_url: str | None = None
    preview_remote_url: str | None = None
    text_url: str | None = None
    meta: msgspec.Raw
    description: str | None
    blurhash: str | None


class PollOption(Entity, frozen=True, kw_only=True, gc=False):
    """What can be chosen; the votes are null while they are hidden."""

    title: str
    votes_count: int | None


class Poll(Entity, frozen=True, kw_only=True, gc=False):
    """A question with answers to choose from."""

    id: str
    expires_at: str | None
    expired: bool
    multiple: bool
    votes_count: int
    voters_count: int | None
    options: list[PollOption]
    emojis: list[CustomEmoji]
    voted: bool | UnsetType = UNSET
    own_votes: list[int] | UnsetType = UNSET


class CardAuthor(Entity, frozen=True, kw_only=True, gc=False):
    """Who wrote a linked page."""

    name: str
    url: str
    account: Account | None = None


class PreviewCard(Entity, frozen=True, kw_only=True, gc=False):
    """What a linked page says of itself."""

    url: str
    title: str
    description: str
    type: str
    author_name: str
    author_url: str
    authors: list[CardAuthor]
    provider_name: str
    provider_url: str
    html: str
    width: int
    height: int
    image: str | None
    image_description: str
    embed_url: str
    blurhash: str | None
    language: str | None
    published_at: str | None


class Quote(Entity, frozen=True, kw_only=True, gc=False):
    """The post that a post quotes, as far as one may see it; in a post that is quoted itself only the id."""

    state: str
    quoted_status: "Status | UnsetType | None" = UNSET
    quoted_status_id: str | UnsetType | None = UNSET


class StatusWithoutText(Entity, frozen=True, kw_only=True, gc=False):
    """What a post has beside its text."""

    id: str
    uri: str
    url: str
    created_at: str
    edited_at: str | None
    account: Account
    visibility: Visibility
    sensitive: bool
    spoiler_text: str
    media_attachments: list[MediaAttachment]
    application: StatusApplication | None
    mentions: list[Mention]
    tags: list[StatusTag]
    emojis: list[CustomEmoji]
    reblogs_count: int
    favourites_count: int
    replies_count: int
    quotes_count: int
    in_reply_to_id: str | None
    in_reply_to_account_id: str | None
    reblog: "Status | None"
    poll: Poll | None
    card: PreviewCard | None
    language: str | None
    quote: Quote | None
    quote_approval: QuoteApproval
    tagged_collections: list[Any]
    favourited: bool | UnsetType = UNSET
    reblogged: bool | UnsetType = UNSET
    muted: bool | UnsetType = UNSET
    bookmarked: bool | UnsetType = UNSET
    pinned: bool | UnsetType = UNSET
    filtered: list[FilterResult] | UnsetType = UNSET


class Status(StatusWithoutText, frozen=True, kw_only=True, gc=False):
    """A post, or the boost of one."""

    content: str


class DeletedStatus(StatusWithoutText, frozen=True, kw_only=True, gc=False):
    """A post that is no more, with the text as it was written, to be redrafted."""

    text: str


class Context(Entity, frozen=True, kw_only=True, gc=False):
    """What a post answers, and what answers it."""

    ancestors: list[Status]
    descendants: list[Status]


class EditedPoll(Entity, frozen=True, kw_only=True, gc=False):
    """A poll as it stood in one version of a post."""

    options: list[dict[str, str]]


class StatusEdit(Entity, frozen=True, kw_only=True, gc=False):
    """One version of a post."""

    content: str
    spoiler_text: str
    sensitive: bool
    created_at: str
    account: Account
    media_attachments: list[MediaAttachment]
    emojis: list[CustomEmoji]
    poll: EditedPoll | UnsetType = UNSET
    quote: Quote | None = None


class StatusSource(Entity, frozen=True, kw_only=True, gc=False):
    """A post as its author wrote it."""

    id: str
    text: str
    spoiler_text: str


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


class TagHistory(Entity, frozen=True, kw_only=True, gc=False):
    """How a hashtag was used on one day."""

    day: str
    uses: str
    accounts: str


class Link(PreviewCard, frozen=True, kw_only=True, gc=False):
    """A page that many link to, and how it was linked to in the last days."""

    history: list[TagHistory]


class Tag(Entity, frozen=True, kw_only=True, gc=False):
    """A hashtag."""

    id: str
    name: str
    url: str
    history: list[TagHistory]
    following: bool | UnsetType = UNSET
    featuring: bool | UnsetType = UNSET


class Search(Entity, frozen=True, kw_only=True, gc=False):
    """What was found."""

    accounts: list[Account]
    statuses: list[Status]
    hashtags: list[Tag]
    collections: list[Any]


class Marker(Entity, frozen=True, kw_only=True, gc=False):
    """How far one has read a timeline."""

    last_read_id: str
    version: int
    updated_at: str


class Count(Entity, frozen=True, kw_only=True, gc=False):
    """A number of something."""

    count: int


class FeaturedTag(Entity, frozen=True, kw_only=True, gc=False):
    """A hashtag on somebody's profile."""

    id: str
    name: str
    url: str
    statuses_count: str
    last_status_at: str | None
