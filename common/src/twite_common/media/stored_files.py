"""Media files and pending uploads: stored so that none lacks a row, removed when no row uses them.

A file is stored with no transaction open, since that takes its time, and named by a row a moment later. Whoever stores
one owns it until then (`storing`): where the row is never written, the file goes.

Files are named by their content, so that one may be stored for a second row at the very moment at which it is removed
for the first. No lock is needed: whoever removes a file puts it aside first and asks then whether a row names it, and
whoever has written a row looks then whether the file is still there.
"""

import logging
import re
import secrets
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from twite_common import disk
from twite_common.database import Connection, Database
from twite_common.errors import TwiteError
from twite_common.media import pictures
from twite_common.media.pictures import Picture
from twite_common.queries.posts.picture_files import unused
from twite_common.settings import Settings

log = logging.getLogger(__name__)

UPLOAD = re.compile(r"[0-9a-f]{32}")
"""What a file in the folder of uploads is called."""


class StoredFiles:
    """What was stored for rows that are still to be written."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pictures: dict[str, Picture] = {}
        self._names: list[str] = []
        self._uploads: list[Path] = []

    def keep(self, picture: Picture) -> str:
        """Store a picture in the media folder and return its name there."""
        name = pictures.store(self._settings.media, picture)
        self._pictures[name] = picture
        self._names.append(name)
        return name

    def keep_file(self, content: IO[bytes], extension: str) -> str:
        """Store a file in the media folder and return its name there."""
        name = pictures.store_file(self._settings.media, content, extension)
        self._names.append(name)
        return name

    def keep_upload(self, content: IO[bytes]) -> Path:
        """Store a file that a task is to prepare, where nobody but the server can read it."""
        folder = self._settings.uploads
        upload = folder / secrets.token_hex(16)
        with disk.writing(upload):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._uploads.append(upload)
            upload.touch(mode=0o600)
            with upload.open("wb") as file:
                shutil.copyfileobj(content, file)
        return upload

    def assure(self) -> None:
        """Store pictures again that were removed for another row while this one's wasn't there yet."""
        for name, picture in self._pictures.items():
            if not (self._settings.media / name).exists():
                pictures.store(self._settings.media, picture)

    def discard(self, database: Database) -> None:
        """Remove what was stored, unless another row uses it. What can't be removed now is left to the weekly sweep."""
        try:
            for upload in self._uploads:
                upload.unlink(missing_ok=True)
            if self._names:
                with database.writing() as db:
                    remove_unused(db, self._settings.media, self._names)
        except (TwiteError, OSError) as error:
            log.warning("files_not_discarded %s", {"names": self._names, "error": str(error)})
        self._pictures, self._names, self._uploads = {}, [], []


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


def remove_unused(db: Connection, folder: Path, names: Collection[str]) -> list[str]:
    """Remove those of the files from the media folder that no row uses, and return their names.

    The transaction must be one that writes: another's rows, committed since it began, have to be seen.
    """
    aside = [name for name in unused(db, names) if pictures.put_aside(folder, name)]
    gone = unused(db, aside)
    for name in aside:
        if name in gone:
            pictures.remove_aside(folder, name)
        else:
            pictures.put_back(folder, name)
    return gone


def remove_uploads(folder: Path, names: Collection[str]) -> None:
    """Remove files from the folder of uploads; those that are gone already are no error."""
    for name in names:
        if UPLOAD.fullmatch(name):
            (folder / name).unlink(missing_ok=True)
