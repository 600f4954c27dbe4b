"""Requests to write and edit posts, in the API's words, and turning them into drafts."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from twite_common import ids
from twite_common.drafts import Draft, MediaChange, PollDraft, Thumbnail
from twite_common.errors import Invalid, NotFound
from twite_common.queries.posts.posts import Post
from twite_common.translations import gettext as _
from twite_web import uploads
from twite_web.api.path_params import NOT_FOUND, record_id, record_ids
from twite_web.api.posts.scheduled_posts import due
from twite_web.api.visibilities import OUR_VISIBILITY


class PollParameters(msgspec.Struct):
    """A poll, as the members of `poll`."""

    options: list[str] = []
    expires_in: int = 0
    multiple: bool = False
    hide_totals: bool = False


class MediaParameters(msgspec.Struct):
    """What an attachment of an edited post is to say, and the small picture that is shown before it."""

    id: str
    description: str | UnsetType | None = UNSET
    focus: str | UnsetType | None = UNSET
    thumbnail: Any = None


class StatusDraft(msgspec.Struct):
    """A post to be published, at once or at a time of its own.

    `reply_policy` says who may answer: everybody, following (whom the author follows), mentioned or nobody; an answer
    has that of its thread. The post ends by itself `expires_in` seconds after it is published, or at `expires_at` (ISO
    8601).
    """

    status: str | None = None
    in_reply_to_id: str | None = None
    sensitive: bool | UnsetType = UNSET
    spoiler_text: str | None = None
    visibility: str | None = None
    language: str | None = None
    allowed_mentions: list[str] | UnsetType = UNSET
    media_ids: list[str] | None = None
    poll: PollParameters | None = None
    quoted_status_id: str | None = None
    quote_approval_policy: str | None = None
    scheduled_at: str | None = None
    reply_policy: str | None = None
    expires_in: int | None = None
    expires_at: str | None = None


class StatusChanges(msgspec.Struct):
    """What a post is to say from now on. Attachments and a poll that aren't named are taken off it."""

    status: str | UnsetType = UNSET
    sensitive: bool | UnsetType = UNSET
    spoiler_text: str | UnsetType | None = UNSET
    language: str | UnsetType | None = UNSET
    media_ids: list[str] | None = None
    media_attributes: list[MediaParameters] | None = None
    poll: PollParameters | None = None
    quote_approval_policy: str | None = None


def draft_of(data: StatusDraft) -> Draft:
    """Return what is to be published.

    Raises NotFound for a post to be answered or quoted, and Invalid for an attachment or a time, that can't be one.
    """
    return Draft(
        text=data.status or "",
        spoiler_text=data.spoiler_text or "",
        visibility=visibility(data.visibility),
        sensitive=None if data.sensitive is UNSET else data.sensitive,
        language=data.language or None,
        in_reply_to_id=record_id(data.in_reply_to_id) if data.in_reply_to_id else None,
        allowed_mention_ids=None if data.allowed_mentions is UNSET else tuple(record_ids(data.allowed_mentions)),
        media_ids=_media_ids(data.media_ids),
        poll=_poll(data.poll),
        quote_of_id=record_id(data.quoted_status_id) if data.quoted_status_id else None,
        quote_policy=data.quote_approval_policy or None,
        reply_policy=data.reply_policy or None,
        expires_in_seconds=data.expires_in,
        expires_at=due(data.expires_at) if data.expires_at else None,
    )


def changes_of(data: StatusChanges, present: Post, thumbnails: Mapping[int, Thumbnail]) -> Draft:
    """Return what a post is to be from now on; `thumbnails` are those that came with it, by attachment."""
    return Draft(
        text=present.text if data.status is UNSET else data.status,
        spoiler_text=present.spoiler_text if data.spoiler_text is UNSET else data.spoiler_text or "",
        sensitive=None if data.sensitive is UNSET else data.sensitive,
        language=None if data.language is UNSET else data.language,
        media_ids=_media_ids(data.media_ids),
        media_changes=tuple(_media_change(parameters, thumbnails) for parameters in data.media_attributes or []),
        poll=_poll(data.poll),
        quote_policy=data.quote_approval_policy or None,
    )


def visibility(theirs: str | None) -> str | None:
    """Return our word for a visibility.

    Raises Invalid for one that doesn't exist.
    """
    if not theirs:
        return None
    if theirs not in OUR_VISIBILITY:
        raise Invalid(_("Validation failed: Visibility must be public, unlisted, private or direct"))
    return OUR_VISIBILITY[theirs]


def _media_ids(texts: list[str] | None) -> tuple[int, ...]:
    parsed_ids = [ids.parse(text) for text in texts or [] if text]
    media_ids = tuple(id for id in parsed_ids if id is not None)
    if len(media_ids) < len(parsed_ids):
        raise NotFound(_(NOT_FOUND))
    return media_ids


def _media_change(parameters: MediaParameters, thumbnails: Mapping[int, Thumbnail]) -> MediaChange:
    media_id = record_id(parameters.id)
    return MediaChange(
        media_id=media_id,
        thumbnail=thumbnails.get(media_id),
        description=None if isinstance(parameters.description, UnsetType) else parameters.description or "",
        focus=None if isinstance(parameters.focus, UnsetType) else uploads.focus(parameters.focus),
    )


def _poll(parameters: PollParameters | None) -> PollDraft | None:
    if parameters is None or not parameters.options:
        return None
    return PollDraft(
        options=tuple(parameters.options),
        expires_in_seconds=parameters.expires_in,
        multiple=parameters.multiple,
        hide_totals=parameters.hide_totals,
    )
