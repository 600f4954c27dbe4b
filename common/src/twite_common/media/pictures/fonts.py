"""The fonts that are installed, and which of them has a character. Only `worker` looks for them.

None comes with Twite: a text whose letters no font has isn't drawn.
"""

import os
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from PIL import ImageFont

FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/usr/local/share/twite/fonts", "/Library/Fonts")
REGULAR = (
    "NotoSans-Regular",
    "DejaVuSans",
    "LiberationSans-Regular",
    "Arimo-Regular",
    "Roboto-Regular",
    "Inter-Regular",
)
"""Files of fonts with many letters, the nicest one first; what they lack is looked for in the others."""
FURTHER = ("NotoSansCJK-Regular", "NotoSansJP-Regular", "NotoSansArabic-Regular", "NotoSansHebrew-Regular")
BOLD = ("NotoSans-Bold", "DejaVuSans-Bold", "LiberationSans-Bold", "Arimo-Bold", "Roboto-Bold", "Inter-Bold")
FURTHER_BOLD = ("NotoSansCJK-Bold", "NotoSansJP-Bold", "NotoSansArabic-Bold", "NotoSansHebrew-Bold")
ENDINGS = frozenset({".ttf", ".ttc", ".otf"})
UNKNOWN = "\U0010fffe"
"""A character that no font has: what is drawn for it stands for all others that a font lacks."""

Font = ImageFont.FreeTypeFont


@cache
def _files() -> dict[str, str]:
    """Return the files of all fonts by their names without an ending."""
    return {
        Path(name).stem: os.path.join(folder, name)  # noqa: PTH118 - thousands of Paths take long
        for top in FOLDERS
        for folder, _folders, names in os.walk(top)
        for name in names
        if Path(name).suffix in ENDINGS
    }


@cache
def _loaded(path: str, size: int) -> Font:
    return ImageFont.truetype(path, size)


def fonts(size: int, *, bold: bool) -> Iterator[Font]:
    """Yield the fonts to look for a character in, one after the other, as they are needed."""
    files = _files()
    names = (*BOLD, *FURTHER_BOLD, *REGULAR, *FURTHER) if bold else (*REGULAR, *FURTHER)
    known = [name for name in names if name in files]
    others = sorted(name for name in files if name.startswith("NotoSans") and name.endswith("-Regular"))
    for name in dict.fromkeys([*known, *others]):
        yield _loaded(files[name], size)
    plain = ImageFont.load_default(size)
    if isinstance(plain, ImageFont.FreeTypeFont):
        yield plain


@cache
def _mask(font: Font, character: str) -> bytes:
    return bytes(font.getmask(character))


def has(font: Font, character: str) -> bool:
    """Say whether a font has a character."""
    return character.isspace() or _mask(font, character) != _mask(font, UNKNOWN)


@cache
def of_character(character: str, size: int, *, bold: bool) -> Font | None:
    """Return the first font that has a character; None where none does."""
    return next((font for font in fonts(size, bold=bold) if has(font, character)), None)


def is_letter(character: str) -> bool:
    """Say whether a text can't be read without a character; others may be left out."""
    return unicodedata.category(character)[0] in "LMN"
