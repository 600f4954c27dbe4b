"""How SQLite and PostgreSQL are connected to, and how they tell of changes."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from threading import Event
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, NullPool, PoolProxiedConnection

from twite_common.sql import prepared
from twite_common.sql.dialects import is_in_network

PRAGMAS = (
    "journal_mode = WAL",
    "foreign_keys = ON",
    "cache_size = -4000",
    "temp_store = MEMORY",
    # What is deleted is overwritten: people's words don't stay in the file. Posting takes no measurable time longer.
    "secure_delete = ON",
)
SQLITE_BUSY_MS = 10_000
SQLITE_LOG_SECONDS = 0.2
"""How long writers may wait for the log to be emptied."""
POOL_TIMEOUT_SECONDS = 15
RECYCLE_SECONDS = 1800
"""How long a connection is used before it is made anew."""
CONNECT_SECONDS = 10
LOOK_CONNECT_SECONDS = 5
"""The same for whoever only looks what state a database is in, and waits for the answer."""
LOOK_STATEMENT_SECONDS = 8
POSTGRESQL_OPTIONS: dict[str, Any] = {
    "application_name": "twite",
    "connect_timeout": CONNECT_SECONDS,
    # A server whose machine or network is gone says nothing more: it is noticed within a minute.
    "keepalives_idle": 20,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 45_000,
}
SQLITE_LOOK_SECONDS = 0.1
POSTGRESQL_LOOK_SECONDS = 5.0
POSTGRESQL_WAKE_SECONDS = 0.25
"""How soon a listener that is to stop does."""
POOLER_LOOK_SECONDS = 0.25
"""How soon a listener behind a pooler learns of what others have committed."""
START_SESSION = "SELECT pg_backend_pid(), set_config('jit', 'off', false)"
"""Compiling a plan to machine code pays for reports that read millions of rows; Twite has none.

It does no harm that a pooler gives the session to others afterwards: they are Twite's, too.
"""
_POOLED = "twite_pooled"
"""Key, in a connection's `info`, of whether there is a pooler such as pgbouncer between it and PostgreSQL."""


def reading_engine(url: str, connections: int) -> Engine:
    """Return an engine whose connections can't write."""
    if is_sqlite(url):
        engine = _sqlite_engine(url, connections)
        event.listen(engine, "connect", _refuse_writes)
        _begin_with(engine, "BEGIN")
        return prepared.use(engine)
    return prepared.use(_postgresql_engine(url, connections, read_only=True))


def writing_engine(url: str, writers: int, synchronous: str) -> Engine:
    """Return an engine for writing transactions; no more than `writers` of them run at once.

    Where SQLite has a log, `FULL` is left to whoever commits (`sql.log_sync`).
    """
    if is_sqlite(url):
        engine = _sqlite_engine(url, writers)

        def set_synchronous(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
            by_log = synchronous == "FULL" and _pragma(connection, "journal_mode") == "wal"
            _pragma(connection, f"synchronous = {'NORMAL' if by_log else synchronous}")

        event.listen(engine, "connect", set_synchronous)
        _begin_with(engine, "BEGIN IMMEDIATE")
        return prepared.use(engine)
    # Without the option psycopg's count of inserted rows is gone once an INSERT has been executed.
    return prepared.use(_postgresql_engine(url, writers, read_only=False).execution_options(preserve_rowcount=True))


def looking_engine(url: str) -> Engine:
    """Return an engine for a look at the state of a database, which fails soon where there is no answer."""
    if is_sqlite(url):
        return create_engine(url)
    engine = postgresql_engine(url, connect_timeout=LOOK_CONNECT_SECONDS)
    set_in_transactions(engine, "statement_timeout", LOOK_STATEMENT_SECONDS)
    return engine


def postgresql_engine(url: str, **options: Any) -> Engine:
    """Return an engine for PostgreSQL whose connections are made for one use each; `options` are libpq's."""
    engine = create_engine(normal(url), connect_args=POSTGRESQL_OPTIONS | options, poolclass=NullPool)
    event.listen(engine, "connect", _start_session)
    return engine


def set_in_transactions(engine: Engine, parameter: str, seconds: float) -> None:
    """Set one of PostgreSQL's times in all transactions of an engine.

    Outside of them, too, except behind a pooler: there it would be set for others, who get the session next.
    """

    def set_parameter(connection: Connection) -> None:
        pooled = is_pooled(connection)
        if not (pooled and _psycopg(connection.connection.driver_connection).autocommit):
            scope = "LOCAL" if pooled else "SESSION"
            connection.exec_driver_sql(f"SET {scope} {parameter} = {seconds * 1000:.0f}")

    event.listen(engine, "begin", set_parameter)


def writers_at_once(url: str, writers: int) -> int:
    """Return how many of so many writers a database lets write at once.

    SQLite has one at a time: more would only wait inside it, out of order.
    """
    return 1 if is_sqlite(url) else writers


def is_pooled(connection: Connection) -> bool:
    """Say whether there is a pooler between a connection and PostgreSQL, which may give its session to others."""
    return bool(connection.connection.info.get(_POOLED))


def is_sqlite(url: str) -> bool:
    """Say whether an address names an SQLite file."""
    return make_url(url).get_backend_name() == "sqlite"


def normal(url: str) -> str:
    """Return the address with the driver that Twite uses: psycopg 3 for PostgreSQL."""
    parsed = make_url(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    return parsed.render_as_string(hide_password=False)


def empty_log(url: str) -> None:
    """Have SQLite write its log into the file and empty it: what was overwritten stands there a while longer.

    Does nothing where somebody reads from the log just now, and on PostgreSQL, which reuses its own.
    """
    if not is_sqlite(url):
        return
    with closing(sqlite3.connect(make_url(url).database or "", timeout=SQLITE_LOG_SECONDS)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def changes(url: str, channel: str, stopped: Event) -> Iterator[None]:
    """Yield whenever somebody may have committed something that was told of with `notify`, until `stopped`.

    On SQLite that is any commit, looked for ten times a second. PostgreSQL wakes at once; all the same there is a yield
    every few seconds, because a connection can be dead for a while before that shows. Behind a pooler nobody is woken,
    and there is one four times a second. Raises the driver's errors.
    """
    engine = reading_engine(url, 1)
    try:
        with closing(engine.raw_connection()) as connection:
            if is_sqlite(url):
                yield from _versions(connection, stopped)
            elif connection.info[_POOLED]:
                while not stopped.wait(POOLER_LOOK_SECONDS):
                    yield
            else:
                try:
                    yield from _notifications(connection, channel, stopped)
                except psycopg.OperationalError as error:
                    # Otherwise the pool would find out by rolling back, and log that with a traceback.
                    connection.invalidate(error)
                    raise
    finally:
        engine.dispose()


def _versions(connection: PoolProxiedConnection, stopped: Event) -> Iterator[None]:
    """Yield when SQLite's count of other connections' commits has changed."""
    cursor = connection.cursor()
    before = None
    while not stopped.wait(SQLITE_LOOK_SECONDS):
        cursor.execute("PRAGMA data_version")
        version = cursor.fetchone()
        if version != before:
            before = version
            yield


def _notifications(connection: PoolProxiedConnection, channel: str, stopped: Event) -> Iterator[None]:
    raw = _psycopg(connection.driver_connection)
    raw.rollback()
    raw.autocommit = True
    raw.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
    yield
    looked = time.monotonic()
    while not stopped.is_set():
        heard = [1 for _ in raw.notifies(timeout=POSTGRESQL_WAKE_SECONDS, stop_after=1)]
        if heard or time.monotonic() - looked >= POSTGRESQL_LOOK_SECONDS:
            looked = time.monotonic()
            yield


def _sqlite_engine(url: str, connections: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        pool_reset_on_return=None,
        # A parameter that a statement has many times is given to the driver once.
        paramstyle="named",
        # Failures are logged; what was sent with a statement is not for the log.
        hide_parameters=True,
        # isolation_level None: the driver sends no BEGIN of its own, ours says which kind it is.
        connect_args={
            "check_same_thread": False,
            "isolation_level": None,
            "timeout": SQLITE_BUSY_MS / 1000,
            "cached_statements": 512,
        },
    )
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _postgresql_engine(url: str, connections: int, *, read_only: bool) -> Engine:
    engine = create_engine(
        normal(url),
        pool_size=connections,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        pool_pre_ping=False,
        pool_recycle=RECYCLE_SECONDS,
        hide_parameters=True,
        connect_args=POSTGRESQL_OPTIONS,
    )

    def set_mode(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        _psycopg(connection).read_only = read_only

    event.listen(engine, "connect", _start_session)
    event.listen(engine, "connect", set_mode)
    return engine


def _start_session(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    raw = _psycopg(connection)
    raw.autocommit = True
    [(process, _)] = raw.execute(START_SESSION).fetchall()
    raw.autocommit = False
    # A pooler has told a number of its own instead of that of the server's process.
    entry.info[_POOLED] = process != raw.info.backend_pid
    if entry.info[_POOLED]:
        # What is prepared is in one of the pooler's sessions, and the next transaction may be in another.
        raw.prepare_threshold = None


def _psycopg(connection: object) -> psycopg.Connection[Any]:
    assert isinstance(connection, psycopg.Connection)  # noqa: S101 - narrows the type
    return connection


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    for pragma in PRAGMAS:
        _pragma(connection, pragma)
    if isinstance(connection, sqlite3.Connection):
        connection.create_function("in_network", 2, is_in_network, deterministic=True)


def _refuse_writes(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    _pragma(connection, "query_only = ON")


def _pragma(connection: DBAPIConnection, pragma: str) -> object:
    """Execute a pragma, and return the value that it gives, if any."""
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA {pragma}")
    row = cursor.fetchone()
    cursor.close()
    return row[0] if row else None


def _begin_with(engine: Engine, statement: str) -> None:
    """Have each transaction of an engine begin with this statement."""

    def begin(dbapi_connection: PoolProxiedConnection) -> None:
        dbapi_connection.cursor().execute(statement)

    # Not by the event "begin": an engine on which somebody listens takes a fifth longer for each small statement.
    engine.dialect.do_begin = begin  # type: ignore[method-assign] # the place that SQLAlchemy has for it
