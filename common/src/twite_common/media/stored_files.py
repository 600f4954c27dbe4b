"""Media files and pending uploads: stored so that none lacks a row, removed when no row uses them.

A file is stored with no transaction open, since that takes its time, and named by a row a moment later. Whoever stores
one owns it until then (`storing`): where the row is never written, the file goes.

Files are named by their content, so that one may be stored for a second row at the very moment at which it is removed
for the first. No lock is needed: whoever removes a file puts it aside first and asks then whether a row names it, and
whoever has written a row looks then whether the file is still there.
"""

import logging
import secrets
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TypeVar

from twite_common import disk
from twite_common.database import Database
from twite_common.errors import TwiteError, Unavailable
from twite_common.media import storage
from twite_common.media.pictures import Picture
from twite_common.media.storage import Storage
from twite_common.media.storage.names import ARCHIVE, UPLOAD
from twite_common.queries.posts.picture_files import unused
from twite_common.settings import Settings

log = logging.getLogger(__name__)

Checked = TypeVar("Checked")


class StoredFiles:
    """What was stored for rows that are still to be written."""

    def __init__(self, settings: Settings) -> None:
        self._scratch = settings.scratch
        self._media, self._uploads = storage.media(settings), storage.uploads(settings)
        self._pictures: dict[str, Picture] = {}
        self._names: list[str] = []
        self._pending: list[str] = []

    def keep(self, picture: Picture) -> str:
        """Store a picture as a media file and return its name."""
        name = self._media.store(picture)
        self._pictures[name] = picture
        self._names.append(name)
        return name

    def keep_file(self, content: IO[bytes], extension: str) -> str:
        """Store a media file and return its name."""
        name = self._media.store_file(content, extension)
        self._names.append(name)
        return name

    def keep_upload(self, content: IO[bytes], check: Callable[[Path], Checked]) -> tuple[str, Checked]:
        """Store a file that a task is to prepare, where nobody but the server can read it.

        `check` looks at it first, and raises what is wrong with it. Returns its name and what `check` says.
        """
        name = secrets.token_hex(16)
        with disk.writing():
            self._scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder = tempfile.TemporaryDirectory(dir=self._scratch)
        with folder:
            file = Path(folder.name) / name
            with disk.writing(), file.open("wb") as target:
                shutil.copyfileobj(content, target)
            checked = check(file)
            self._pending.append(name)
            self._uploads.take(name, file)
        return name, checked

    def assure(self) -> None:
        """Store pictures again that were removed for another row while this one's wasn't there yet."""
        for name, picture in self._pictures.items():
            if not self._media.exists(name):
                self._media.store(picture)

    def discard(self, database: Database) -> None:
        """Remove what was stored, unless another row uses it. What can't be removed now is left to the weekly sweep."""
        try:
            remove_uploads(self._uploads, self._pending)
            remove_unused(database, self._media, self._names)
        except (TwiteError, OSError) as error:
            log.warning("files_not_discarded %s", {"names": self._names, "error": str(error)})
        self._pictures, self._names, self._pending = {}, [], []


@contextmanager
def storing(database: Database, settings: Settings) -> Iterator[StoredFiles]:
    """Give what stores files for the rows that are written, in a transaction of its own, before the block ends.

    Where the block fails, the files are removed.
    """
    files = StoredFiles(settings)
    try:
        yield files
    except BaseException:
        files.discard(database)
        raise
    files.assure()


def remove_unused(database: Database, media: Storage, names: Collection[str]) -> list[str]:
    """Remove those of the media files that no row uses, and return their names.

    No transaction is open while files are moved and removed: with an object storage that takes its time.
    """
    # Only a transaction that writes sees for sure what others have committed.
    with database.writing() as db:
        candidates = unused(db, names)
    if not candidates:
        return []
    aside: list[str] = []
    try:
        aside.extend(name for name in candidates if media.put_aside(name))
        with database.writing() as db:
            gone = set(unused(db, aside))
    except BaseException:
        # What can't be put back either is left to the weekly sweep.
        with suppress(Unavailable, OSError):
            for name in aside:
                media.put_back(name)
        raise
    for name in aside:
        if name in gone:
            media.remove_aside(name)
        else:
            media.put_back(name)
    return sorted(gone)


def remove_uploads(uploads: Storage, names: Collection[str]) -> None:
    """Remove uploads that were to be prepared; those that are gone already are no error."""
    for name in names:
        if UPLOAD.fullmatch(name):
            uploads.remove(name)


def remove_archives(archives: Storage, names: Collection[str]) -> None:
    """Remove archives; those that are gone already are no error."""
    for name in names:
        if ARCHIVE.fullmatch(name):
            archives.remove(name)
