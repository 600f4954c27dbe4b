"""Pages of lists, by id and never by offset."""

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Generic

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Connection, Integer, bindparam

from twite_common import ids
from twite_common.sql.struct_rows import Struct, StructRows
from twite_common.sql.types import AnyRow, AnySelect

MAX_ID = bindparam("max_id", type_=BigInteger)
SINCE_ID = bindparam("since_id", type_=BigInteger)
LIMIT = bindparam("limit", type_=Integer)


class Page(msgspec.Struct, frozen=True):
    """Which part of a list is asked for; bounds are exclusive.

    `max_id`: older than that. `since_id`: newer than that. `min_id`: newer than that and next to it.
    """

    limit: int = 20
    max_id: int = ids.MAXIMUM
    since_id: int = 0
    min_id: int | None = None


class Listed(msgspec.Struct, frozen=True):
    """An account in a list that is paged by when it came into it; `cursor` is that entry's id."""

    cursor: int
    account_id: int


class Pageable:
    """One list's two statements: newest first, and for `min_id` oldest first; they differ in nothing else."""

    def __init__(self, statement: AnySelect, key: ColumnElement[int]) -> None:
        bounded = statement.where(key < MAX_ID, key > SINCE_ID).limit(LIMIT)
        self._newest = bounded.order_by(key.desc())
        self._oldest = bounded.order_by(key.asc())

    def rows(self, db: Connection, page: Page, parameters: Mapping[str, object]) -> Sequence[AnyRow]:
        """Return the page's rows, newest first."""
        bound = {**parameters, **bounds(page)}
        if page.min_id is None:
            return db.execute(self._newest, bound).all()
        return db.execute(self._oldest, bound).all()[::-1]


class StructPages(Generic[Struct]):
    """One list's two statements, as `Pageable` has them, for rows that are structs; the key is their first member."""

    def __init__(self, kind: type[Struct], statement: AnySelect, key: ColumnElement[int]) -> None:
        bounded = statement.where(key < MAX_ID, key > SINCE_ID).limit(LIMIT)
        self._newest = StructRows(bounded.order_by(key.desc()), kind)
        self._oldest = StructRows(bounded.order_by(key.asc()), kind)
        self._key = attrgetter(kind.__struct_fields__[0])

    def rows(self, db: Connection, page: Page, parameters: Mapping[str, object]) -> list[Struct]:
        """Return the page's rows, newest first."""
        chosen = self._newest if page.min_id is None else self._oldest
        return sorted(chosen.all(db, {**parameters, **bounds(page)}), key=self._key, reverse=True)


def bounds(page: Page) -> dict[str, int]:
    """Return the parameters of a page's statement."""
    since = page.since_id if page.min_id is None else max(page.min_id, page.since_id)
    return {"max_id": page.max_id, "since_id": since, "limit": page.limit}
