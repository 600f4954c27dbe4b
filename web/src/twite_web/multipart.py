"""Reading forms with files (multipart/form-data, RFC 7578), in a thread that the caller chooses.

Litestar's own reader works on the event loop, which a large form would stop.
"""

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from itertools import chain
from typing import Any, BinaryIO

from litestar.datastructures import UploadFile
from litestar.exceptions import ClientException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from multipart import MultipartSegment, ParserError, ParserLimitReached, PushMultipartParser

from twite_common import disk
from twite_common.translations import gettext as _
from twite_web.errors import Failure

MAX_PARAMETERS = 1000
"""Parameters of a request, however they come."""
MAX_TEXT = 1024 * 1024
"""Bytes of all fields that aren't files."""
MAX_IN_MEMORY_BYTES = 64 * 1024
"""Bytes of a file that is kept in memory; a larger one is kept in a temporary file without a name."""
CHUNK = 64 * 1024
CHARSETS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "iso-8859-1": "latin-1",
    "latin-1": "latin-1",
    "latin1": "latin-1",
}
"""How a text may be encoded, by the names that a part's head has for it, and what reads it. Of the other codecs that
Python knows, some take time that grows with the square of a text's length, and some fail in ways of their own."""


def read(body: BinaryIO, boundary: str, folder: str | None = None) -> dict[str, list[Any]]:
    """Return a form's fields by name, texts as `str` and files as UploadFile; large files are kept in `folder`.

    Raises ClientException or Failure (400) for what isn't such a form, RequestEntityTooLarge for too much text, Full
    when the disk is.
    """
    reader = _Reader(folder)
    with ExitStack() as on_failure:
        on_failure.callback(reader.close)
        try:
            with PushMultipartParser(boundary.encode(), max_segment_count=MAX_PARAMETERS) as parser:
                while not parser.closed:
                    for event in parser.parse(body.read(CHUNK)):
                        with disk.writing():
                            reader.take(event)
        except ParserLimitReached as error:
            raise ClientException("The form has too many parts.") from error
        except ParserError as error:
            raise ClientException("Invalid multipart/form-data") from error
        except UnicodeError as error:
            raise ClientException("The request isn't valid UTF-8.") from error
        on_failure.pop_all()
    return dict(reader.fields)


def close(fields: Mapping[str, Iterable[Any]]) -> None:
    """Close the files of a form that is of no use."""
    for value in chain.from_iterable(fields.values()):
        if isinstance(value, UploadFile):
            # What is left of it in memory can't be written on a full disk, and needn't be.
            with suppress(OSError):
                value.file.close()


class _Reader:
    """The fields that were read so far, and the one that is being read."""

    def __init__(self, folder: str | None) -> None:
        self.fields: defaultdict[str, list[Any]] = defaultdict(list)
        self._folder = folder
        self._segment: MultipartSegment | None = None
        self._file: UploadFile | None = None
        self._text = bytearray()
        self._codec = "utf-8"
        self._text_bytes = 0

    def take(self, event: MultipartSegment | bytes | bytearray | None) -> None:
        """Take what the parser has found: a part's head, some of its content, or its end."""
        if isinstance(event, MultipartSegment):
            self._begin(event)
        elif event is None:
            self._end()
        elif self._file is not None:
            self._file.file.write(event)
        else:
            self._text_bytes += len(event)
            if self._text_bytes > MAX_TEXT:
                raise RequestEntityTooLarge
            self._text += event

    def close(self) -> None:
        """Close the files of a form that is of no use, also that which is being read."""
        close(self.fields | {"": [self._file]})

    def _begin(self, segment: MultipartSegment) -> None:
        self._segment = segment
        self._text = bytearray()
        self._file = None
        if segment.filename:
            self._file = UploadFile(
                content_type=segment.content_type or "text/plain",
                filename=segment.filename,
                headers=dict(segment.headerlist),
            )
            self._file.file.close()
            # This one, in the right folder, is closed when the request ends.
            self._file.file = tempfile.SpooledTemporaryFile(MAX_IN_MEMORY_BYTES, dir=self._folder)  # noqa: SIM115 - closed when the request ends
        else:
            self._codec = _codec(segment)

    def _end(self) -> None:
        if self._segment is None:
            raise ClientException("Unexpected eof in multipart/form-data")
        if self._file is not None:
            self._file.file.seek(0)
            self.fields[self._segment.name].append(self._file)
        else:
            self.fields[self._segment.name].append(self._text.decode(self._codec))
        self._segment, self._file = None, None


def _codec(segment: MultipartSegment) -> str:
    """Return what reads a text. Raises Failure (400) where it is encoded in a way that isn't taken."""
    codec = CHARSETS.get((segment.charset or "utf-8").lower())
    if codec is None:
        raise Failure(400, _("Form fields must be encoded in UTF-8."))
    return codec
