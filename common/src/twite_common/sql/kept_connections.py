"""Reading connections that stay open and checked out, so that a short read doesn't pay for more than its statements.

Taking a connection from SQLAlchemy's pool, its transaction and giving it back take longer than most statements. So
SQLAlchemy has each of these in one transaction for as long as it is open, and the driver's own begin and end within.
"""

import sqlite3
import time
from contextlib import suppress
from queue import Empty, LifoQueue

import msgspec
import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from twite_common.sql.engines import POOL_TIMEOUT_SECONDS, RECYCLE_SECONDS, is_pooled

READ_ONLY = "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"
Driver = sqlite3.Connection | psycopg.Connection[tuple[object, ...]]


class Kept(msgspec.Struct, frozen=True):
    """A connection as SQLAlchemy has it and as the driver has it, and when it was opened.

    `opened` is in seconds; `generation` is how often all connections had been closed by then.
    """

    connection: Connection
    driver: Driver
    opened: float
    generation: int


class KeptConnections:
    """The connections of an engine for reading, each for one reader at a time; the one used last is the next to go."""

    def __init__(self, engine: Engine, number: int) -> None:
        self._engine = engine
        self._generation = 0
        # None stands for one that isn't open.
        self._free: LifoQueue[Kept | None] = LifoQueue()
        for _ in range(number):
            self._free.put(None)

    def take(self) -> Kept:
        """Return a connection in a transaction. Raises SQLAlchemy's errors when there is none to be had."""
        try:
            kept = self._free.get(timeout=POOL_TIMEOUT_SECONDS)
        except Empty as error:
            raise PoolTimeoutError("Timeout: all connections are in use.") from error
        try:
            if kept is not None and time.monotonic() - kept.opened > RECYCLE_SECONDS:
                _close(kept)
                kept = None
            kept = kept or self._open()
            # PostgreSQL's statements each see their own moment anyway, and need no transaction around them. Behind a
            # pooler the driver begins one by itself.
            if isinstance(kept.driver, sqlite3.Connection):
                kept.driver.execute("BEGIN")
        except BaseException as error:
            if kept is not None:
                _close(kept)
            self._free.put(None)
            if isinstance(error, sqlite3.Error | psycopg.Error):
                raise OperationalError("BEGIN", None, error) from error
            raise
        return kept

    def give_back(self, kept: Kept, error: BaseException | None = None) -> None:
        """End a connection's transaction; after an error of the database close it, and all if they were cut off."""
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            self.close()
        usable = not isinstance(error, DBAPIError) and kept.generation == self._generation and _end(kept.driver)
        if not usable:
            _close(kept)
        self._free.put(kept if usable else None)

    def close(self) -> None:
        """Close the connections, those in use when they are given back; new ones are opened for whoever asks."""
        self._generation += 1
        free = []
        with suppress(Empty):
            while True:
                free.append(self._free.get_nowait())
        for kept in free:
            if kept is not None:
                _close(kept)
            self._free.put(None)

    def _open(self) -> Kept:
        generation = self._generation
        connection = self._engine.connect()
        connection.begin()
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection | psycopg.Connection)  # noqa: S101 - narrows the type
        driver.commit()
        if isinstance(driver, psycopg.Connection) and not is_pooled(connection):
            driver.autocommit = True
            driver.execute(READ_ONLY)
        return Kept(connection, driver, time.monotonic(), generation)


def _end(driver: Driver) -> bool:
    """End what the driver has begun, if anything; say whether it could: whoever has read has all that they wanted."""
    try:
        if isinstance(driver, sqlite3.Connection) or driver.info.transaction_status != TransactionStatus.IDLE:
            driver.commit()
    except (sqlite3.Error, psycopg.Error):
        return False
    return True


def _close(kept: Kept) -> None:
    with suppress(DBAPIError):
        kept.connection.invalidate()
        kept.connection.close()
