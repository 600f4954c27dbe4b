"""The messages between a process that needs a picture and the one that decodes it, over pipes.

A request is followed by the picture's own bytes. Every message has its length before it.
"""

import struct
from typing import IO, TypeVar

import msgspec

Message = TypeVar("Message", "Request", "Answer")
_LENGTH = struct.Struct(">I")


class Picture(msgspec.Struct, frozen=True):
    """A picture ready to be stored; sizes in pixels."""

    data: bytes
    media_type: str
    extension: str
    width: int
    height: int


class Request(msgspec.Struct, frozen=True):
    """What is to be done with a picture of so many bytes: `task` is a name in `decoding.TASKS`.

    `size` is for a picture that is to be cut to it.
    """

    task: str
    bytes: int
    size: tuple[int, int] = (0, 0)


class ShareCard(msgspec.Struct, frozen=True):
    """What stands in the picture that other sites show with a link to a post; `avatar` is a file's content."""

    name: str
    handle: str
    text: str
    site: str
    avatar: bytes


class Answer(msgspec.Struct, frozen=True):
    """What came of it: pictures, colours (blurha.sh) and whether it moves; or a sentence that says why it is refused.

    The sentence is in English, for who asked to translate; `limit` is the number that it needs for its `%(limit)s`.
    `fault` is for the log: an exception that nobody expected.
    """

    pictures: tuple[Picture, ...] = ()
    blurhash: str = ""
    moves: bool = False
    refused: str = ""
    limit: int = 0
    fault: str = ""


def write(stream: IO[bytes], message: Request | Answer) -> None:
    """Write a message. Raises BrokenPipeError when nobody reads it."""
    encoded = msgspec.msgpack.encode(message)
    stream.write(_LENGTH.pack(len(encoded)) + encoded)


def read_request(stream: IO[bytes]) -> Request | None:
    """Return the next request, None when there will be none."""
    return _read(stream, Request)


def read_answer(stream: IO[bytes]) -> Answer | None:
    """Return the next answer, None when there will be none."""
    return _read(stream, Answer)


def _read(stream: IO[bytes], kind: type[Message]) -> Message | None:
    start = stream.read(_LENGTH.size)
    if len(start) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(start)
    encoded = stream.read(length)
    return msgspec.msgpack.decode(encoded, type=kind) if len(encoded) == length else None
