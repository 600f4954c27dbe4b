"""Parsing search queries: words, "phrases", -exclusions and operators such as from:ann.

The operators are Mastodon's and a few more (`search_operators` describes them). Whatever can't be one is taken for
words, so that nothing that is typed is an error.
"""

from datetime import UTC, date, datetime, timedelta

import msgspec
import regex

from twite_common import ids, text

MAX_LENGTH = 500
"""Characters of a query that are looked at. PostgreSQL takes no words of more than 2046 bytes."""
MAX_TERMS = 50

HAS = ("media", "image", "video", "audio", "poll", "link", "embed", "quote")
IS = ("reply", "sensitive", "quote")
IN = ("all", "library", "public", "bookmarks")

_TERM = regex.compile(
    r"(?P<minus>-)?(?:(?P<operator>from|has|is|before|after|during|language|in):)?"
    r'(?:"(?P<phrase>[^"]*)(?:"|$)|(?P<word>[^\s"]+))',
    regex.IGNORECASE,
)
_DATE = regex.compile(r"\d{4}(-\d{2}(-\d{2})?)?", regex.ASCII)
_FIRST_DAY, _LAST_DAY = date(1970, 1, 2), date(6000, 1, 1)


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for. Names and languages are in lower case; "me" among the authors is whoever asks.

    `wanted` maps a property, such as "image" or "reply", to whether posts must have or lack it. Ids of posts are
    within `first_id` and `last_id`, both included.
    """

    texts: tuple[str, ...] = ()
    without_texts: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    without_authors: tuple[str, ...] = ()
    wanted: dict[str, bool] = {}
    languages: tuple[str, ...] = ()
    place: str = "all"
    first_id: int = 0
    last_id: int = ids.MAXIMUM


def parse(query: str) -> Terms | None:
    """Return what is looked for; None where that is nothing, or nothing that could be found."""
    clauses = [clause for match in _matches(query) if (clause := _clause(match)) is not None]

    def values(kind: str, positive: bool = True) -> tuple[str, ...]:
        return tuple(clause.value for clause in clauses if clause.kind == kind and clause.positive == positive)

    starts = [_first_id(value) for value in values("during")] + [_end_id(value) for value in values("after")]
    ends = [_end_id(value) for value in values("during")] + [_first_id(value) for value in values("before")]
    terms = Terms(
        texts=values("text"),
        without_texts=values("text", positive=False),
        authors=values("from"),
        without_authors=values("from", positive=False),
        wanted={clause.value: clause.positive for clause in clauses if clause.kind in {"has", "is"}},
        languages=values("language"),
        place=([*values("in")] or ["all"])[-1],
        first_id=max([0, *starts]),
        last_id=min([ids.MAXIMUM, *(end - 1 for end in ends)]),
    )
    positive = msgspec.structs.replace(terms, without_texts=(), without_authors=())
    return None if positive == Terms() else terms


def pieces(query: str) -> list[str]:
    """Return the terms of a query as they are written, those that are nothing to look for, too."""
    return [match[0] for match in _matches(query)]


def _matches(query: str) -> list[regex.Match[str]]:
    return list(_TERM.finditer(text.storable(query[:MAX_LENGTH])))[:MAX_TERMS]


class _Clause(msgspec.Struct, frozen=True):
    """One term: the operator, or "text" for words."""

    kind: str
    value: str
    positive: bool


def _clause(match: regex.Match[str]) -> _Clause | None:
    """Return what a term means; one that isn't what its operator takes is words, and None without letters or digits."""
    operator, positive = (match["operator"] or "").lower(), not match["minus"]
    argument = match["phrase"] if match["word"] is None else match["word"]
    value = _value(operator, argument.strip().lower())
    if value and (positive or operator in {"from", "has", "is"}):
        return _Clause(operator, value, positive)
    words = f"{operator} {argument}".strip()
    return _Clause("text", words, positive) if any(character.isalnum() for character in words) else None


def _value(operator: str, argument: str) -> str:
    """Return what an operator takes, in its usual form; nothing where it takes no such thing."""
    match operator:
        case "from":
            return argument.removeprefix("@")
        case "has":
            return next((kind for kind in HAS if argument in {kind, f"{kind}s"}), "")
        case "is":
            return argument if argument in IS else ""
        case "in":
            return argument if argument in IN else ""
        case "language":
            return argument if text.LANGUAGE.fullmatch(argument) else ""
        case "before" | "after" | "during":
            return argument if _days(argument) else ""
    return ""


def _days(argument: str) -> tuple[date, date] | None:
    """Return the first of the days that a day, month or year stands for, and the one after the last."""
    try:
        match [int(number) for number in argument.split("-")] if _DATE.fullmatch(argument) else []:
            case [year]:
                return _within(date(year, 1, 1)), _within(date(min(year, 9998) + 1, 1, 1))
            case [year, month]:
                first = date(year, month, 1)
                return _within(first), _within(min(first, _LAST_DAY) + timedelta(days=31)).replace(day=1)
            case [year, month, number]:
                day = _within(date(year, month, number))
                return day, day + timedelta(days=1)
    except ValueError:
        return None
    return None


def _within(day: date) -> date:
    return min(max(day, _FIRST_DAY), _LAST_DAY)


def _first_id(argument: str) -> int:
    """Return the least id that a post of a time, in UTC, can have."""
    return _id_at((_days(argument) or (_LAST_DAY, _LAST_DAY))[0])


def _end_id(argument: str) -> int:
    """Return the least id that a post after a time can have."""
    return _id_at((_days(argument) or (_LAST_DAY, _LAST_DAY))[1])


def _id_at(day: date) -> int:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return ids.first_at(int(midnight.timestamp()) * 1000)
