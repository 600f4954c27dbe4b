"""Processing uploaded video, animations and audio, outside any transaction."""

import logging
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from twite_common import clock, disk
from twite_common.database import Connection
from twite_common.errors import Conflict, Invalid, NotFound, TwiteError, Unavailable
from twite_common.media import pictures, recordings, storage
from twite_common.media.recordings import Interrupted, Killed
from twite_common.media.stored_files import StoredFiles, storing
from twite_common.services.posts import media, media_processing
from twite_common.services.posts.media_processing import Claimed
from twite_tasks import leases
from twite_tasks.context import Context

log = logging.getLogger(__name__)

RENEW_SECONDS = 20.0
"""How often it is said that somebody is still at it."""


def process(context: Context, media_id: int, *, goes_on: Callable[[], bool] = lambda: True) -> None:
    """Prepare an upload, if it still waits for that, and record what became of it.

    It is given back when `goes_on` says that this process has to stop.
    """
    try:
        with context.database.writing() as db:
            claimed = media_processing.claim(db, media_id, now=clock.now())
    except Conflict:
        # Another worker has just begun with another one of the same account.
        return
    if claimed is None:
        return
    # A database that was restored from somewhere may name any file of this machine.
    source = Path(claimed.upload).name
    fields = {"media_id": media_id, "attempt": claimed.attempts}

    def renew(db: Connection) -> None:
        media_processing.renew(db, claimed, now=clock.now())

    with (
        storing(context.database, context.settings) as files,
        leases.renewed(context.database, renew, name=f"upload {media_id}", every_seconds=RENEW_SECONDS),
    ):
        try:
            prepared = _prepared(context, files, source, claimed, goes_on)
        except Interrupted:
            log.info("media_interrupted %s", fields)
            with context.database.writing() as db:
                media_processing.hand_back(db, claimed, now=clock.now(), again=False)
            return
        except (disk.Full, storage.Unreachable) as error:
            # However long that lasts, no upload is given up for it.
            log.warning(
                "media_put_off %s", fields | {"error": str(error), "seconds": media_processing.CLAIM_MS // clock.SECOND}
            )
            files.discard(context.database)
            with context.database.writing() as db:
                media_processing.put_off(db, claimed, now=clock.now())
            return
        except (Killed, Unavailable) as error:
            # A shortage that passes: of memory, of turns for pictures.
            log.warning("media_postponed %s", fields | {"error": str(error)})
            files.discard(context.database)
            with context.database.writing() as db:
                media_processing.hand_back(db, claimed, now=clock.now(), again=True)
            return
        except TwiteError as error:
            log.warning("media_failed %s", fields | {"error": str(error)})
            files.discard(context.database)
            with context.database.writing() as db:
                ended = media_processing.give_up(db, claimed)
        else:
            with context.database.writing() as db:
                ended = media_processing.finish(db, claimed, prepared, now=clock.now())
    if ended:
        _remove(context, source)
    else:
        log.warning("media_taken_over %s", fields)


def _remove(context: Context, upload: str) -> None:
    """Remove an upload that nobody needs any more, or have that done later."""
    try:
        storage.uploads(context.settings).remove(upload)
    except storage.Unreachable:
        with context.database.writing() as db:
            media.forget_files(db, [], now=clock.now(), uploads=[upload])


@contextmanager
def _scratch(context: Context) -> Iterator[Path]:
    """Give a folder for what is being made."""
    context.settings.scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=context.settings.scratch) as folder:
        yield Path(folder)


@contextmanager
def _local(context: Context, upload: str) -> Iterator[Path]:
    """Give the path at which an upload can be read. Raises NotFound when it is gone."""
    with ExitStack() as stack:
        try:
            path = stack.enter_context(storage.uploads(context.settings).local(upload))
        except FileNotFoundError:
            raise NotFound("The upload is gone.") from None
        yield path


def _prepared(
    context: Context, files: StoredFiles, source: str, claimed: Claimed, goes_on: Callable[[], bool]
) -> media_processing.PreparedRecording:
    """Return what is to be recorded of a file that was written anew into the media folder."""
    if claimed.attempts > media_processing.MAX_ATTEMPTS:
        raise Invalid("Every attempt to process it was interrupted.")
    with disk.writing(), _scratch(context) as scratch, _local(context, source) as upload:
        return prepared_recording(files, upload, claimed.kind, scratch, goes_on)


def prepared_recording(
    files: StoredFiles, upload: Path, kind: str, scratch: Path, goes_on: Callable[[], bool]
) -> media_processing.PreparedRecording:
    """Write a recording anew, in a folder for that, store it, and return what is to be recorded of it."""
    extension = "mp3" if kind == "audio" else "mp4"
    output, still = scratch / f"written.{extension}", scratch / "first.png"
    recordings.convert(upload, recordings.probe(upload), kind, output, goes_on=goes_on)
    meta = recordings.meta(recordings.probe(output))
    preview, blurhash = None, None
    if kind != "audio":
        recordings.first_picture(output, still)
        with still.open("rb") as content:
            first = pictures.prepare_attachment(content)
        preview, blurhash = files.keep(first.preview), first.blurhash
        meta |= {"small": media.size(first.preview.width, first.preview.height)}
    with output.open("rb") as content:
        file = files.keep_file(content, extension)
    return media_processing.PreparedRecording(file, preview, blurhash, meta)
