"""Preparing uploaded videos, moving pictures and sound, with no transaction open while that takes its time."""

import logging
import tempfile
from pathlib import Path
from typing import Any

from twite_common import clock, pictures, recordings
from twite_common.errors import TwiteError
from twite_common.services import media
from twite_common.stored_files import StoredFiles, storing
from twite_tasks.equipment import Equipment

log = logging.getLogger(__name__)


def process(equipment: Equipment, media_id: int) -> None:
    """Prepare an upload, if it still waits for that, and record what became of it."""
    with equipment.database.reading() as db:
        waiting = media.processing(db, media_id)
    if waiting is None:
        return
    kind, upload = waiting
    # A database that was restored from somewhere may name any file of this machine.
    source = equipment.settings.uploads / Path(upload).name
    with storing(equipment.database, equipment.settings) as files:
        try:
            made = _prepared(equipment, files, source, kind)
        except (TwiteError, OSError) as error:
            log.warning("media_failed %s", {"media_id": media_id, "error": str(error)})
            files.discard(equipment.database)
            with equipment.database.writing() as db:
                media.give_up(db, media_id=media_id)
        else:
            with equipment.database.writing() as db:
                media.finish(db, now=clock.now(), media_id=media_id, **made)
    source.unlink(missing_ok=True)


def _prepared(equipment: Equipment, files: StoredFiles, source: Path, kind: str) -> dict[str, Any]:
    """Return what is to be recorded of a file that was written anew into the media folder."""
    extension = "mp3" if kind == "audio" else "mp4"
    with tempfile.TemporaryDirectory(dir=equipment.settings.uploads) as scratch:
        written, still = Path(scratch) / f"written.{extension}", Path(scratch) / "first.png"
        recordings.convert(source, kind, written)
        shown = recordings.meta(recordings.probe(written))
        preview, blurhash = None, None
        if kind != "audio":
            recordings.first_picture(written, still)
            with still.open("rb") as content:
                first = pictures.prepare_attachment(content)
            preview, blurhash = files.keep(first.preview), first.blurhash
            shown |= {"small": media.size(first.preview)}
        with written.open("rb") as content:
            file = files.keep_file(content, extension)
    return {"file": file, "preview": preview, "blurhash": blurhash, "meta": shown}
