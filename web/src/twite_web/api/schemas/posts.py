"""The API's entities about posts and what is shown with them."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from twite_web.api.schemas import Entity
from twite_web.api.schemas.accounts import Account
from twite_web.api.schemas.emojis import CustomEmoji
from twite_web.api.schemas.filters import FilterResult
from twite_web.api.visibilities import Visibility


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


class ReplyApproval(Entity, frozen=True, kw_only=True, gc=False):
    """Who may answer a post (everybody, following, mentioned or nobody), and whether one may: allowed or denied."""

    policy: str
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


class StatusWriter(Entity, frozen=True, kw_only=True, gc=False):
    """Who wrote a post for an account that isn't their own."""

    id: str
    acct: str


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
    reply_approval: ReplyApproval
    expires_at: str | None
    tagged_collections: list[Any]
    favourited: bool | UnsetType = UNSET
    reblogged: bool | UnsetType = UNSET
    muted: bool | UnsetType = UNSET
    bookmarked: bool | UnsetType = UNSET
    pinned: bool | UnsetType = UNSET
    filtered: list[FilterResult] | UnsetType = UNSET
    written_by: StatusWriter | UnsetType = UNSET


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
    written_by: StatusWriter | UnsetType = UNSET


class StatusSource(Entity, frozen=True, kw_only=True, gc=False):
    """A post as its author wrote it."""

    id: str
    text: str
    spoiler_text: str
    reply_policy: str
    expires_at: str | None


class BookmarkFolder(Entity, frozen=True, kw_only=True, gc=False):
    """A name that one gave to some of one's bookmarks; places are counted from 0."""

    id: str
    name: str
    position: int
