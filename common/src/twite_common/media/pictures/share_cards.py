"""Drawing the picture that other sites show with a link to a post. Only `worker` runs this."""

import io
import unicodedata
from collections.abc import Sequence

import msgspec
import regex
from PIL import Image, ImageDraw, ImageOps, features

from twite_common.media.pictures import fonts
from twite_common.media.pictures.fonts import Font
from twite_common.media.pictures.limits import SHARE_CARD
from twite_common.media.pictures.protocol import Answer, Picture, Request, ShareCard
from twite_common.translations import marked

UNDRAWABLE = marked("There is no font for this text.")
MARGIN, AVATAR, BAR = 72, 104, 12
"""In pixels."""
GROUND, TEXT, SOFT, BRAND = "#f5f5fa", "#1b1b28", "#5a5a70", "#4645c4"
SIZES = (64, 54, 46, 40)
"""Sizes of letters, the largest that lets the text fit is used."""
LINE = 1.36
"""How high a line is, in sizes of its letters."""
TOP, BOTTOM = 216, 534
"""Where the text begins and ends."""
_PIECE = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}][\p{M}\p{Pe}\p{Pf}、。，．：；！？ー…]*\s*|"
    r"[^\s\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}]+\s*|\s+"
)
"""What stays on one line: words, and letters of scripts that write no spaces."""
_CHARACTER = regex.compile(r"\X")

SHAPES = features.check("raqm")
"""Whether Pillow can be told which way a text runs."""

Run = tuple[Font, str]
Line = list[Run]


class _Undrawable(Exception):
    """No font has a letter of the text."""


def draw(_request: Request, data: bytes) -> Answer:
    """Draw the picture of a post; refused where no font has its letters."""
    card = msgspec.msgpack.decode(data, type=ShareCard)
    picture = Image.new("RGB", SHARE_CARD, GROUND)
    canvas = ImageDraw.Draw(picture)
    try:
        _draw_text(canvas, card.text)
        _draw_author(picture, canvas, card)
        _draw_line(canvas, MARGIN, 560, _line(card.site, 30, bold=True), BRAND, rtl=False)
    except _Undrawable:
        return Answer(refused=UNDRAWABLE)
    canvas.rectangle((0, SHARE_CARD[1] - BAR, *SHARE_CARD), fill=BRAND)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=6)
    return Answer((Picture(buffer.getvalue(), "image/png", "png", *SHARE_CARD),))


def _draw_author(picture: Image.Image, canvas: ImageDraw.ImageDraw, card: ShareCard) -> None:
    with Image.open(io.BytesIO(card.avatar), formats=("WEBP", "PNG")) as file:
        avatar = ImageOps.fit(file.convert("RGBA"), (AVATAR, AVATAR), Image.Resampling.LANCZOS)
    circle = Image.new("L", (AVATAR * 4, AVATAR * 4))
    ImageDraw.Draw(circle).ellipse((0, 0, AVATAR * 4 - 1, AVATAR * 4 - 1), fill=255)
    mask = Image.composite(circle.resize((AVATAR, AVATAR)), Image.new("L", avatar.size), avatar.getchannel("A"))
    picture.paste(avatar, (MARGIN, MARGIN), mask)
    left = MARGIN + AVATAR + 28
    room = SHARE_CARD[0] - MARGIN - left
    _draw_line(canvas, left, MARGIN + 4, _cut(_line(card.name, 40, bold=True), room), TEXT, rtl=False)
    _draw_line(canvas, left, MARGIN + 60, _cut(_line(card.handle, 30), room), SOFT, rtl=False)


def _draw_text(canvas: ImageDraw.ImageDraw, text: str) -> None:
    """Draw the text in the largest letters that let it fit, in the smallest with its end left out."""
    rtl = _is_right_to_left(text)
    room = SHARE_CARD[0] - 2 * MARGIN
    for size in SIZES:
        most = int((BOTTOM - TOP) / (size * LINE))
        lines = _wrapped(text, size, room)
        if len(lines) <= most:
            break
    if len(lines) > most:
        lines[most - 1] = _cut(_joined([*lines[most - 1], *_line("…", size)]), room)
    for number, line in enumerate(lines[:most]):
        at = SHARE_CARD[0] - MARGIN - _width(line) if rtl else MARGIN
        _draw_line(canvas, at, TOP + number * size * LINE, line, TEXT, rtl=rtl)


def _draw_line(
    canvas: ImageDraw.ImageDraw, left: float, top: float, line: Sequence[Run], fill: str, *, rtl: bool
) -> None:
    # Fonts differ in how high they are: their base lines are what stands on one line.
    base = top + max((font.size for font, _ in line), default=0)
    for font, text in reversed(line) if rtl else line:
        canvas.text((left, base), text, fill=fill, font=font, anchor="ls", direction="rtl" if rtl and SHAPES else None)
        left += font.getlength(text)


def _wrapped(text: str, size: int, room: float) -> list[Line]:
    """Return a text in lines that fit into a room."""
    lines: list[Line] = [[]]
    for piece in _PIECE.findall(text):
        added = _line(piece, size)
        if lines[-1] and _width([*lines[-1], *_line(piece.rstrip(), size)]) > room:
            lines.append([])
        if _width(added) > room:
            # A word longer than a line, as addresses are.
            for character in _CHARACTER.findall(piece):
                part = _line(character, size)
                if _width([*lines[-1], *part]) > room:
                    lines.append([])
                lines[-1] = _joined([*lines[-1], *part])
        else:
            lines[-1] = _joined([*lines[-1], *added])
    return lines


def _line(text: str, size: int, *, bold: bool = False) -> Line:
    """Return a text with the font of each part of it; signs that no font has are left out."""
    runs: Line = []
    for cluster in _CHARACTER.findall(text):
        if runs and fonts.has(runs[-1][0], cluster[0]):
            font: Font | None = runs[-1][0]
        else:
            font = fonts.of_character(cluster[0], size, bold=bold)
        if font is not None:
            runs.append((font, cluster))
        elif any(map(fonts.is_letter, cluster)):
            raise _Undrawable
    return _joined(runs)


def _joined(runs: Sequence[Run]) -> Line:
    """Return parts of a line with those joined that have one font, so that letters are connected."""
    joined: Line = []
    for font, text in runs:
        if joined and joined[-1][0] is font:
            joined[-1] = (font, joined[-1][1] + text)
        else:
            joined.append((font, text))
    return joined


def _cut(line: Line, room: float) -> Line:
    """Return a line without what doesn't fit, with an ellipsis in its place."""
    if _width(line) <= room:
        return line
    font, text = line[-1]
    kept = _CHARACTER.findall(text.removesuffix("…").rstrip())[:-1]
    rest = [(font, "".join(kept).rstrip() + "…")] if kept else []
    return _cut([*line[:-1], *rest], room) if rest or line[:-1] else line


def _width(line: Sequence[Run]) -> float:
    return sum(font.getlength(text) for font, text in line)


def _is_right_to_left(text: str) -> bool:
    directions = map(unicodedata.bidirectional, text)
    return next((direction for direction in directions if direction in {"L", "R", "AL"}), "L") != "L"
