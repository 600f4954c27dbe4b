"""Archives of Mastodon and of Twite: activities as ActivityStreams has them, and media beside them."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import IO

import msgspec

from twite_common.services.posts.imported_posts import ImportedPost
from twite_common.settings import Settings
from twite_tasks.identity.imports import documents
from twite_tasks.identity.imports.archive_files import ArchiveFiles
from twite_tasks.identity.imports.documents import DocumentArchive
from twite_tasks.identity.imports.found import BOOST, DIRECT, INVALID, REPLY, Found, MediaFile, checked
from twite_tasks.identity.imports.html_texts import text_of

OUTBOX = "outbox.json"
PUBLIC = frozenset({"https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"})
MAX_MEDIA = 16
"""Files beside a post that are looked at; a post has four."""
PLAIN = "text/plain"
TWITE_ONLY = "scheduled_posts.json"
"""What only Twite's archives have."""


class _Source(msgspec.Struct, frozen=True, rename="camel"):
    content: str = ""
    media_type: str = ""


class _Document(msgspec.Struct, frozen=True, rename="camel"):
    url: str = ""
    name: str | None = None
    focal_point: tuple[float, float] | None = None


class _Replies(msgspec.Struct, frozen=True, rename="camel"):
    total_items: int = 0


class _Option(msgspec.Struct, frozen=True, rename="camel"):
    name: str = ""
    replies: _Replies | None = None


class _Note(msgspec.Struct, frozen=True, rename="camel"):
    id: str = ""
    type: str = ""
    attributed_to: str = ""
    summary: str | None = None
    in_reply_to: str | None = None
    published: str = ""
    to: list[str] | str | None = None
    cc: list[str] | str | None = None
    sensitive: bool | None = False
    content: str | None = None
    content_map: dict[str, str] | None = None
    source: _Source | None = None
    attachment: list[_Document] | None = None
    one_of: list[_Option] | None = None
    any_of: list[_Option] | None = None
    quote: str | None = None


class _Activity(msgspec.Struct, frozen=True, rename="camel"):
    type: str = ""
    id: str = ""
    published: str = ""
    object: msgspec.Raw = msgspec.Raw(b"null")


_activities = msgspec.json.Decoder(_Activity)
_notes = msgspec.json.Decoder(_Note)


def opened(files: ArchiveFiles, document: IO[bytes], settings: Settings, *, now: int) -> DocumentArchive | None:
    """Return the posts of such an archive, if it is one."""
    outbox = documents.named(files, OUTBOX)
    if outbox is None:
        return None
    prefix = outbox.removesuffix(OUTBOX)
    source = "twite" if f"{prefix}{TWITE_ONLY}" in set(files.names()) else "mastodon"
    return DocumentArchive(
        source,
        files,
        document,
        names=[outbox],
        key="orderedItems",
        order=lambda raw: _time(_activities.decode(raw).published),
        parse=lambda raw: _found(raw, settings, now),
        prefix=prefix,
    )


def _found(raw: bytes, settings: Settings, now: int) -> Found:
    activity = _activities.decode(raw)
    if activity.type == "Announce":
        return Found(activity.id, refusal=BOOST)
    if activity.type != "Create":
        return Found(activity.id, refusal=INVALID)
    note = _notes.decode(activity.object)
    if not note.id:
        return Found(activity.id, refusal=INVALID)
    visibility = _visibility(_several(note.to), _several(note.cc))
    if visibility is None:
        return Found(note.id, refusal=DIRECT)
    # An author's posts lie below their own address.
    if note.in_reply_to and not note.in_reply_to.startswith(f"{note.attributed_to}/"):
        return Found(note.id, refusal=REPLY)
    post = ImportedPost(
        source_id=note.id,
        at=_time(note.published or activity.published),
        text=_text(note, settings),
        spoiler_text=note.summary or "",
        visibility=visibility,
        sensitive=bool(note.sensitive),
        language=next(iter(note.content_map or {}), ""),
        answered_source_id=note.in_reply_to or "",
    )
    return checked(post, _media(note.attachment or []), now=now)


def _text(note: _Note, settings: Settings) -> str:
    """Return what a post says, with its poll and the address of what it quotes."""
    if note.source is not None and note.source.media_type == PLAIN:
        parts = [note.source.content, f"RE: {note.quote}" if note.quote else ""]
    else:
        parts = [text_of(note.content or "", domain=settings.domain)]
    votes = note.one_of or note.any_of or []
    poll = [f"• {option.name}: {option.replies.total_items if option.replies else 0}" for option in votes]
    return "\n\n".join(part for part in [*parts, "\n".join(poll)] if part)


def _media(attached: Sequence[_Document]) -> tuple[MediaFile, ...]:
    return tuple(
        MediaFile((one.url.lstrip("/"),), one.name or "", _focus(one.focal_point)) for one in attached[:MAX_MEDIA]
    )


def _focus(point: tuple[float, float] | None) -> tuple[float, float] | None:
    return point if point is not None and all(-1 <= part <= 1 for part in point) else None


def _visibility(to: Iterable[str], cc: Iterable[str]) -> str | None:
    if PUBLIC.intersection(to):
        return "public"
    if PUBLIC.intersection(cc):
        return "unlisted"
    return "followers" if any(one.endswith("/followers") for one in to) else None


def _several(value: list[str] | str | None) -> list[str]:
    return [value] if isinstance(value, str) else value or []


def _time(written: str) -> int:
    at = datetime.fromisoformat(written)
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
