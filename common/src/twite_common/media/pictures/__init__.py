"""Uploaded pictures: decoded, cropped, scaled and re-encoded, so that only the visible image remains.

That is done by a process of its own (`process`); this one only hands files on. All limits stand in `limits`.
"""

import io
import os
import re
from typing import IO

import msgspec

from twite_common.errors import Invalid
from twite_common.media.pictures import process
from twite_common.media.pictures.limits import (
    ATTACHMENT_PIXELS,
    AVATAR,
    FORMATS,
    HEADER,
    MAX_BYTES,
    MAX_EMOJI_BYTES,
    MAX_PIXELS,
    PICTURE_TYPES,
    SHARE_CARD,
)
from twite_common.media.pictures.protocol import Picture, Request, ShareCard
from twite_common.translations import gettext as _
from twite_common.translations import marked

__all__ = [
    "ATTACHMENT_PIXELS",
    "AVATAR",
    "FORMATS",
    "HEADER",
    "MAX_BYTES",
    "MAX_PIXELS",
    "PICTURE_TYPES",
    "SHARE_CARD",
    "Picture",
    "ShareCard",
]

TOO_MANY_BYTES = marked("The picture is too large: %(limit)s MB are allowed. Please make it smaller.")
Content = bytes | IO[bytes]
"""A file that somebody sent: its bytes, or where they can be read, which needs no memory."""
_SIGNATURES = {
    "JPEG": re.compile(rb"\xff\xd8\xff"),
    "PNG": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "GIF": re.compile(rb"GIF8[79]a"),
    "WEBP": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
    # mif1 and msf1 say no more than that it is a picture, or several: what they are written with stands behind them.
    "AVIF": re.compile(rb".{4}ftyp(?:avi[fs]|m[is]f1.{4}(?:.{4}){0,8}avi[fs])", re.DOTALL),
    "HEIF": re.compile(rb".{4}ftyp(?:hei[cxms]|hev[cx]|m[is]f1)", re.DOTALL),
}
"""How files of each format begin."""
_START_BYTES = 64
SHARE_CARDS = 0
"""Stands for the account that these pictures are drawn for: no account's id."""


class PreparedAttachment(msgspec.Struct, frozen=True):
    """A picture to be attached to a post, a small one to be shown before it, and its colours (blurha.sh)."""

    picture: Picture
    preview: Picture
    blurhash: str


def prepare(content: Content, size: tuple[int, int], account_id: int | None = None) -> Picture:
    """Return an uploaded picture cut and scaled to `size` (width, height), as WebP without any metadata.

    The file's content decides what it is, never its name; accounts take turns, so that who sends many keeps nobody
    waiting. Raises Invalid for anything but a whole picture of one of `FORMATS` and of a bearable size, Unavailable
    when too many are being prepared.
    """
    file, length = _measured(content)
    if length > MAX_BYTES:
        raise Invalid(_(TOO_MANY_BYTES, limit=MAX_BYTES // 1024 // 1024))
    return process.SHARED.ask(Request("cut", length, size), file, account_id).pictures[0]


def prepare_attachment(content: Content, account_id: int | None = None) -> PreparedAttachment:
    """Return an uploaded picture as it is attached to a post: whole, and scaled down where it is very large.

    Raises Invalid and Unavailable like `prepare`.
    """
    file, length = _measured(content)
    if length > MAX_BYTES:
        raise Invalid(_(TOO_MANY_BYTES, limit=MAX_BYTES // 1024 // 1024))
    answer = process.SHARED.ask(Request("attach", length), file, account_id)
    picture, preview = answer.pictures
    return PreparedAttachment(picture, preview, answer.blurhash)


def prepare_emoji(content: Content, account_id: int | None = None) -> tuple[Picture, Picture]:
    """Return an uploaded picture as an emoji, and its first moment for those who want nothing to move.

    Raises Invalid and Unavailable like `prepare`.
    """
    file, length = _measured(content)
    if length > MAX_EMOJI_BYTES:
        sentence = marked("The picture is too large: %(limit)s KB are allowed. Please make it smaller.")
        raise Invalid(_(sentence, limit=MAX_EMOJI_BYTES // 1024))
    moving, still = process.SHARED.ask(Request("emoji", length), file, account_id).pictures
    return moving, still


def draw_share_card(card: ShareCard) -> Picture:
    """Return the picture that other sites show with a link to a post.

    All of them take turns as if one account had sent them, so that programs which fetch many keep no member waiting.
    Raises Invalid where no font has the text's letters, Unavailable when too many are being drawn.
    """
    content = msgspec.msgpack.encode(card)
    return process.SHARED.ask(Request("share_card", len(content)), io.BytesIO(content), SHARE_CARDS).pictures[0]


def is_animated(content: Content, formats: tuple[str, ...] = FORMATS, account_id: int | None = None) -> bool:
    """Say whether a file is a picture, in one of these formats, that moves.

    Raises Unavailable when too many pictures are being prepared.
    """
    file, length = _measured(content)
    if length > MAX_BYTES or _format(file) not in formats:
        return False
    try:
        return process.SHARED.ask(Request("look", length), file, account_id).moves
    except Invalid:
        return False


def is_picture(content: Content) -> bool:
    """Say whether a file begins like a picture that can be used. Only its first bytes are looked at."""
    return _format(_measured(content)[0]) is not None


def _measured(content: Content) -> tuple[IO[bytes], int]:
    """Return a file at its start, and how many bytes it has."""
    file = io.BytesIO(content) if isinstance(content, bytes) else content
    length = file.seek(0, os.SEEK_END)
    file.seek(0)
    return file, length


def _format(file: IO[bytes]) -> str | None:
    """Return the format that a file at its start begins like, and leave it there."""
    start = file.read(_START_BYTES)
    file.seek(0)
    return next((name for name, signature in _SIGNATURES.items() if signature.match(start)), None)
