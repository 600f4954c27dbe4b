"""Rows that come as JSON are the same structs as those made from the driver's rows."""

import msgspec
import pytest
from sqlalchemy import BigInteger, Boolean, Text, bindparam, literal, select, union_all

from twite_common.sql.struct_rows import StructRows


class Row(msgspec.Struct, frozen=True, array_like=True):
    id: int
    text: str | None
    flag: bool | None
    number: int | None


TYPES = {"id": BigInteger, "text": Text, "flag": Boolean, "number": BigInteger}
ROWS = [
    Row(1, "null", True, None),
    Row(2, 'say "wren"\\\n\t\x01', False, 0),
    Row(3, "", None, 2**62),
    Row(4, None, True, -1),
    Row(5, "🐦 ünï \u202e", False, 1),
    Row(6, "1", None, 5),
    Row(7, "true", None, 5),
    Row(8, '["wren", null]', None, 5),
]
TABLE = union_all(
    *[select(*[literal(getattr(row, name), type_).label(name) for name, type_ in TYPES.items()]) for row in ROWS]
).subquery()
MOST = literal(99) > bindparam("most", type_=BigInteger)


@pytest.fixture
def db(database):
    with database.reading() as db:
        yield db


def test_every_kind_of_value_arrives(db):
    rows = StructRows(select(*TABLE.c).where(MOST), Row).all(db, {"most": 1})

    assert sorted(rows, key=lambda row: row.id) == ROWS


def test_no_rows_are_none(db):
    assert StructRows(select(*TABLE.c).where(MOST), Row).all(db, {"most": 100}) == []


def test_a_limit_holds(db):
    statement = select(*TABLE.c).where(MOST).order_by(TABLE.c.id.desc()).limit(bindparam("limit"))

    rows = StructRows(statement, Row).all(db, {"most": 1, "limit": 3})

    assert {row.id for row in rows} == {6, 7, 8}
