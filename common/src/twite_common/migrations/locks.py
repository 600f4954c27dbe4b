"""Running migrations one at a time, without making others wait behind their locks.

A statement that changes a table of PostgreSQL waits until nobody uses it, and whoever comes later waits behind that
statement. So it gives up soon, lets the others go first, and tries again.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from twite_common.errors import Unavailable
from twite_common.sql import engines

LOCK_TIMEOUT_SECONDS = 1.0
"""For so long a statement of a migration waits for a lock, and others behind it."""
PAUSE_SECONDS = 2.0
"""Before a migration tries again."""
TIMEOUT_SECONDS = 120.0
"""After so long without getting its locks a migration gives up."""
TURN_SECONDS = 1800.0
"""For so long one process waits for another that migrates the same database."""
LOOK_SECONDS = 0.2

_ADVISORY_LOCK = 0x5477697465
"""The lock that means "somebody migrates this database"; the letters of Twite."""
_BUSY = {"55P03", "40P01"}
"""PostgreSQL's codes for a lock that wasn't to be had in time, and for a deadlock."""


def engine(url: str) -> Engine:
    """Return the engine in which migrations run: each in one transaction, on SQLite too."""
    if not engines.is_sqlite(url):
        options = f"-c lock_timeout={LOCK_TIMEOUT_SECONDS:.0f}s"
        connect_args = engines.postgresql_options(options)
        return create_engine(engines.normal(url), connect_args=connect_args, poolclass=NullPool)
    # The driver would begin a transaction before the first change of a row only, and so change tables outside of it.
    made = create_engine(url, connect_args={"isolation_level": None, "timeout": LOCK_TIMEOUT_SECONDS})
    event.listen(made, "begin", _begin_immediate)
    event.listen(made, "connect", _without_references)
    return made


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _without_references(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # A table of SQLite is changed by making a new one, so that for a moment rows point at nothing.
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = OFF")
    cursor.close()


@contextmanager
def alone(url: str) -> Iterator[None]:
    """Wait until no other process migrates this database, and keep others waiting until the block ends.

    Raises Unavailable when that takes too long.
    """
    if engines.is_sqlite(url):
        with _folder_locked(make_url(url).database):
            yield
    else:
        with _advisory_lock(url):
            yield


def patiently(migrate: Callable[[], object]) -> None:
    """Run migrations, again and again while others keep them from the locks that they need.

    Raises Unavailable when they don't get them for two minutes.
    """
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while True:
        try:
            migrate()
        except DBAPIError as error:
            if not _is_busy(error):
                raise
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"The database couldn't be brought up to date, because others used its tables for "
                    f"{TIMEOUT_SECONDS:.0f} s without a pause (a backup, a report?). What was done so far is kept; "
                    "try again later."
                ) from error
            time.sleep(PAUSE_SECONDS)
        else:
            return


def _is_busy(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) in _BUSY or "database is locked" in str(error.orig)


@contextmanager
def _folder_locked(file: str | None) -> Iterator[None]:
    """Hold the lock of the folder in which an SQLite file is.

    Not of the file: closing it would let go of the locks that this process holds there through SQLite.
    """
    if not file or file == ":memory:":
        yield
        return
    descriptor = os.open(Path(file).parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _wait_for(lambda: _flock(descriptor))
        yield
    finally:
        os.close(descriptor)


def _flock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _advisory_lock(url: str) -> Iterator[None]:
    made = create_engine(
        engines.normal(url),
        isolation_level="AUTOCOMMIT",
        connect_args=engines.postgresql_options(),
        poolclass=NullPool,
    )
    with made.connect() as connection:
        _wait_for(
            lambda: bool(connection.exec_driver_sql("SELECT pg_try_advisory_lock(%s)", (_ADVISORY_LOCK,)).scalar())
        )
        # It is let go of when the connection is closed.
        yield


def _wait_for(taken: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TURN_SECONDS
    while not taken():
        if time.monotonic() > deadline:
            raise Unavailable(f"Another process has been migrating this database for {TURN_SECONDS / 60:.0f} minutes.")
        time.sleep(LOOK_SECONDS)
