"""A ZIP file that is made while it is read: nothing of it is kept but its table of contents."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

PART_BYTES = 256 * 1024
"""How much is put together before it is given away."""
EARLIEST_YEAR = 1980
"""A ZIP file knows no earlier one."""


class ZipStream:
    """What is put into it comes out as bytes of a file."""

    def __init__(self) -> None:
        self._sink = _Sink()
        self._zip = ZipFile(self._sink, "w")  # type: ignore[call-overload] # writes only, and never goes back

    def __contains__(self, name: str) -> bool:
        return name in self._zip.NameToInfo

    def add(
        self, name: str, parts: Iterable[bytes], *, at: datetime, compressed: bool = True, huge: bool = False
    ) -> Iterator[bytes]:
        """Put a file into it, from its parts. It is `huge` if it may have more than two gigabytes."""
        info = ZipInfo(name, max(at, at.replace(year=EARLIEST_YEAR)).timetuple()[:6])
        info.compress_type = ZIP_DEFLATED if compressed else ZIP_STORED
        info.external_attr = 0o644 << 16
        with self._zip.open(info, "w", force_zip64=huge) as target:
            for part in parts:
                target.write(part)
                if self._sink.size >= PART_BYTES:
                    yield self._sink.take()
        yield self._sink.take()

    def end(self) -> Iterator[bytes]:
        """Write the table of contents."""
        self._zip.close()
        yield self._sink.take()


class _Sink:
    """What a ZIP file is written to, until somebody takes it. Without a position, nobody can go back in it."""

    def __init__(self) -> None:
        self.size = 0
        self._parts: list[bytes] = []

    def write(self, part: bytes) -> int:
        """Keep some bytes."""
        self._parts.append(bytes(part))
        self.size += len(part)
        return len(part)

    def flush(self) -> None:
        """Do nothing: all is there."""

    def take(self) -> bytes:
        """Return what was written since the last time."""
        taken, self._parts, self.size = b"".join(self._parts), [], 0
        return taken
