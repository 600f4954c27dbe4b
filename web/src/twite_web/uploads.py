"""Accepting attachments: pictures are processed at once, everything else by a task."""

import os
from typing import IO, Any

import msgspec
from litestar.datastructures import UploadFile
from msgspec import UnsetType

from twite_common.database import Connection
from twite_common.drafts import Thumbnail
from twite_common.errors import Invalid, TooMany
from twite_common.media import pictures, recordings
from twite_common.media.pictures import PreparedAttachment
from twite_common.media.recordings import Unreadable
from twite_common.media.stored_files import StoredFiles
from twite_common.services.posts import media
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.core import core
from twite_web.types import Request

TOO_MANY = marked("You have uploaded too many files for now. Please wait a while and try again.")


class Stored(msgspec.Struct, frozen=True):
    """A file that is stored: a prepared picture, or the name of what a task is to prepare, and its thumbnail."""

    kind: str
    bytes: int
    prepared: PreparedAttachment | None = None
    file: str = ""
    preview: str | None = None
    upload: str = ""
    thumbnail: Thumbnail | None = None


def count(request: Request, account_id: int, number: int, now: int) -> None:
    """Count files that somebody sent, wherever they sent them, before any of them is looked at.

    Raises TooMany when there were too many.
    """
    standing = core(request).limiter.count([("limit_uploads", account_id)] * number, now)
    if standing is not None and standing.remaining < 0:
        raise TooMany(_(TOO_MANY), max(1, (standing.ends_at - now) // 1000))


def store(files: StoredFiles, content: IO[bytes], account_id: int, thumbnail: IO[bytes] | None = None) -> Stored:
    """Store what was sent, with no transaction open, because that takes its time; a picture has no other thumbnail.

    Raises Invalid for what is neither picture nor video nor sound, or too large,
    Unavailable when the disk is full.
    """
    length = content.seek(0, os.SEEK_END)
    content.seek(0)
    # Of other pictures that move, and of those that this machine's ffmpeg can't read, the first moment is kept.
    moving = recordings.available() and pictures.is_animated(content, recordings.MOVING_PICTURES, account_id)
    if pictures.is_picture(content) and not moving:
        return _store_picture(files, content, length, account_id)
    if length > recordings.MAX_BYTES:
        max_megabytes = recordings.MAX_BYTES // 1024 // 1024
        raise Invalid(
            _("Validation failed: File file size must be less than %(max_megabytes)s MB", max_megabytes=max_megabytes)
        )
    if not recordings.available():
        raise Invalid(_("Validation failed: This server takes pictures only, since ffmpeg isn't installed"))
    try:
        upload, recording = files.keep_upload(content, recordings.probe)
    except Unreadable:
        if not moving:
            raise
        return _store_picture(files, content, length, account_id)
    stored_thumbnail = store_thumbnail(files, thumbnail, account_id) if thumbnail is not None else None
    return Stored(kind="gifv" if moving else recording.kind, bytes=length, upload=upload, thumbnail=stored_thumbnail)


def _store_picture(files: StoredFiles, content: IO[bytes], length: int, account_id: int) -> Stored:
    attachment = pictures.prepare_attachment(content, account_id)
    file, preview = files.keep(attachment.picture), files.keep(attachment.preview)
    return Stored(kind="image", bytes=length, prepared=attachment, file=file, preview=preview)


def store_thumbnail(files: StoredFiles, content: IO[bytes], account_id: int) -> Thumbnail:
    """Store a small picture that is shown before an attachment.

    Raises Invalid for what is no picture.
    """
    attachment = pictures.prepare_attachment(content, account_id)
    preview = attachment.preview
    return Thumbnail(files.keep(preview), attachment.blurhash, preview.width, preview.height)


def store_profile_picture(
    files: StoredFiles, picture: Any, size: tuple[int, int], default: str | UnsetType | None, account_id: int
) -> str | UnsetType | None:
    """Store a picture that was sent, cut to a size, and return its name; where none was sent, return `default`.

    Raises Invalid for what is no picture.
    """
    return files.keep(pictures.prepare(picture.file, size, account_id)) if isinstance(picture, UploadFile) else default


def focus(value: str | None) -> tuple[float, float] | None:
    """Return the middle of a picture, written as two numbers from -1 to 1; none where none is written.

    Raises Invalid for anything else.
    """
    if not value:
        return None
    try:
        x, y = (float(part) for part in value.split(","))
    except ValueError:
        x = y = 2.0
    if not (-1 <= x <= 1 and -1 <= y <= 1):
        raise Invalid(_("Validation failed: Focus must be two numbers from -1 to 1, such as 0.5,-0.2"))
    return x, y


def thumbnail_in(value: Any) -> IO[bytes] | None:
    """Return a small picture that was sent with a file."""
    return value.file if isinstance(value, UploadFile) else None


def keep(db: Connection, stored: Stored, *, now: int, account_id: int) -> int:
    """Keep a stored file as an account's upload and return its id."""
    if stored.prepared is not None:
        return media.add_picture(
            db,
            stored.prepared,
            now=now,
            account_id=account_id,
            file=stored.file,
            preview=stored.preview or stored.file,
        )
    return media.add_recording(
        db,
        now=now,
        account_id=account_id,
        kind=stored.kind,
        upload=stored.upload,
        bytes=stored.bytes,
        thumbnail=stored.thumbnail,
    )
