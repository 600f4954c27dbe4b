"""What a place offers that files can be in: a folder, or a bucket of an object storage."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Protocol

import msgspec

from twite_common.errors import Unavailable
from twite_common.translations import gettext as _
from twite_common.translations import marked

AWAY = marked("The server can't reach its storage for files at the moment. Please try again in a few minutes.")


class Unreachable(Unavailable):
    """The storage doesn't answer, or refuses; `reason` says it in words for the site's operator."""

    def __init__(self, reason: str) -> None:
        super().__init__(_(AWAY))
        self.reason = reason


class Stored(msgspec.Struct, frozen=True):
    """A file in a place: its name there, its bytes, and when it was changed last, in milliseconds."""

    name: str
    size: int
    changed_at: int


class Place(Protocol):
    """Where files are, under names such as ab/abcd.webp.

    All but `find`, `listed`, `remove` and `rename` raise FileNotFoundError for a file that isn't there. Whatever can't
    be done at the moment raises Unavailable.
    """

    def find(self, name: str) -> Stored | None:
        """Return a file, if it is there."""

    async def find_soon(self, name: str) -> Stored | None:
        """Return a file, if it is there, and hold no thread until that is known."""

    def write(self, name: str, content: IO[bytes]) -> None:
        """Write a file, which appears under its name only when it is whole."""

    def write_parts(self, name: str, parts: Iterator[bytes]) -> None:
        """Write a file from its parts, one after another: none of it stays when one can't be made."""

    def take(self, name: str, file: Path) -> None:
        """Write a file that lies in the data folder, and is no longer there afterwards."""

    def open(self, name: str) -> IO[bytes]:
        """Open a file for reading, at any position."""

    def local(self, name: str) -> AbstractContextManager[Path]:
        """Give a path at which programs can read a file."""

    async def part(self, name: str, start: int, end: int) -> bytes:
        """Return a file's bytes from `start` up to, not including, `end`."""

    def rename(self, name: str, new_name: str) -> bool:
        """Give a file another name; False when it isn't there."""

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""

    def listed(self, folder: str, after: str = "") -> Iterator[Stored]:
        """Give all that is in a folder, "" for the place itself, by name, and after a name."""

    def address(self, name: str) -> str | None:
        """Return the URL at which others find a file if they may; None where nobody else can."""

    def is_there(self) -> bool:
        """Say whether there is such a place: a folder that isn't mounted isn't there."""

    def is_empty(self) -> bool:
        """Say whether there is no file."""
