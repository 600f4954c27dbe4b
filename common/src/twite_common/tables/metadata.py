"""The metadata that all tables belong to, and column types that they share."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    false,
    text,
    true,
)

from twite_common.sql.dialects import BigId

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def key(name: str = "id") -> Column[int]:
    """Return the primary key of a table whose ids `twite_common.ids` makes."""
    return Column(name, BigId, primary_key=True, autoincrement=False)


def reference(name: str, target: str, *, optional: bool = False, **options: Any) -> Column[int]:
    """Return a column that points at a row; when that row goes, this one goes too, or forgets it if optional."""
    on_delete = "SET NULL" if optional else "CASCADE"
    return Column(name, BigId, ForeignKey(target, ondelete=on_delete), nullable=optional, **options)


def moment(name: str, *, optional: bool = False, index: bool = False) -> Column[int]:
    """Return a column with a time, in milliseconds since the epoch."""
    return Column(name, BigInteger, nullable=optional, index=index)


def words(name: str, default: str | None = "") -> Column[str]:
    """Return a text column; `default` None means that it may be NULL."""
    if default is None:
        return Column(name, Text, nullable=True)
    escaped = default.replace("'", "''")
    return Column(name, Text, nullable=False, server_default=text(f"'{escaped}'"))


def flag(name: str, *, default: bool = False) -> Column[bool]:
    """Return a yes-or-no column."""
    return Column(name, Boolean, nullable=False, server_default=true() if default else false())


def index_of_files(table: Table, *columns: str) -> None:
    """Have the rows found that name a file in one of these columns; NULL stands for none."""
    for name in columns:
        named = table.c[name].is_not(None)
        Index(f"ix_{table.name}_{name}", table.c[name], sqlite_where=named, postgresql_where=named)


def count(name: str) -> Column[int]:
    """Return a column that counts something, kept by the statement that changes what is counted."""
    return Column(name, Integer, nullable=False, server_default=text("0"))
