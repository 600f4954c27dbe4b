"""Preparing the media of imported posts, by what prepares every upload."""

from collections.abc import Callable
from typing import IO

import msgspec

from twite_common.database import Connection
from twite_common.drafts import MediaChange
from twite_common.errors import Invalid
from twite_common.media import pictures, recordings
from twite_common.media.pictures import PreparedAttachment
from twite_common.media.stored_files import StoredFiles
from twite_common.post_details import Attachment
from twite_common.services.posts import imported_posts, media, media_processing
from twite_common.services.posts.media_processing import PreparedRecording
from twite_common.translations import gettext as _
from twite_tasks.context import Context
from twite_tasks.identity.imports import files
from twite_tasks.identity.imports.archive_files import MAX_MEDIA_BYTES, copy, readable
from twite_tasks.identity.imports.found import Archive, MediaFile
from twite_tasks.posts.media import prepared_recording


class Prepared(msgspec.Struct, frozen=True):
    """A file that is stored, as a picture or a recording, and what the archive says of it."""

    kind: str
    bytes: int
    said: MediaFile
    picture: PreparedAttachment | None = None
    file: str = ""
    preview: str = ""
    recording: PreparedRecording | None = None


def prepare(
    context: Context,
    stored: StoredFiles,
    archive: Archive,
    wanted: MediaFile,
    *,
    account_id: int,
    goes_on: Callable[[], bool],
) -> Prepared:
    """Store a file of an archive as posts have them.

    Raises Invalid for one that is missing, or can't be used, Unavailable when too much is being prepared.
    """
    with files.workspace(context) as folder:
        path = folder / "file"
        with path.open("w+b") as file:
            size = _extract(archive, wanted, file)
            moving = recordings.available() and pictures.is_animated(file, recordings.MOVING_PICTURES, account_id)
            file.seek(0)
            if pictures.is_picture(file) and not moving:
                file.seek(0)
                picture = pictures.prepare_attachment(file, account_id)
                names = stored.keep(picture.picture), stored.keep(picture.preview)
                return Prepared("image", size, wanted, picture, *names)
        if not recordings.available():
            raise Invalid(_("Validation failed: This server takes pictures only, since ffmpeg isn't installed"))
        kind = "gifv" if moving else recordings.probe(path).kind
        recording = prepared_recording(stored, path, kind, folder, goes_on)
        return Prepared(kind, size, wanted, recording=recording)


def keep(db: Connection, prepared: Prepared, *, now: int, account_id: int) -> int:
    """Keep a stored file as an account's upload, with its description, and return its id."""
    if prepared.picture is not None:
        id = media.add_picture(
            db, prepared.picture, now=now, account_id=account_id, file=prepared.file, preview=prepared.preview
        )
    else:
        recording = prepared.recording or PreparedRecording("", None, None, {})
        id = media_processing.add_prepared(
            db, recording, now=now, account_id=account_id, kind=prepared.kind, bytes=prepared.bytes
        )
    change = MediaChange(
        media_id=id,
        description=imported_posts.described(prepared.said.description) or None,
        focus=prepared.said.focus if prepared.kind == "image" else None,
    )
    media.change(db, change, now=now, account_id=account_id)
    return id


def attached(db: Connection, prepared: list[Prepared], *, now: int, account_id: int) -> list[Attachment]:
    """Keep the files of a post, and return them as its attachments."""
    kept = [keep(db, one, now=now, account_id=account_id) for one in prepared]
    return media.choose(db, account_id=account_id, media_ids=kept) if kept else []


def together(prepared: list[Prepared]) -> list[Prepared]:
    """Return those of the files that go together on a post: some pictures, or one recording."""
    if prepared and prepared[0].kind not in media.PICTURES:
        return prepared[:1]
    return [one for one in prepared if one.kind in media.PICTURES][: media.MAX_COUNT]


def _extract(archive: Archive, wanted: MediaFile, target: IO[bytes]) -> int:
    for name in wanted.names:
        try:
            with readable(), archive.open_media(name) as source:
                size = copy(source, target, MAX_MEDIA_BYTES)
        except FileNotFoundError:
            continue
        target.seek(0)
        return size
    raise Invalid("The file isn't in the archive.")
