"""Numbers and dates as the reader's language writes them (CLDR, by Babel).

Babel is imported where it is needed: what decodes pictures reads texts, too, and starts often.
"""

from datetime import date, datetime
from datetime import time as time_of_day
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal

from twite_common import translations

if TYPE_CHECKING:
    from babel import Locale

SOURCE_LOCALE = "en_GB"
"""The English of the texts in the code."""
_SOURCE_PATTERNS = {"medium": "d MMM y", "MMMd": "d MMM", "yMMM": "MMM y", "MMM": "MMM"}
"""What is shortened to three letters there, too: "Sep", where the British write "Sept"."""


def number(value: float) -> str:
    """Return a number, such as "16,383" or "2.5": with one place after the point at most."""
    if isinstance(value, int) and value < 1000:
        return str(value)
    return _number(round(value, 1), translations.language())


def compact(value: float) -> str:
    """Return a count that is shown in little room: from ten thousand on rounded, such as "12.3k"."""
    return _compact(value, translations.language()) if value >= 10_000 else number(value)


def day(value: date) -> str:
    """Return a day, such as "29 November 2026"."""
    return _date(value, "long", translations.language())


def short_day(value: date) -> str:
    """Return a day in little room, such as "29 Nov 2026"."""
    return _date(value, "medium", translations.language())


def day_of_year(value: date) -> str:
    """Return a day without its year, such as "29 Nov"."""
    return _date(value, "MMMd", translations.language())


def month(value: date) -> str:
    """Return a month, such as "November 2026"."""
    return _date(value, "yMMMM", translations.language())


def short_month(value: date) -> str:
    """Return a month in little room, such as "Nov 2026"."""
    return _date(value, "yMMM", translations.language())


def month_of_year(value: date) -> str:
    """Return a month without its year, such as "Nov"."""
    return _date(value, "MMM", translations.language())


def days(first: date, last: date) -> str:
    """Return the days from one to another in little room, such as "23 – 29 Nov 2026"."""
    from babel.dates import format_interval

    return str(format_interval(first, last, "yMMMd", locale=_locale(translations.language())))


def weekdays(width: Literal["abbreviated", "wide"]) -> list[str]:
    """Return what the days of the week are called, from Monday on."""
    from babel.dates import get_day_names

    names = get_day_names(width, locale=_locale(translations.language()))
    return [names[day] for day in range(7)]


def first_weekday() -> int:
    """Return the day with which a week begins; Monday is 0."""
    return int(_locale(translations.language()).first_week_day)


def time(value: datetime | time_of_day) -> str:
    """Return a time of day, such as "17:05"."""
    return f"{value:%H:%M}"


def is_right_to_left() -> bool:
    """Say whether the language is written from right to left."""
    return bool(_locale(translations.language()).text_direction == "rtl")


# The same numbers and days come again and again, and writing one takes some 20 µs.
@lru_cache(4096)
def _number(value: float, language: str) -> str:
    from babel.numbers import format_decimal

    return str(format_decimal(value, locale=_locale(language)))


@lru_cache(4096)
def _compact(value: float, language: str) -> str:
    from babel.numbers import format_compact_decimal

    text = str(format_compact_decimal(value, format_type="short", fraction_digits=1, locale=_locale(language)))
    # German has no short form for thousands.
    return _number(value, language) if text.isdecimal() else text


@lru_cache(4096)
def _date(value: date, form: str, language: str) -> str:
    from babel.dates import format_date, format_skeleton

    if language == translations.SOURCE_LANGUAGE and form in _SOURCE_PATTERNS:
        return str(format_date(value, _SOURCE_PATTERNS[form], locale=language))
    if form in {"long", "medium"}:
        return str(format_date(value, form, locale=_locale(language)))
    return str(format_skeleton(form, value, locale=_locale(language)))


@cache
def _locale(language: str) -> "Locale":
    from babel import Locale

    return Locale.parse(SOURCE_LOCALE if language == translations.SOURCE_LANGUAGE else language.replace("-", "_"))
