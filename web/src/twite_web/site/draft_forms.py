"""The form for posts, which several pages show, and the choices that it offers."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from twite_common import post_details, secret, time_zones
from twite_common.drafts import Draft, MediaChange, PollDraft
from twite_common.post_details import Attachment
from twite_common.queries.accounts import credentials
from twite_common.queries.posts.drafts import KeptDraft
from twite_common.queries.posts.posts import Post
from twite_common.services.posts import drafts
from twite_common.translations import marked
from twite_web import uploads
from twite_web.site.access import Visit, id_in

POLL_TIMES = {
    "3600": marked("an hour"),
    "86400": marked("a day"),
    "259200": marked("three days"),
    "604800": marked("a week"),
}
USUAL_POLL_TIME = "86400"
ENDS = {
    "": marked("Never"),
    "86400": marked("In a day"),
    "604800": marked("In a week"),
    "2592000": marked("In 30 days"),
    "31536000": marked("In a year"),
}
LOCAL_TIME = "%Y-%m-%dT%H:%M"
"""How forms write a time."""
MAX_DIGITS = 9


class MediaForm(msgspec.Struct, frozen=True, kw_only=True):
    """An upload that is to go with a post; `focus` is the middle of a picture, as in 0.5,-0.2."""

    id: str = ""
    description: str = ""
    focus: str = ""
    removed: bool = False


class PartForm(msgspec.Struct, frozen=True, kw_only=True):
    """One of several posts, with its uploads, and files that are still to be kept, each with its description."""

    text: str = ""
    media: list[MediaForm] = []
    files: list[Any] = []
    descriptions: list[str] = []

    @property
    def kept_media(self) -> list[MediaForm]:
        """The uploads that weren't taken off."""
        return [media for media in self.media if media.id and not media.removed]

    @property
    def media_ids(self) -> tuple[int, ...]:
        """Ids of its uploads, in order."""
        return tuple(id_in(media.id) for media in self.kept_media)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to be published."""
        return not (self.text.strip() or self.kept_media)


class DraftForm(PartForm, frozen=True, kw_only=True):
    """A post as it is typed; `further` are those of its thread, each of which answers the one before.

    `key` is the form's own, so that sending it twice makes one post; `back` is the page to return to. `scheduled_at` is
    written as the author's clocks show it. `draft_id` and `version` are what is kept of it on the server.
    `undescribed` says that its author leaves descriptions out on purpose, `step` what is to be added to the form.
    `has_media` says that the form of a post that is there has all its attachments.
    """

    spoiler_text: str = ""
    visibility: str = ""
    language: str = ""
    in_reply_to_id: str = ""
    quote_of_id: str = ""
    key: str = ""
    back: str = ""
    options: list[str] = []
    poll_seconds: str = USUAL_POLL_TIME
    multiple: bool = False
    hide_totals: bool = False
    reply_policy: str = ""
    expires_in: str = ""
    scheduled_at: str = ""
    draft_id: str = ""
    version: str = ""
    undescribed: bool = False
    has_media: bool = False
    step: str = ""
    further: list[PartForm] = []

    @property
    def parts(self) -> list[PartForm]:
        """All posts, the first one too."""
        return [self, *self.further]

    @property
    def written_parts(self) -> list[PartForm]:
        """The posts that are to be published: the first one, and those of the others that say something."""
        return [self, *(part for part in self.further if not part.empty)]

    def drafts(self) -> list[Draft]:
        """Return what is to be published.

        Raises NotFound for ids that can't be any.
        """
        return [self._draft(part, first=part is self) for part in self.written_parts]

    def changes(self) -> Draft:
        """Return what a post that is there is to say and show from now on; all else of it stays.

        Raises NotFound for ids that can't be any, Invalid for a focus that is none.
        """
        return Draft(
            text=self.text,
            spoiler_text=self.spoiler_text,
            language=self.language or None,
            media_ids=self.media_ids if self.has_media else None,
            media_changes=tuple(self.media_changes()),
        )

    def media_changes(self) -> Iterator[MediaChange]:
        """Yield what uploads are to say.

        Raises NotFound for ids that can't be any, Invalid for a focus that is none.
        """
        for part in self.written_parts:
            for media in part.kept_media:
                focus = uploads.focus(media.focus)
                yield MediaChange(media_id=id_in(media.id), description=media.description, focus=focus)

    def undescribed_media(self) -> bool:
        """Say whether an upload has no description."""
        return any(not media.description.strip() for part in self.written_parts for media in part.kept_media)

    def _draft(self, part: PartForm, *, first: bool) -> Draft:
        return Draft(
            text=part.text,
            spoiler_text=self.spoiler_text,
            visibility=self.visibility or None,
            language=self.language or None,
            in_reply_to_id=id_in(self.in_reply_to_id) if first and self.in_reply_to_id else None,
            quote_of_id=id_in(self.quote_of_id) if first and self.quote_of_id else None,
            media_ids=part.media_ids,
            poll=self._poll() if first else msgspec.UNSET,
            reply_policy=(self.reply_policy or None) if first else None,
            expires_in_seconds=_seconds(self.expires_in) if self.expires_in else None,
        )

    def _poll(self) -> PollDraft | msgspec.UnsetType:
        options = tuple(option for option in self.options if option.strip())
        if not options:
            return msgspec.UNSET
        return PollDraft(
            options=options,
            expires_in_seconds=_seconds(self.poll_seconds),
            multiple=self.multiple,
            hide_totals=self.hide_totals,
        )


def blank() -> DraftForm:
    """Return the form for a new post."""
    return DraftForm(key=secret.new())


def shared(title: str, text: str, url: str) -> str:
    """Return the text of a post that shares what another application names: each on a line, none of it twice."""
    lines: list[str] = []
    for line in (title.strip(), text.strip(), url.strip()):
        if line and not any(line in earlier for earlier in lines):
            lines.append(line)
    return "\n\n".join(lines)


def of_draft(visit: Visit, kept: KeptDraft, attached: Collection[Attachment]) -> DraftForm:
    """Return the form for what is kept, with those of its attachments that are still there."""
    attachments = {attachment.id: attachment for attachment in attached}
    first, *further = [drafts.with_media(part, attachments) for part in kept.decoded()]
    poll = first.poll if isinstance(first.poll, PollDraft) else None
    scheduled_at = ""
    if kept.scheduled_at is not None:
        zone = credentials.preferences_of(visit.db, visit.account_id).time_zone
        scheduled_at = time_zones.as_local(kept.scheduled_at, zone).strftime(LOCAL_TIME)
    return DraftForm(
        text=first.text,
        media=_media(first.media_ids or (), attachments),
        spoiler_text=first.spoiler_text,
        visibility=first.visibility or "",
        language=first.language or "",
        in_reply_to_id=str(first.in_reply_to_id or ""),
        quote_of_id=str(first.quote_of_id or ""),
        key=secret.new(),
        options=list(poll.options) if poll else [],
        poll_seconds=str(poll.expires_in_seconds) if poll else USUAL_POLL_TIME,
        multiple=poll.multiple if poll else False,
        hide_totals=poll.hide_totals if poll else False,
        reply_policy=first.reply_policy or "",
        expires_in=str(first.expires_in_seconds or ""),
        scheduled_at=scheduled_at,
        draft_id=str(kept.id),
        version=str(kept.version),
        further=[PartForm(text=part.text, media=_media(part.media_ids or (), attachments)) for part in further],
    )


def of_post(post: Post) -> DraftForm:
    """Return the form that changes a post."""
    media = post_details.decode(post.details).media
    return DraftForm(
        text=post.text,
        spoiler_text=post.spoiler_text,
        media=_media([attachment.id for attachment in media], {attachment.id: attachment for attachment in media}),
        has_media=True,
    )


def _media(media_ids: Sequence[int], attachments: Mapping[int, Attachment]) -> list[MediaForm]:
    chosen = [attachments[id] for id in media_ids]
    return [
        MediaForm(
            id=str(attachment.id),
            description=attachment.description,
            focus=focus_text(attachment.focus),
        )
        for attachment in chosen
    ]


def focus_text(focus: tuple[float, float] | None) -> str:
    """Return the middle of a picture as a form writes it."""
    return f"{focus[0]:g},{focus[1]:g}" if focus else ""


def _seconds(text: str) -> int:
    """Return a number of seconds as a form has it; 0, which no rule allows, for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else 0
