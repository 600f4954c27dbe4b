"""The two ways in: `reading()` and `writing()`, to be opened in the thread that does the work.

What a writing transaction dispatched through the outbox is handed over after its commit, never before.
"""

import logging
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import psycopg
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from twite_common import clock, disk, ids, replica
from twite_common.announcer import Announcer
from twite_common.errors import Conflict, DatabaseAway, Kept, Unavailable
from twite_common.processes.fair_semaphore import FairSemaphore
from twite_common.processes.outage_log import Outage
from twite_common.queries.operations import newest_ids
from twite_common.queries.timelines.stream_events import CHANNEL
from twite_common.replica import Replica
from twite_common.settings import Settings
from twite_common.sql import dialects, engines
from twite_common.sql.kept_connections import KeptConnections
from twite_common.sql.log_sync import LogSync
from twite_common.translations import gettext as _
from twite_common.translations import marked

log = logging.getLogger(__name__)

__all__ = ["Connection", "Database", "TaskMessage", "connect", "dispatch", "mark_streamed"]

RECENT_SECONDS = 1.0
"""How old what strangers see may be, as it is where a proxy keeps pages for them."""
AWAY = marked("The database is unavailable at the moment. Please try again.")
_DISPATCHED = "twite_dispatched"
"""Key, in a writing connection's `info`, of what its transaction has dispatched."""
_STREAMED = "twite_streamed"
"""The same, of whether its transaction has written down something for listeners."""
_TELLS = "twite_tells"
"""The same, of whether other processes are told by the transaction itself, because nobody does so afterwards."""


class TaskMessage(NamedTuple):
    """A task that a committed row asks for: the task's name and the row's id. A hint; the row decides."""

    task: str
    id: int


class _Position(NamedTuple):
    """Where the database's log was, and when, by the monotonic clock."""

    position: int
    at: float


Dispatch = Callable[[Sequence[TaskMessage]], None]


def dispatch(db: Connection, task: str, id: int) -> None:
    """Have a task started once this writing transaction is committed; where it isn't, nothing happens."""
    db.info.setdefault(_DISPATCHED, []).append(TaskMessage(task, id))


def mark_streamed(db: Connection) -> bool:
    """Have listeners told once this writing transaction is committed; return whether it is to tell other processes."""
    first = not db.info.get(_STREAMED)
    db.info[_STREAMED] = True
    return first and db.info.get(_TELLS, True)


class Database:
    """One database and its connections; a process makes one and keeps it.

    `dispatch` is called with what was dispatched after each commit, `streamed` after each commit that wrote down
    something for listeners; they must not block or raise. With `follows_ids` the ids that this process makes lie above
    those that the database has. `replica` is the address of a copy that follows the database, if there is one.
    `in_process` says that this process itself runs the statements, as with SQLite.
    """

    def __init__(
        self,
        url: str,
        *,
        readers: int = 32,
        writers: int = 4,
        synchronous: str = "FULL",
        dispatch: Dispatch | None = None,
        follows_ids: bool = False,
        replica: str = "",
    ) -> None:
        self.url = url
        self.in_process = engines.is_sqlite(url)
        self._follows_ids = follows_ids
        self.dispatch = dispatch
        self._announcer: Announcer | None = None
        self.streamed: Callable[[], None] | None = None
        self._reading = engines.reading_engine(url, readers)
        self._readers = KeptConnections(self._reading, readers)
        at_once = engines.writers_at_once(url, writers)
        self._turns = FairSemaphore(at_once, timeout_seconds=engines.POOL_TIMEOUT_SECONDS)
        self._writing = engines.writing_engine(url, at_once, synchronous)
        self._log_sync = LogSync(url) if self.in_process and synchronous == "FULL" else None
        self._outage = Outage()
        self._replica = Replica(replica, readers) if replica else None
        self._recent = _Position(0, float("-inf"))

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that can't change the database.

        On SQLite it sees one moment. On PostgreSQL each statement sees its own, without a transaction;
        `snapshot` has one. Raises Unavailable when the database can't be reached.
        """
        try:
            kept = self._readers.take()
            try:
                yield kept.connection
            except BaseException as error:
                self._readers.give_back(kept, error)
                raise
            self._readers.give_back(kept)
        except (OperationalError, PoolTimeoutError) as error:
            raise self._unavailable(error) from error
        self._outage.end()

    def position(self, db: Connection) -> int | None:
        """Return where `reading_replica` has to be to show what was acknowledged by now; None where there is none."""
        return replica.position(db) if self._replica else None

    @contextmanager
    def reading_replica(self, since: int | None) -> Iterator[Connection]:
        """Give a connection as `reading` does, to the replica where that has what `position` returned.

        Raises Unavailable when neither can be reached.
        """
        if self._replica is None or since is None:
            with self.reading() as db:
                yield db
            return
        try:
            with self._replica.reading(since) as db:
                if db is not None:
                    yield db
                    return
        except OperationalError as error:
            raise self._unavailable(error) from error
        with self.reading() as db:
            yield db

    @contextmanager
    def reading_recent(self) -> Iterator[Connection]:
        """Give a connection as `reading` does, to the replica where that has what was acknowledged a second ago.

        For those who can't have done anything before: strangers. Raises Unavailable when neither can be reached.
        """
        with self.reading_replica(self._recent_position()) as db:
            yield db

    def _recent_position(self) -> int | None:
        """Return a position that the database had at most a second ago; None where there is no replica."""
        if self._replica is None:
            return None
        now = time.monotonic()
        if now - self._recent.at > RECENT_SECONDS:
            with self.reading() as db:
                self._recent = _Position(replica.position(db), now)
        return self._recent.position

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Give a reading connection that sees one and the same moment for as long as it is open, as backups need.

        Raises Unavailable when the database can't be reached.
        """
        with self.reading() as connection:
            if connection.dialect.name == "postgresql":
                # Otherwise each statement would see its own moment. Behind a pooler the driver begins by itself.
                if engines.is_pooled(connection):
                    connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                else:
                    connection.exec_driver_sql("BEGIN ISOLATION LEVEL REPEATABLE READ")
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose changes are kept all together when the block ends well, or not at all.

        Raises Unavailable when the database stays locked, is full, or can't be reached, Conflict when another
        transaction got there first with something that can be only once. Kept is raised once the changes are kept.
        """
        kept: Kept | None = None
        try:
            with self._turns.turn(), self._writing.connect() as connection:
                dispatched: list[TaskMessage] = []
                connection.info[_DISPATCHED] = dispatched
                connection.info[_STREAMED] = False
                connection.info[_TELLS] = self._announcer is None
                with connection.begin():
                    if self._follows_ids:
                        self._follow(connection)
                        self._follows_ids = False
                    try:
                        yield connection
                    except Kept as error:
                        kept = error
                streamed = connection.info[_STREAMED]
        except (OperationalError, PoolTimeoutError) as error:
            raise self._unavailable(error) from error
        except IntegrityError as error:
            raise Conflict(_("Someone else changed the same thing at the same time. Please try again.")) from error
        self._outlast_power_failure()
        self._outage.end()
        if dispatched and self.dispatch is not None:
            self.dispatch(dispatched)
        if streamed and self._announcer is not None:
            self._announcer.announce()
        if streamed and self.streamed is not None:
            self.streamed()
        if kept is not None:
            raise kept

    def _outlast_power_failure(self) -> None:
        """Wait until what was committed is on the disk, where the database doesn't do so by itself."""
        if self._log_sync is None:
            return
        try:
            self._log_sync.wait()
        except OSError as error:
            raise Unavailable(_(AWAY)) from error

    def announce(self, publish: Callable[[], None] | None = None) -> None:
        """Have other processes told after commits, by `publish` or a notification, instead of by the commits."""
        self._announcer = Announcer(publish or self._notify)

    def _notify(self) -> None:
        with self.reading() as connection:
            dialects.notify(connection, CHANNEL)

    def empty_log(self) -> None:
        """Empty SQLite's log, in which what was deleted stands a while longer, unless somebody reads from it now."""
        try:
            engines.empty_log(self.url)
        except sqlite3.OperationalError as error:
            log.warning("log_not_emptied %s", {"error": str(error)})

    def follow_ids(self) -> None:
        """Have this process's next ids lie above those that the database has by now.

        A process does so every few seconds: the clocks of others may be ahead of its own, or its own be set back.
        Raises Unavailable when the database can't be reached.
        """
        with self.reading() as connection:
            self._follow(connection)

    def _follow(self, connection: Connection) -> None:
        now = clock.now()
        ids.follow(newest_ids.before(connection, ids.first_at(now + ids.MAX_AHEAD_MS)), now)

    def _unavailable(self, error: Exception) -> Unavailable:
        failure = _unavailable(error)
        if isinstance(failure, DatabaseAway):
            self._outage.begin(error)
        return failure

    def close(self) -> None:
        """Close every connection, after other processes were told what there is to tell."""
        if self._announcer is not None:
            self._announcer.close()
        if self._replica is not None:
            self._replica.close()
        self._readers.close()
        self._reading.dispose()
        self._writing.dispose()


def connect(
    settings: Settings,
    dispatch: Dispatch | None = None,
    *,
    publish: Callable[[], None] | None = None,
    readers: int | None = None,
) -> Database:
    """Return the database that the settings name; without `readers`, each thread that answers requests may read.

    `publish` tells other processes that there is something new for listeners; without it, the database does.
    """
    database = Database(
        settings.database_url,
        # One more than requests have threads, for whoever asks whether the site is there.
        readers=min(readers or settings.threads + 1, settings.threads + 1),
        writers=settings.database_writers,
        synchronous=settings.sqlite_synchronous,
        dispatch=dispatch,
        follows_ids=True,
        replica=settings.database_replica,
    )
    # SQLite has no notifications: who listens sees that its file has changed.
    if publish is not None or not engines.is_sqlite(settings.database_url):
        database.announce(publish)
    return database


def _unavailable(error: Exception) -> Unavailable:
    reason = str(getattr(error, "orig", error)).lower()
    if "full" in reason or "no space" in reason:
        return disk.Full()
    if isinstance(getattr(error, "orig", None), psycopg.errors.ConnectionTimeout):
        return DatabaseAway(_(AWAY))
    if any(word in reason for word in ("locked", "busy", "timeout", "deadlock")):
        return Unavailable(_("The server is too busy at the moment. Nothing was changed; please try again."))
    return DatabaseAway(_(AWAY))
