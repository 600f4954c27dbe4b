"""Tables of people and addresses, in the forms in which Mastodon exports and Twite archives them."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from typing import IO

import msgspec

from twite_common import formats
from twite_common.errors import Invalid
from twite_common.services.identity.import_tables import Followed, Line, Listed, Muted, cleaned
from twite_common.text import LANGUAGE
from twite_common.translations import gettext as _

MAX_LINES = 20_000
MAX_LANGUAGES = 20
FIRST_HEADERS = frozenset({"account address", "#domain", "domain", "#uri", "post", "list name"})
"""How the first line begins where it says what the columns are."""
COLUMNS: dict[str, tuple[str, ...]] = {
    "follows": ("account address", "show boosts", "notify on new posts", "languages"),
    "blocks": ("account address",),
    "mutes": ("account address", "hide notifications"),
    "domain_blocks": ("#domain",),
    "bookmarks": ("#uri",),
    "lists": ("list name", "account address"),
}
"""The columns of each table, in the order in which they stand where no line says what they are."""
Row = dict[str, str]


def lines(kind: str, file: IO[bytes]) -> Iterator[Line]:
    """Give the lines of a table. Raises Invalid for what isn't one, or has too many lines."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    number = 0
    try:
        for row in _rows(kind, csv.reader(text)):
            number += 1
            if number > MAX_LINES:
                raise Invalid(_("The file has more than %(limit)s lines.", limit=formats.number(MAX_LINES)))
            yield _LINES[kind](row)
    except UnicodeDecodeError:
        raise Invalid(_("The file isn't a text in UTF-8.")) from None
    except csv.Error:
        raise Invalid(_("The file isn't a table of comma-separated values (CSV).")) from None
    finally:
        text.detach()


def _rows(kind: str, table: Iterator[Sequence[str]]) -> Iterator[Row]:
    columns: Sequence[str] = COLUMNS[kind]
    for number, cells in enumerate(table):
        if number == 0 and cells and cells[0].strip().lower() in FIRST_HEADERS:
            columns = [name.strip().lower() for name in cells]
        elif any(cell.strip() for cell in cells):
            yield {name: cell.strip() for name, cell in zip(columns, cells, strict=False)}


def _follow(row: Row) -> Line:
    languages = [one.strip() for one in row.get("languages", "").split(",")]
    how = Followed(
        _says(row, "show boosts", default=True),
        _says(row, "notify on new posts", default=False),
        tuple(one for one in languages[:MAX_LANGUAGES] if LANGUAGE.fullmatch(one)),
    )
    return Line(_account(row), _json(how))


def _mute(row: Row) -> Line:
    return Line(_account(row), _json(Muted(_says(row, "hide notifications", default=True))))


def _list(row: Row) -> Line:
    return Line(_account(row), _json(Listed(cleaned(row.get("list name", "")))))


def _account(row: Row) -> str:
    return cleaned(row.get("account address", "")).removeprefix("@")


def _says(row: Row, name: str, *, default: bool) -> bool:
    said = row.get(name, "").lower()
    return said in {"true", "1", "yes", "t"} if said else default


def _json(value: msgspec.Struct) -> str:
    return msgspec.json.encode(value).decode()


_LINES: dict[str, Callable[[Row], Line]] = {
    "follows": _follow,
    "blocks": lambda row: Line(_account(row)),
    "mutes": _mute,
    "domain_blocks": lambda row: Line(cleaned(row.get("#domain") or row.get("domain", ""))),
    "bookmarks": lambda row: Line(cleaned(row.get("#uri") or row.get("post", ""))),
    "lists": _list,
}
