"""Rows that come from the database as one JSON text, and go from there straight into structs.

A driver makes an object of every value, and SQLite's gives up the interpreter's lock and takes it again for every row.
For a page of posts that takes longer than the statement itself.
"""

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import Connection, Text, cast, func, select

from twite_common.sql.types import AnySelect

Struct = TypeVar("Struct", bound=msgspec.Struct)


class StructRows(Generic[Struct]):
    """A statement whose rows are structs: its columns are their members, in order, and they are `array_like`.

    In which order the rows come isn't said.
    """

    def __init__(self, statement: AnySelect, kind: type[Struct]) -> None:
        self._statements = {"sqlite": _of_sqlite(statement), "postgresql": _of_postgresql(statement)}
        # SQLite has 0 and 1 for false and true.
        self._decode = msgspec.json.Decoder(list[kind], strict=False).decode  # type: ignore[valid-type]

    def all(self, db: Connection, parameters: Mapping[str, Any]) -> list[Struct]:
        """Return the statement's rows."""
        rows: str = db.execute(self._statements[db.dialect.name], parameters).scalar_one()
        return self._decode(rows)


def _of_sqlite(statement: AnySelect) -> AnySelect:
    return select(func.json_group_array(func.json_array(*statement.subquery().c), type_=Text))


def _of_postgresql(statement: AnySelect) -> AnySelect:
    # An aggregate would do, but what is asked of each row is planned there as if it were asked once.
    rows = statement.with_only_columns(
        func.json_build_array(*statement.selected_columns), maintain_column_froms=True
    ).scalar_subquery()
    return select(cast(func.array_to_json(func.array(rows)), Text))
