"""Preparing uploaded videos, moving pictures and sound, with no transaction open while that takes its time."""

import logging
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from twite_common import clock, pictures, recordings
from twite_common.errors import Conflict, Invalid, TwiteError, Unavailable
from twite_common.recordings import Interrupted, Killed
from twite_common.services import media
from twite_common.services.media import Claimed
from twite_common.stored_files import StoredFiles, storing
from twite_tasks.equipment import Equipment

log = logging.getLogger(__name__)

RENEW_SECONDS = 20.0
"""How often it is said that somebody is still at it."""


def process(equipment: Equipment, media_id: int, *, goes_on: Callable[[], bool] = lambda: True) -> None:
    """Prepare an upload, if it still waits for that, and record what became of it.

    It is given back when `goes_on` says that this process has to stop.
    """
    try:
        with equipment.database.writing() as db:
            claimed = media.claim(db, media_id, now=clock.now())
    except Conflict:
        # Another worker has just begun with another one of the same account.
        return
    if claimed is None:
        return
    # A database that was restored from somewhere may name any file of this machine.
    source = equipment.settings.uploads / Path(claimed.upload).name
    fields = {"media_id": media_id, "attempt": claimed.attempts}
    with storing(equipment.database, equipment.settings) as files:
        try:
            made = _prepared(equipment, files, source, claimed, _Keeper(equipment, media_id, goes_on).goes_on)
        except Interrupted:
            log.info("media_interrupted %s", fields)
            with equipment.database.writing() as db:
                media.hand_back(db, claimed, now=clock.now(), again=False)
            return
        except Killed:
            log.warning("media_killed %s", fields)
            with equipment.database.writing() as db:
                media.hand_back(db, claimed, now=clock.now(), again=True)
            return
        except (TwiteError, OSError) as error:
            log.warning("media_failed %s", fields | {"error": str(error)})
            files.discard(equipment.database)
            with equipment.database.writing() as db:
                media.give_up(db, media_id=media_id)
        else:
            with equipment.database.writing() as db:
                media.finish(db, now=clock.now(), media_id=media_id, **made)
    source.unlink(missing_ok=True)


class _Keeper:
    """Says again and again that somebody is still at an upload."""

    def __init__(self, equipment: Equipment, media_id: int, goes_on: Callable[[], bool]) -> None:
        self._equipment = equipment
        self._media_id = media_id
        self._goes_on = goes_on
        self._said_at = time.monotonic()

    def goes_on(self) -> bool:
        """Say whether to go on."""
        if time.monotonic() - self._said_at > RENEW_SECONDS:
            self._said_at = time.monotonic()
            # A database that can't be reached for a moment is no reason to begin anew.
            with suppress(Unavailable), self._equipment.database.writing() as db:
                media.renew(db, self._media_id, now=clock.now())
        return self._goes_on()


def _prepared(
    equipment: Equipment, files: StoredFiles, source: Path, claimed: Claimed, goes_on: Callable[[], bool]
) -> dict[str, Any]:
    """Return what is to be recorded of a file that was written anew into the media folder."""
    if claimed.attempts > media.MOST_ATTEMPTS:
        raise Invalid("Nobody who prepared it has come to its end.")
    extension = "mp3" if claimed.kind == "audio" else "mp4"
    with tempfile.TemporaryDirectory(dir=equipment.settings.uploads) as scratch:
        written, still = Path(scratch) / f"written.{extension}", Path(scratch) / "first.png"
        recordings.probe(source)
        recordings.convert(source, claimed.kind, written, goes_on=goes_on)
        shown = recordings.meta(recordings.probe(written))
        preview, blurhash = None, None
        if claimed.kind != "audio":
            recordings.first_picture(written, still)
            with still.open("rb") as content:
                first = pictures.prepare_attachment(content)
            preview, blurhash = files.keep(first.preview), first.blurhash
            shown |= {"small": media.size(first.preview)}
        with written.open("rb") as content:
            file = files.keep_file(content, extension)
    return {"file": file, "preview": preview, "blurhash": blurhash, "meta": shown}
