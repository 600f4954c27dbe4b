"""Finding the elements of a long list in a file of JSON without reading all of it into memory."""

import re
from collections.abc import Iterator
from typing import IO

from twite_common.errors import Invalid
from twite_common.translations import gettext as _

PART_BYTES = 256 * 1024
MAX_ELEMENT_BYTES = 1024 * 1024
MAX_DEPTH = 64
_OUTSIDE = re.compile(rb'["\[\]{}]')
_INSIDE = re.compile(rb'["\\]')
_KEY_BYTES = 64


def elements(file: IO[bytes], size: int, *, key: str | None = None) -> Iterator[tuple[int, int]]:
    """Give where each object of a list begins in a file, and how many bytes it has.

    The list is the first of the file, whatever stands before it, or else the one that the outermost object has under
    `key`. The next `size` bytes of the file are looked at. Raises Invalid for what is nested too deeply or too long.
    """
    scanner = _Scanner(key)
    position = file.tell()
    end = position + size
    while position < end and (part := file.read(min(PART_BYTES, end - position))):
        for start, stop in scanner.scan(part, position):
            yield start, stop - start
        position += len(part)
        # Others may read elsewhere in the file meanwhile.
        file.seek(position)


class _Scanner:
    def __init__(self, key: str | None) -> None:
        self._key = key.encode() if key is not None else None
        self._within = 1 if key is None else 2
        self._depth = 0
        self._start: int | None = None
        self._in_string = self._escaped = self._in_list = False
        self._word = bytearray()

    def scan(self, part: bytes, base: int) -> Iterator[tuple[int, int]]:
        """Give the elements that end in a part of the file, which begins at `base`."""
        position = 0
        while position < len(part):
            if self._in_string:
                position = self._through_string(part, position)
                continue
            match = _OUTSIDE.search(part, position)
            if match is None:
                break
            position = match.end()
            if part[position - 1] == 0x22:
                self._in_string = True
                self._word.clear()
            elif part[position - 1] in b"[{":
                self._open(part[position - 1], base + position - 1)
            elif self._close():
                yield self._start or 0, base + position
                self._start = None
        if self._start is not None and base + len(part) - self._start > MAX_ELEMENT_BYTES:
            raise Invalid(_("A post in the archive is too long."))

    def _through_string(self, part: bytes, position: int) -> int:
        if self._escaped:
            self._escaped = False
            return position + 1
        match = _INSIDE.search(part, position)
        end = match.start() if match else len(part)
        if self._depth == 1 and len(self._word) <= _KEY_BYTES:
            self._word += part[position : min(end, position + _KEY_BYTES + 1)]
        if match is None:
            return len(part)
        if part[end] == 0x22:
            self._in_string = False
        else:
            self._escaped = True
        return end + 1

    def _open(self, character: int, position: int) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Invalid(_("The file isn't what such archives have."))
        if character == 0x5B and self._depth == self._within and self._start is None:
            self._in_list = self._key is None or bytes(self._word) == self._key
        elif character == 0x7B and self._in_list and self._depth == self._within + 1:
            self._start = position

    def _close(self) -> bool:
        """Say whether an element has ended."""
        self._depth -= 1
        if self._depth < self._within:
            self._in_list = False
        return self._start is not None and self._depth == self._within
