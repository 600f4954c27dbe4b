"""Taking files that people attach to posts: pictures are prepared at once, the rest by a task."""

import secrets

import msgspec

from twite_common import disk, pictures, recordings
from twite_common.database import Connection
from twite_common.errors import Invalid
from twite_common.services import media
from twite_web.core import Core


class Stored(msgspec.Struct, frozen=True):
    """A file that is stored: a prepared picture, or the name of what a task is to prepare."""

    kind: str
    bytes: int
    prepared: pictures.PreparedAttachment | None = None
    file: str = ""
    preview: str | None = None
    upload: str = ""


def store(core: Core, content: bytes, preview: str | None = None) -> Stored:
    """Store what was sent, with no transaction open, because that takes its time.

    Raises Invalid for what is neither picture nor video nor sound, or too large,
    Unavailable when the disk is full.
    """
    folder = core.settings.media
    # ffmpeg reads no other pictures that move: of those the first moment is kept.
    moving = pictures.is_animated(content, ("GIF",)) and recordings.available()
    if pictures.is_picture(content) and not moving:
        prepared = pictures.prepare_attachment(content)
        return Stored(
            kind="image",
            bytes=len(content),
            prepared=prepared,
            file=pictures.store(folder, prepared.picture),
            preview=pictures.store(folder, prepared.preview),
        )
    if len(content) > recordings.LARGEST_BYTES:
        largest = recordings.LARGEST_BYTES // 1024 // 1024
        raise Invalid(f"Validation failed: File file size must be less than {largest} MB")
    if not recordings.available():
        raise Invalid("Validation failed: This server takes pictures only, since ffmpeg isn't installed")
    return _to_be_prepared(core, content, preview, moving=moving)


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
        preview=stored.preview,
    )


def _to_be_prepared(core: Core, content: bytes, preview: str | None, *, moving: bool) -> Stored:
    folder = core.settings.uploads
    upload = folder / secrets.token_hex(16)
    with disk.writing(upload):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        upload.touch(mode=0o600)
        upload.write_bytes(content)
    try:
        kind = recordings.probe(upload).kind
    except Invalid:
        upload.unlink()
        raise
    return Stored(kind="gifv" if moving else kind, bytes=len(content), preview=preview, upload=upload.name)
