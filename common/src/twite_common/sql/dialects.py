"""SQL that differs between SQLite and PostgreSQL, except the full-text index (`full_text`)."""

from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from typing import Any, Self

import msgspec
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Dialect,
    FromClause,
    Integer,
    String,
    Table,
    Text,
    TypeDecorator,
    and_,
    bindparam,
    literal,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeEngine

from twite_common.sql.types import AnySelect

BigId = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit key. SQLite reads a row by its key in one step only when the column's type is plain INTEGER."""


def notify(db: Connection, channel: str) -> None:
    """Wake those who listen on a channel of PostgreSQL once this transaction is committed; SQLite has none."""
    if db.dialect.name == "postgresql":
        db.exec_driver_sql("SELECT pg_notify(%s, '')", (channel,))


def forget_words(db: Connection, *, pages: int, anew: bool) -> None:
    """Take words of posts that are gone out of SQLite's full-text index, writing at most so many of its pages.

    They stay in its parts until these are made one, which is begun `anew`, or gone on with. PostgreSQL takes them out
    when it vacuums.
    """
    if db.dialect.name == "sqlite":
        # FTS5, "The merge command": a negative number begins.
        db.exec_driver_sql(
            "INSERT INTO post_search (post_search, rank) VALUES ('merge', ?)", (-pages if anew else pages,)
        )


def upsert(table: Table) -> Insert:
    """Return an INSERT for either database that can say what happens to a row that is there already.

    Follow it with `on_conflict_do_nothing()` or `on_conflict_do_update(…)`. SQLAlchemy has the statement once for each
    database. They are written alike, and SQLite's compiler takes PostgreSQL's.
    """
    return postgresql.insert(table)


class Condition(FunctionElement[bool]):
    """A condition that each database is asked in its own words."""

    type = Boolean()

    def self_group(self, against: OperatorType | None = None) -> Self:  # noqa: ARG002 - the base's parameter
        """Return the condition as it is: it would be compared with 1 for SQLite, which then looks at every row."""
        return self


class _Values(TypeDecorator[Sequence[int | str]]):
    """Values in one parameter: an array for PostgreSQL, JSON for SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, texts: bool) -> None:
        super().__init__()
        self.texts = texts

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(ARRAY(Text() if self.texts else BigInteger()))
        return dialect.type_descriptor(Text())

    def process_bind_param(
        self, value: Sequence[int | str] | None, dialect: Dialect
    ) -> Sequence[int | str] | str | None:
        return value if dialect.name == "postgresql" else msgspec.json.encode(value).decode()


class Among(Condition):
    """The condition that `among` returns."""

    name = "among"
    inherit_cache = True


def among(column: ColumnElement[int] | ColumnElement[str], name: str) -> ColumnElement[bool]:
    """Return the condition that a column's value is one of those in the parameter `name`, a list.

    The list is one value, so that a statement is the same text whatever its length: SQLAlchemy doesn't write it anew
    each time, and PostgreSQL keeps its plan, which takes many times longer to make than to follow.
    """
    return Among(column, bindparam(name, type_=_Values(texts=isinstance(column.type, String))))


@compiles(Among, "sqlite")
def _among_json(element: Among, compiler: SQLCompiler, **options: object) -> str:
    column, values = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({column} IN (SELECT value FROM json_each({values})))"  # noqa: S608 - made of columns and a parameter


@compiles(Among, "postgresql")
def _among_array(element: Among, compiler: SQLCompiler, **options: object) -> str:
    column, values = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({column} = ANY ({values}))"


class Bytewise(FunctionElement[str]):
    """A text in the order of its code points, whatever the database's language: what begins alike stands together."""

    type = Text()
    name = "bytewise"
    inherit_cache = True


@compiles(Bytewise, "sqlite")
def _bytewise_as_it_is(element: Bytewise, compiler: SQLCompiler, **options: object) -> str:
    return compiler.process(element.clauses, **options)


@compiles(Bytewise, "postgresql")
def _bytewise_collated(element: Bytewise, compiler: SQLCompiler, **options: object) -> str:
    return f'({compiler.process(element.clauses, **options)} COLLATE "C")'


LAST_CHARACTER = "\U0010ffff"


def starts_with(column: ColumnElement[str], name: str) -> ColumnElement[bool]:
    """Return the condition that a text begins with the parameter `name`: a range of an index on `Bytewise(column)`."""
    prefix = bindparam(name, type_=Text)
    return and_(Bytewise(column) >= prefix, Bytewise(column) < prefix.concat(literal(LAST_CHARACTER)))


class _NewestFirst(FunctionElement[int]):
    name = "newest_first"
    inherit_cache = True


def newest_first(ids: AnySelect) -> FromClause:
    """Return what has a statement's `id`, which are posts', put in order before anything is joined to them.

    To be read with `ORDER BY id DESC`: what is joined is looked at for as many as are wanted.
    """
    return _NewestFirst(ids.correlate(None).scalar_subquery()).table_valued(Column("id", BigInteger)).alias("found")


@compiles(_NewestFirst, "sqlite")
def _newest_by_key(element: _NewestFirst, compiler: SQLCompiler, **options: object) -> str:
    # Such a list is kept in order, and the key follows it.
    return f"(SELECT id FROM post WHERE id IN {compiler.process(element.clauses, **options)})"  # noqa: S608 - made of a statement


@compiles(_NewestFirst, "postgresql")
def _newest_sorted(element: _NewestFirst, compiler: SQLCompiler, **options: object) -> str:
    # Neither is there an index of "id + 0" to walk through, nor does "OFFSET 0" let it be mixed with the rest.
    statement = compiler.process(element.clauses, **options)
    return f"(SELECT id + 0 AS id FROM {statement} AS one ORDER BY id + 0 DESC OFFSET 0)"  # noqa: S608 - made of a statement


class InNetwork(Condition):
    """The condition that a column's address is within a network; what isn't an address is in none.

    Takes the column and the network as `ipaddress` writes it. An address of IPv4 may be written as one of IPv6.
    """

    name = "in_network"
    inherit_cache = True


@compiles(InNetwork, "sqlite")
def _in_network_by_function(element: InNetwork, compiler: SQLCompiler, **options: object) -> str:
    return f"in_network({compiler.process(element.clauses, **options)})"


@compiles(InNetwork, "postgresql")
def _in_network_by_inet(element: InNetwork, compiler: SQLCompiler, **options: object) -> str:
    address, network = (compiler.process(clause, **options) for clause in element.clauses)
    plain = f"regexp_replace({address}, '^::ffff:(?=[0-9.]+$)', '')"
    is_address = rf"{plain} ~ '^(\d{{1,3}}\.){{3}}\d{{1,3}}$|^[0-9a-f:]*:[0-9a-f:]*$'"
    return f"(CASE WHEN {is_address} THEN CAST({plain} AS inet) <<= CAST({network} AS inet) ELSE false END)"


def is_in_network(address: str, network: str | None) -> bool:
    """Answer for SQLite, which calls this function, what `InNetwork` asks."""
    try:
        plain = ip_address(address.removeprefix("::ffff:") if "." in address else address)
    except ValueError:
        return False
    return network is not None and plain in ip_network(network)
