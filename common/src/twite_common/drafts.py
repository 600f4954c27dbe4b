"""Posts as their authors wrote them, before they are checked and published."""

import msgspec


class PollDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A poll as somebody wrote it; it ends after `expires_in_seconds`."""

    options: tuple[str, ...]
    expires_in_seconds: int
    multiple: bool = False
    hide_totals: bool = False


class Thumbnail(msgspec.Struct, frozen=True):
    """A small picture that is shown before an attachment, as it is stored: colours as in blurha.sh, size in pixels."""

    file: str
    blurhash: str
    width: int
    height: int


class MediaChange(msgspec.Struct, frozen=True, kw_only=True):
    """What an attachment is to say, where its middle is and what stands for it from now on; None: as before."""

    media_id: int
    description: str | None = None
    focus: tuple[float, float] | None = None
    thumbnail: Thumbnail | None = None


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A post as somebody wrote it; None stands for the author's own default, and in an edit for no change.

    It ends by itself so many seconds after it is published, or at a time in milliseconds; an edit changes neither that
    nor who may answer.
    """

    text: str
    spoiler_text: str = ""
    visibility: str | None = None
    sensitive: bool | None = None
    language: str | None = None
    in_reply_to_id: int | None = None
    allowed_mention_ids: tuple[int, ...] | None = None
    media_ids: tuple[int, ...] | None = None
    media_changes: tuple[MediaChange, ...] = ()
    poll: PollDraft | msgspec.UnsetType | None = msgspec.UNSET
    quote_of_id: int | None = None
    quote_policy: str | None = None
    reply_policy: str | None = None
    expires_in_seconds: int | None = None
    expires_at: int | None = None
