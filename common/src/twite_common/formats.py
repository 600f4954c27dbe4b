"""Numbers and dates as the reader's language writes them (CLDR, by Babel).

Babel is imported where it is needed: what decodes pictures reads texts, too, and starts often.
"""

from datetime import date
from typing import TYPE_CHECKING

from twite_common import translations

if TYPE_CHECKING:
    from babel import Locale

SOURCE_LOCALE = "en_GB"
"""The English of the texts in the code."""


def number(value: int) -> str:
    """Return a number, such as "16,383"."""
    from babel.numbers import format_decimal

    return str(format_decimal(value, locale=_locale()))


def day(value: date) -> str:
    """Return a day, such as "29 November 2026"."""
    from babel.dates import format_date

    return str(format_date(value, "long", locale=_locale()))


def is_right_to_left() -> bool:
    """Say whether the language is written from right to left."""
    return bool(_locale().text_direction == "rtl")


def _locale() -> "Locale":
    from babel import Locale

    language = translations.language()
    return Locale.parse(SOURCE_LOCALE if language == translations.SOURCE_LANGUAGE else language.replace("-", "_"))
