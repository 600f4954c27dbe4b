"""Archives whose posts are elements of lists in JSON: found once, and read one by one, in the order of time."""

from collections.abc import Callable
from typing import IO

import msgspec

from twite_common.errors import Invalid
from twite_common.translations import gettext as _
from twite_tasks.identity.imports import archive_files
from twite_tasks.identity.imports.archive_files import ArchiveFiles
from twite_tasks.identity.imports.found import INVALID, Found
from twite_tasks.identity.imports.json_elements import elements

MAX_POSTS = 100_000
Parse = Callable[[bytes], Found]
Order = Callable[[bytes], int]


class DocumentArchive:
    """Posts in documents of an archive; `prefix` is the folder in it that everything is in, or "" for none."""

    def __init__(
        self,
        source: str,
        files: ArchiveFiles,
        document: IO[bytes],
        *,
        names: list[str],
        key: str | None,
        order: Order,
        parse: Parse,
        prefix: str = "",
    ) -> None:
        self.source = source
        self._files, self._document, self._parse, self._prefix = files, document, parse, prefix
        self._places: list[tuple[int, int, int]] = []
        for name in names:
            self._add(name, key, order)
        self._places.sort()

    def __len__(self) -> int:
        """Return how many entries it has."""
        return len(self._places)

    def __getitem__(self, place: int) -> Found:
        """Return one of them."""
        _at, start, size = self._places[place]
        try:
            return self._parse(self._read(start, size))
        except (msgspec.DecodeError, ValueError):
            return Found(f"#{place + 1}", refusal=INVALID)

    def open_media(self, name: str) -> IO[bytes]:
        """Open a file beside a post. Raises FileNotFoundError when there is none."""
        return self._files.open(f"{self._prefix}{name}", archive_files.MAX_MEDIA_BYTES)

    def _add(self, name: str, key: str | None, order: Order) -> None:
        start = self._document.seek(0, 2)
        left = archive_files.MAX_DOCUMENT_BYTES - start
        size = archive_files.extracted(self._files, name, self._document, left)
        self._document.seek(start)
        for begin, length in elements(self._document, size, key=key):
            if len(self._places) >= MAX_POSTS:
                raise Invalid(_("There are more posts in the archive than can be imported."))
            self._places.append((self._ordered(order, begin, length), begin, length))

    def _ordered(self, order: Order, begin: int, length: int) -> int:
        try:
            return order(self._read(begin, length))
        except (msgspec.DecodeError, ValueError, OverflowError):
            return 0

    def _read(self, begin: int, length: int) -> bytes:
        self._document.seek(begin)
        return self._document.read(length)


def named(files: ArchiveFiles, ending: str) -> str | None:
    """Return the name of the file that ends so and lies in no deeper folder than others, if there is one."""
    names = [name for name in files.names() if name == ending or name.endswith(f"/{ending}")]
    return min(names, key=lambda name: (name.count("/"), len(name)), default=None)
