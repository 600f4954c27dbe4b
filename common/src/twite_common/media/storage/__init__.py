"""Where uploaded files are: the only way to media files, and to uploads that a task is still to prepare.

They are in a folder of the data folder, or in a bucket of an object storage, as the setting `media_storage` says. While
a site moves from one to the other, files are read from wherever they are, and written to where they are to be.
"""

import hashlib
import heapq
import io
import itertools
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO

from twite_common.errors import Invalid
from twite_common.media.pictures.protocol import Picture
from twite_common.media.storage.folder import Folder
from twite_common.media.storage.names import ASIDE, NAME
from twite_common.media.storage.places import Place, Stored, Unreachable
from twite_common.settings import Settings
from twite_common.translations import gettext as _

__all__ = ["ARCHIVES", "MEDIA", "UPLOADS", "Place", "Storage", "Stored", "Unreachable", "archives", "media", "uploads"]

ARCHIVES, MEDIA, UPLOADS = "archives", "media", "uploads"
"""What the kinds of files are in: folders of the data folder, and of the bucket."""
ASKED_AT_ONCE = 8
"""How many files a storage is asked for at the same time."""


class Storage:
    """Files of one kind in all the places where they may be. New ones are written to the first."""

    def __init__(self, places: Sequence[Place]) -> None:
        self.places = tuple(places)
        # A file that is being moved is in the first place by the time at which it isn't in another one any more.
        self._looked_at = self.places if len(places) == 1 else (*self.places, self.home)

    @property
    def home(self) -> Place:
        """The place where new files go."""
        return self.places[0]

    def store(self, picture: Picture) -> str:
        """Write a picture and return its name, which is the hash of its content.

        So it never comes to mean another picture, and can be kept by caches forever.
        """
        return self.store_file(io.BytesIO(picture.data), picture.extension)

    def store_file(self, content: IO[bytes], extension: str) -> str:
        """Write a file and return its name, like `store`.

        Raises Unavailable when it can't be written; then nothing of it stays.
        """
        digest = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type] # any binary file
        content.seek(0)
        name = f"{digest[:2]}/{digest}.{extension}"
        self.home.write(name, content)
        return name

    def write_parts(self, name: str, parts: Iterator[bytes]) -> None:
        """Write a file from its parts, one after another: none of it stays when one can't be made."""
        self.home.write_parts(name, parts)

    def take(self, name: str, file: Path) -> None:
        """Write a file that lies in the data folder, and is no longer there afterwards."""
        self.home.take(name, file)

    def exists(self, name: str) -> bool:
        """Say whether there is a file of that name."""
        return self.find(name) is not None

    def find(self, name: str) -> Stored | None:
        """Return a file, if there is one."""
        found = (place.find(name) for place in self._looked_at)
        return next((stored for stored in found if stored is not None), None)

    async def find_soon(self, name: str) -> Stored | None:
        """Return a file, if there is one, and hold no thread until that is known."""
        for place in self._looked_at:
            stored = await place.find_soon(name)
            if stored is not None:
                return stored
        return None

    def read(self, name: str) -> bytes:
        """Return the content of a file. Raises FileNotFoundError when there is none."""
        with self.open(name) as file:
            return file.read()

    def open(self, name: str) -> IO[bytes]:
        """Open a file for reading, at any position. Raises FileNotFoundError when there is none."""
        for place in self._looked_at:
            with suppress(FileNotFoundError):
                return place.open(name)
        raise FileNotFoundError(name)

    async def part(self, name: str, start: int, end: int) -> bytes:
        """Return a file's bytes from `start` up to, not including, `end`. Raises FileNotFoundError like `open`."""
        for place in self._looked_at:
            with suppress(FileNotFoundError):
                return await place.part(name, start, end)
        raise FileNotFoundError(name)

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        """Give a path at which programs can read a file. Raises FileNotFoundError when there is none."""
        with ExitStack() as stack:
            for place in self._looked_at:
                with suppress(FileNotFoundError):
                    path = stack.enter_context(place.local(name))
                    break
            else:
                raise FileNotFoundError(name)
            yield path

    def listed(self, folder: str, after: str = "") -> Iterator[Stored]:
        """Give all that is in a folder by name, after a name; what is in several places once."""
        everywhere = heapq.merge(*(place.listed(folder, after) for place in self.places), key=_name)
        for _same_name, same in itertools.groupby(everywhere, key=_name):
            yield max(same, key=lambda stored: stored.changed_at)

    def missing(self, names: Collection[str]) -> list[str]:
        """Return those of the names of which there is no file."""
        with ThreadPoolExecutor(ASKED_AT_ONCE) as pool:
            return [name for name, found in zip(names, pool.map(self.exists, names), strict=True) if not found]

    def is_empty(self) -> bool:
        """Say whether there is no file at all."""
        return all(place.is_empty() for place in self.places)

    def remove(self, name: str) -> None:
        """Remove a file, if there is one."""
        for place in self.places:
            place.remove(name)

    def put_aside(self, name: str) -> bool:
        """Take a file out of the way, so that nobody finds it under its name; False when there is none.

        Raises Invalid for what can't be a media file's name.
        """
        if not NAME.fullmatch(name):
            raise Invalid(_("This is not the name of a picture."))
        renamed = [place.rename(name, name + ASIDE) for place in self.places]
        return any(renamed)

    def put_back(self, name: str) -> None:
        """Give a file that was put aside its name again."""
        for place in self.places:
            place.rename(name + ASIDE, name)

    def remove_aside(self, name: str) -> None:
        """Remove a file that was put aside."""
        self.remove(name + ASIDE)


def media(settings: Settings) -> Storage:
    """Return where pictures, videos and sound are, as they are served."""
    return Storage(_places(settings, MEDIA))


def uploads(settings: Settings) -> Storage:
    """Return where uploads are that are still to be prepared, which are never served."""
    return Storage(_places(settings, UPLOADS))


def archives(settings: Settings) -> Storage:
    """Return where archives are, which only their owners get."""
    return Storage(_places(settings, ARCHIVES))


def _name(stored: Stored) -> str:
    return stored.name


def _places(settings: Settings, kind: str) -> list[Place]:
    """Return the places of a kind of files. The folder is always one: it may hold files from before a bucket."""
    addresses = [address for address in (settings.media_storage, settings.media_fallback) if address]
    places = [_bucket(settings, address, kind) for address in addresses]
    folder = Folder(settings.data / kind, for_group=kind == MEDIA)
    return [*places, folder] if settings.media_storage else [folder, *places]


def _bucket(settings: Settings, address: str, kind: str) -> Place:
    # Sites without a bucket need neither the memory nor the time that the library takes.
    from twite_common.media.storage.bucket import Bucket

    return Bucket(address, kind, settings.scratch)
