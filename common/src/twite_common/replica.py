"""Reading from a copy that PostgreSQL's streaming replication keeps, as if it were the database itself.

Whoever reads from the copy says up to where it has to be: the position in the database's log (a `pg_lsn`; PostgreSQL,
"System Administration Functions") before which everything is written that was acknowledged. So nobody misses what
they, or anybody else, had done before they asked. A copy that doesn't get there within milliseconds isn't used.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, func, literal_column, select, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from twite_common.errors import Invalid, Unavailable
from twite_common.processes.outage_log import cause
from twite_common.settings import Settings
from twite_common.sql import engines
from twite_common.sql.kept_connections import Kept, KeptConnections
from twite_common.sql.types import AnySelect

log = logging.getLogger(__name__)

WAIT_SECONDS = 0.03
"""How long a reader waits for what the copy doesn't have yet. As a rule it is a millisecond behind."""
LOOK_SECONDS = 0.002
AWAY_SECONDS = 5.0
"""How long a copy that didn't answer isn't asked again: a reader would wait for it each time."""

_START: ColumnElement[str] = literal_column("'0/0'::pg_lsn")


def _as_number(position: ColumnElement[Any]) -> ColumnElement[int]:
    return func.pg_wal_lsn_diff(position, _START).cast(BigInteger)


POSITION = select(_as_number(func.pg_current_wal_flush_lsn()))
"""How far the database's log is written: what was acknowledged lies before."""
REPLAYED = select(
    _as_number(func.pg_last_wal_replay_lsn()).label("position"), func.pg_is_in_recovery().label("follows")
)
"""How far a copy is, and whether it follows a database still: one that was made the primary has its own log."""


_IDENTITY = select(literal_column("system_identifier", type_=BigInteger)).select_from(text("pg_control_system()"))
"""What a database has in common with its copies, and with nothing else."""


def position(db: Connection) -> int:
    """Return up to where a copy has to be to have all that this database has acknowledged, in bytes of its log."""
    return int(db.execute(POSITION).scalar_one())


def behind(settings: Settings) -> int:
    """Return how far the replica is behind the database, in bytes of its log.

    Raises Unavailable when either can't be reached, Invalid when the replica doesn't follow the database.
    """
    own, written = _look(settings.database_url, "the database", POSITION)
    other, replayed, follows = _look(settings.database_replica, "the replica", REPLAYED)
    if other != own:
        raise Invalid("database_replica names the copy of another database.")
    if not follows:
        raise Invalid("the replica follows no database; it isn't used.")
    return max(0, int(written) - int(replayed or 0))


def _look(url: str, name: str, statement: AnySelect) -> tuple[Any, ...]:
    engine = engines.looking_engine(url)
    try:
        with engine.connect() as db:
            return (db.execute(_IDENTITY).scalar_one(), *db.execute(statement).one())
    except DBAPIError as error:
        raise Unavailable(f"{name} can't be reached: {cause(error)}.") from error
    finally:
        engine.dispose()


class Replica:
    """A copy and its connections, which can't write. A process makes one and keeps it."""

    def __init__(self, url: str, readers: int) -> None:
        self._engine = engines.reading_engine(url, readers)
        self._readers = KeptConnections(self._engine, readers)
        self._lock = Lock()
        self._away_until = 0.0
        self._away = False

    @contextmanager
    def reading(self, since: int) -> Iterator[Connection | None]:
        """Give a connection to the copy, which has everything up to a position; None where it can't be had at once.

        Raises the driver's errors when the copy goes away while it is read.
        """
        kept = self._kept(since)
        try:
            yield kept.connection if kept else None
        except BaseException as error:
            if kept:
                self._readers.give_back(kept, error)
            raise
        if kept:
            self._readers.give_back(kept)

    def close(self) -> None:
        """Close every connection."""
        self._readers.close()
        self._engine.dispose()

    def _kept(self, since: int) -> Kept | None:
        if time.monotonic() < self._away_until:
            return None
        try:
            kept = self._readers.take()
        except PoolTimeoutError:
            return None
        except OperationalError as error:
            self._is_away(error)
            return None
        try:
            reaches = self._reaches(kept.connection, since)
        except DBAPIError as error:
            self._readers.give_back(kept, error)
            self._is_away(error)
            return None
        if not reaches:
            self._readers.give_back(kept)
            return None
        return kept

    def _reaches(self, connection: Connection, since: int) -> bool:
        """Wait until the copy is at a position; return whether it got there in time."""
        until = time.monotonic() + WAIT_SECONDS
        while True:
            replayed = connection.execute(REPLAYED).one()
            if not replayed.follows:
                self._is_away(None)
                return False
            self._is_back()
            if replayed.position is not None and replayed.position >= since:
                return True
            if time.monotonic() >= until:
                return False
            time.sleep(LOOK_SECONDS)

    def _is_away(self, error: BaseException | None) -> None:
        with self._lock:
            self._away_until = time.monotonic() + AWAY_SECONDS
            first, self._away = not self._away, True
        if first:
            log.warning("replica_down %s", {"cause": cause(error) if error else "follows no database"})

    def _is_back(self) -> None:
        if not self._away:
            return
        with self._lock:
            was_away, self._away = self._away, False
        if was_away:
            log.warning("replica_up")
