"""What people pin beside each other on wide screens: their home timeline, notifications, lists and hashtags."""

from collections.abc import Collection, Sequence

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, select

from twite_common.queries.timelines import lists
from twite_common.tables import preferences

KINDS = ("home", "notifications", "list", "tag")


class Column(msgspec.Struct, frozen=True, omit_defaults=True):
    """One column, as it is stored: `list_id` names a list, `tag` a hashtag as it was written."""

    kind: str
    list_id: int | None = None
    tag: str | None = None


class ShownColumn(msgspec.Struct, frozen=True):
    """One column with what it is called by; `title` is a list's title or a hashtag's name, and else empty."""

    column: Column
    title: str


COLUMNS = select(preferences.c.pinned_columns).where(
    preferences.c.account_id == bindparam("account_id", type_=BigInteger)
)


def stored(db: Connection, account_id: int) -> list[Column]:
    """Return an account's columns in order, those for lists that are gone, too."""
    return msgspec.json.decode(db.scalar(COLUMNS, {"account_id": account_id}) or "[]", type=list[Column])


def of_account(db: Connection, account_id: int) -> list[ShownColumn]:
    """Return an account's columns in order; those for lists that are gone are left out."""
    titles = {own.id: own.title for own in lists.of_account(db, account_id)}
    return [ShownColumn(column, _title(column, titles)) for column in present(stored(db, account_id), titles)]


def present(columns: Sequence[Column], list_ids: Collection[int]) -> list[Column]:
    """Return those of some columns whose list, if they show one, is among `list_ids`."""
    return [column for column in columns if column.kind != "list" or column.list_id in list_ids]


def _title(column: Column, titles: dict[int, str]) -> str:
    return titles.get(column.list_id or 0, "") if column.kind == "list" else column.tag or ""
