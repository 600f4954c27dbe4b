"""Files in an archive that somebody has sent, which may be made to do harm: everything about them is bounded.

Nothing is ever written under a name that an archive has: names only find what is in it.
"""

import gzip
import io
import os
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from twite_common import disk
from twite_common.errors import Invalid
from twite_common.media import recordings
from twite_common.translations import gettext as _

MAX_FILES = 50_000
MAX_AT_ONCE = 8 * 1024 * 1024
"""Bytes that are read from an archive at once: its table of contents, a head, a part of a file."""
MAX_HEAD_BYTES = 4096
"""Of what stands before a file in a tar file, such as a long name: the library searches it in a time that may grow with
its square, and meanwhile nothing else of the process goes on."""
MAX_UNPACKED_BYTES = 2 * 1024 * 1024 * 1024
MAX_DOCUMENT_BYTES = 512 * 1024 * 1024
"""Of a file that has all posts."""
MAX_MEDIA_BYTES = recordings.MAX_BYTES
COPY_BYTES = 256 * 1024
FAILURES = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    gzip.BadGzipFile,
    EOFError,
    OverflowError,
    NotImplementedError,
    UnicodeDecodeError,
)
"""What the libraries raise for a broken archive; for an encrypted one RuntimeError."""
GZIP, ZIP = b"\x1f\x8b", b"PK"


class ArchiveFiles(Protocol):
    """What is in an archive, by name."""

    def names(self) -> Iterator[str]:
        """Give the names of all files."""

    def open(self, name: str, limit: int) -> IO[bytes]:
        """Open a file. Raises FileNotFoundError when there is none, Invalid for one of more bytes than the limit."""


@contextmanager
def opened(file: IO[bytes], scratch: Path) -> Iterator[ArchiveFiles | None]:
    """Give what is in a ZIP or a compressed tar file; None for anything else.

    Raises Invalid for one that is broken, or has too much in it.
    """
    start = file.read(2)
    file.seek(0)
    with readable():
        if start == ZIP:
            yield _Zip(file)
        elif start == GZIP:
            with disk.writing(), (scratch / "unpacked.tar").open("w+b") as unpacked:
                with gzip.open(file) as packed:
                    copy(packed, unpacked, MAX_UNPACKED_BYTES)
                yield _Tar(unpacked)
        else:
            yield None


@contextmanager
def readable() -> Iterator[None]:
    """Have whatever is wrong with an archive raised as Invalid."""
    try:
        yield
    except FAILURES:
        raise Invalid(_("The archive is broken. Please download it again from where it comes.")) from None


def copy(source: IO[bytes] | gzip.GzipFile, target: IO[bytes], limit: int) -> int:
    """Copy a file, part by part, and return how many bytes it has. Raises Invalid for more than the limit."""
    size = 0
    while part := source.read(COPY_BYTES):
        size += len(part)
        if size > limit:
            raise _too_much()
        target.write(part)
    return size


def _too_much() -> Invalid:
    return Invalid(_("There is more in the archive than can be imported."))


class _InPieces(io.RawIOBase):
    """A part of a file of which no more is given at once than is bearable, whatever a library asks for."""

    def __init__(self, file: IO[bytes], start: int = 0, size: int | None = None) -> None:
        super().__init__()
        self._file, self._start, self._position = file, start, 0
        self._size = file.seek(0, os.SEEK_END) - start if size is None else size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        left = max(0, self._size - self._position)
        wanted = left if size is None or size < 0 else min(size, left)
        if wanted > MAX_AT_ONCE:
            raise _too_much()
        self._file.seek(self._start + self._position)
        part = self._file.read(wanted)
        self._position += len(part)
        return part


class _Heads(_InPieces):
    """A tar file of which only what stands before its files is read."""

    def read(self, size: int | None = -1) -> bytes:
        if size is None or not 0 <= size <= MAX_HEAD_BYTES:
            raise _too_much()
        return super().read(size)


class _Zip:
    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(_InPieces(file))
        if len(self._zip.filelist) > MAX_FILES:
            raise _too_much()

    def names(self) -> Iterator[str]:
        return (info.filename for info in self._zip.filelist)

    def open(self, name: str, limit: int) -> IO[bytes]:
        try:
            info = self._zip.getinfo(name)
        except KeyError:
            raise FileNotFoundError(name) from None
        if info.file_size > limit:
            raise _too_much()
        if info.flag_bits & 1 or info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise Invalid(_("The archive is encrypted, or packed in a way that isn't known here."))
        with readable():
            return self._zip.open(info)


class _Tar:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._places: dict[str, tuple[int, int]] = {}
        number = 0
        with tarfile.open(fileobj=_Heads(file), mode="r:") as tar:
            while (member := tar.next()) is not None:
                # Otherwise it keeps all of them.
                tar.members = []  # type: ignore[attr-defined] # typeshed has no name for it
                number += 1
                # One that says that it has less than nothing in it leads back to those before it, again and again.
                if number > MAX_FILES or member.size < 0:
                    raise _too_much()
                if member.isreg() and not member.issparse():
                    self._places[member.name] = (member.offset_data, member.size)

    def names(self) -> Iterator[str]:
        return iter(self._places)

    def open(self, name: str, limit: int) -> IO[bytes]:
        if name not in self._places:
            raise FileNotFoundError(name)
        start, size = self._places[name]
        if size > limit:
            raise _too_much()
        return io.BufferedReader(_Slice(self._file, start, size))


class _Slice(_InPieces):
    def readinto(self, buffer: "memoryview[int]") -> int:  # type: ignore[override] # what BufferedReader gives
        part = self.read(len(buffer))
        buffer[: len(part)] = part
        return len(part)


def extracted(files: ArchiveFiles, name: str, target: IO[bytes], limit: int) -> int:
    """Copy a file of an archive to another one, and return how many bytes it has."""
    with readable(), files.open(name, limit) as source:
        return copy(source, target, limit)
