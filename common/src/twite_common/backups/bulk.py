"""Filling empty tables with many rows at once, as a restore does.

Rows go in by the driver's own way (COPY, `executemany`) without the indexes and references that could be kept up row by
row; those are made, and checked, when all rows are there. All of it is one transaction.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError, OperationalError

from twite_common import disk
from twite_common.errors import Unavailable
from twite_common.migrations import locks

INDEXES = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    # Not those of primary keys and unique constraints, which rows in the order of their keys fill fast enough.
    "postgresql": """
        SELECT quote_ident(relname), pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON oid = indexrelid
        WHERE relnamespace = current_schema()::regnamespace
          AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x'))""",
}
REFERENCES = """
    SELECT conrelid::regclass, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
"""
_UNFIT = (
    psycopg.IntegrityError,
    psycopg.DataError,
    psycopg.ProgrammingError,
    sqlite3.IntegrityError,
    sqlite3.DataError,
    sqlite3.ProgrammingError,
    sqlite3.InterfaceError,
    # A text or a number that no column holds.
    UnicodeError,
    OverflowError,
)


class Unfit(Exception):
    """Rows don't fit into their tables."""


@contextmanager
def filling(url: str) -> Iterator[Connection]:
    """Give a connection for `fill`; when the block ends well, its rows are checked and kept.

    Raises Unfit for rows that break a rule of their table or point at nothing, Unavailable when the database can't be
    reached or is full.
    """
    engine = locks.engine(url)
    try:
        with engine.begin() as db:
            indexes = _drop_indexes(db)
            references = _drop_references(db) if db.dialect.name == "postgresql" else []
            yield db
            for statement in (*indexes, *references):
                db.exec_driver_sql(statement)
            if db.dialect.name == "sqlite" and db.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise Unfit("Rows refer to rows that don't exist.")
            if db.dialect.name == "postgresql":
                # Its plans follow from how many rows there are, which it would find out only minutes later.
                db.exec_driver_sql("ANALYZE")
    except OperationalError as error:
        raise _unavailable(error.orig) from error
    except DatabaseError as error:
        raise Unfit(str(error.orig)) from error
    except (psycopg.OperationalError, sqlite3.OperationalError) as error:
        raise _unavailable(error) from error
    finally:
        engine.dispose()


def fill(db: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Put rows into a table and return how many there were. Raises Unfit for one that the table can't hold."""
    raw = db.connection.driver_connection
    try:
        if isinstance(raw, psycopg.Connection):
            return _copy(raw, table, columns, rows)
        names = ", ".join(f'"{name}"' for name in columns)
        places = ", ".join("?" * len(columns))
        # A name of a table or column comes from the database's own schema.
        return int(raw.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({places})', rows).rowcount)  # type: ignore[union-attr]  # noqa: S608 # the driver's connection
    except _UNFIT as error:
        raise Unfit(str(error)) from error


def _copy(raw: psycopg.Connection[Any], table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with raw.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
        return cursor.rowcount


def _drop_indexes(db: Connection) -> list[str]:
    """Drop the indexes that can be made again, and return the statements that do so."""
    indexes = db.exec_driver_sql(INDEXES[db.dialect.name]).all()
    for name, _ in indexes:
        db.exec_driver_sql(f"DROP INDEX {name}")
    return [statement for _, statement in indexes]


def _drop_references(db: Connection) -> list[str]:
    references = db.exec_driver_sql(REFERENCES).all()
    for table, name, _ in references:
        db.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    return [f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}" for table, name, definition in references]


def _unavailable(error: BaseException | None) -> Unavailable:
    if any(word in str(error).lower() for word in ("full", "no space")):
        return disk.Full()
    return Unavailable(f"The database is unavailable at the moment: {error}")
