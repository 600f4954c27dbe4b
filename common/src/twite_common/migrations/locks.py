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
from sqlalchemy.pool import ConnectionPoolEntry

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

_TRY_LOCK = "SELECT pg_try_advisory_xact_lock(362780652645)"
"""Takes the lock that means "somebody migrates this database"; the letters of Twite."""
_BUSY = {"55P03", "40P01"}
"""PostgreSQL's codes for a lock that wasn't to be had in time, and for a deadlock."""


def engine(url: str) -> Engine:
    """Return the engine in which migrations run: each in one transaction, on SQLite too."""
    if not engines.is_sqlite(url):
        made = engines.postgresql_engine(url)
        engines.set_in_transactions(made, "lock_timeout", LOCK_TIMEOUT_SECONDS)
        return made
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
    with engines.postgresql_engine(url).connect() as connection:
        _wait_for(lambda: _try_lock(connection))
        # It is let go of when the transaction ends: a session may be a pooler's, which keeps it.
        yield


def _try_lock(connection: Connection) -> bool:
    """Begin a transaction that holds the lock; return False when another has it.

    Whoever makes an index concurrently waits for the end of each transaction that looks at the database meanwhile. So
    one that has no lock is ended, and one that has it looks at nothing: a statement with parameters would for as long
    as nothing follows it.
    """
    taken = bool(connection.exec_driver_sql(_TRY_LOCK).scalar())
    if not taken:
        connection.rollback()
    return taken


def _wait_for(taken: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TURN_SECONDS
    while not taken():
        if time.monotonic() > deadline:
            raise Unavailable(f"Another process has been migrating this database for {TURN_SECONDS / 60:.0f} minutes.")
        time.sleep(LOOK_SECONDS)
