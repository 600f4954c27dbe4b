"""Files in a folder."""

import asyncio
import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO

from twite_common import clock, disk
from twite_common.media.storage.places import Stored

PART_BYTES = 1024 * 1024


class Folder:
    """Files in a folder, for their owner alone or for the owner's group, too."""

    def __init__(self, root: Path, *, for_group: bool) -> None:
        self.root = root
        self._folder_mode, self._file_mode = (0o750, 0o640) if for_group else (0o700, 0o600)

    def __str__(self) -> str:
        return f"the folder {self.root}"

    def find(self, name: str) -> Stored | None:
        """Return a file, if it is there."""
        path = self.root / name
        return _stored(name, path) if path.is_file() else None

    async def find_soon(self, name: str) -> Stored | None:
        """Return a file, if it is there."""
        return await asyncio.to_thread(self.find, name)

    def write(self, name: str, content: IO[bytes]) -> None:
        """Write a file, which appears under its name only when it is whole.

        Raises Unavailable when the disk is full.
        """
        self.write_parts(name, iter(partial(content.read, PART_BYTES), b""))

    def write_parts(self, name: str, parts: Iterator[bytes]) -> None:
        """Write a file from its parts, one after another: none of it stays when one can't be made.

        Raises Unavailable when the disk is full.
        """
        target = self.root / name
        draft = target.with_name(f"tmp{secrets.token_hex(8)}")
        try:
            with disk.writing():
                self._make_folders(target)
                with draft.open("xb") as file:
                    for part in parts:
                        file.write(part)
                    file.flush()
                    os.fsync(file.fileno())
                draft.chmod(self._file_mode)
                draft.replace(target)
        except BaseException:
            with suppress(OSError):
                draft.unlink()
            raise

    def take(self, name: str, file: Path) -> None:
        """Write a file that lies in the data folder, and is no longer there afterwards."""
        target = self.root / name
        with disk.writing():
            self._make_folders(target)
            file.chmod(self._file_mode)
            moved = _moved(file, target)
        if not moved:
            with file.open("rb") as content:
                self.write(name, content)
            file.unlink()

    def _make_folders(self, target: Path) -> None:
        for directory in (self.root, target.parent):
            directory.mkdir(mode=self._folder_mode, parents=True, exist_ok=True)

    def open(self, name: str) -> IO[bytes]:
        """Open a file for reading, at any position."""
        return (self.root / name).open("rb")

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        """Give a path at which programs can read a file."""
        path = self.root / name
        if not path.is_file():
            raise FileNotFoundError(name)
        yield path

    async def part(self, name: str, start: int, end: int) -> bytes:
        """Return a file's bytes from `start` up to, not including, `end`."""
        return await asyncio.to_thread(self._part, name, start, end)

    def _part(self, name: str, start: int, end: int) -> bytes:
        with self.open(name) as file:
            file.seek(start)
            return file.read(end - start)

    def rename(self, name: str, new_name: str) -> bool:
        """Give a file another name; False when it isn't there."""
        try:
            (self.root / name).replace(self.root / new_name)
        except FileNotFoundError:
            return False
        return True

    def remove(self, name: str) -> None:
        """Remove a file, or a folder that a task has left behind, if it is there."""
        path = self.root / name
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

    def listed(self, folder: str, after: str = "") -> Iterator[Stored]:
        """Give all that is in a folder, "" for the root, by name, and after a name."""
        path = self.root / folder
        if not path.is_dir():
            return
        prefix = f"{folder}/" if folder else ""
        for name in sorted(name for entry in path.iterdir() if (name := prefix + entry.name) > after):
            stored = _stored(name, self.root / name)
            if stored is not None:
                yield stored

    def address(self, _name: str) -> str | None:
        """Return None: only this machine reads the folder."""
        return None

    def is_there(self) -> bool:
        """Say whether there is such a folder: one that isn't mounted isn't there."""
        return self.root.is_dir()

    def is_empty(self) -> bool:
        """Say whether there is no file."""
        return not any(path.is_file() for path in self.root.rglob("*"))


def _moved(file: Path, target: Path) -> bool:
    """Move a file, unless its target is on another disk, or in another of a container's volumes; say whether it was."""
    try:
        file.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        return False
    return True


def _stored(name: str, path: Path) -> Stored | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return Stored(name, status.st_size, int(status.st_mtime * clock.SECOND))
