"""Commits on SQLite return once they are on the disk, and share the wait for it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Semaphore

import pytest
from sqlalchemy import text

from twite_common.database import Database
from twite_common.errors import Unavailable
from twite_common.sql import engines, log_sync

SECONDS = 20
MakeDatabase = Callable[..., Database]


class Disk:
    """Takes the place of the call that waits for the disk: each waits until it may go on."""

    def __init__(self) -> None:
        self.begun = Semaphore(0)
        self.may_end = Semaphore(0)
        self.calls = 0
        self.error: OSError | None = None

    def sync(self, _descriptor: int) -> None:
        self.calls += 1
        self.begun.release()
        assert self.may_end.acquire(timeout=SECONDS)
        if self.error is not None:
            raise self.error


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    disk = Disk()
    monkeypatch.setattr(log_sync, "_sync", disk.sync)
    return disk


@pytest.fixture
def make_database(tmp_path: Path) -> MakeDatabase:
    """Make a database with a table of numbers."""

    def make(synchronous: str = "FULL") -> Database:
        database = Database(f"sqlite:///{tmp_path / 'numbers.sqlite'}", synchronous=synchronous)
        with database._writing.begin() as db:
            db.execute(text("CREATE TABLE number (id INTEGER PRIMARY KEY)"))
        return database

    return make


def write(database: Database) -> None:
    with database.writing() as db:
        db.execute(text("INSERT INTO number DEFAULT VALUES"))


def count(database: Database) -> int:
    with database.reading() as db:
        return int(db.scalar(text("SELECT count(*) FROM number")) or 0)


def test_a_commit_returns_once_it_is_on_the_disk(make_database: MakeDatabase, disk: Disk) -> None:
    database = make_database()
    with ThreadPoolExecutor() as threads:
        written = threads.submit(write, database)
        assert disk.begun.acquire(timeout=SECONDS)
        assert (count(database), written.done()) == (1, False)
        disk.may_end.release()
        written.result(SECONDS)


def test_those_who_commit_meanwhile_share_the_next_wait(make_database: MakeDatabase, disk: Disk) -> None:
    database = make_database()
    with ThreadPoolExecutor(9) as threads:
        first = threads.submit(write, database)
        assert disk.begun.acquire(timeout=SECONDS)
        others = [threads.submit(write, database) for _ in range(8)]
        while count(database) < 9:
            Event().wait(0.01)
        disk.may_end.release()
        first.result(SECONDS)
        assert disk.begun.acquire(timeout=SECONDS)
        assert not any(other.done() for other in others)
        # Those who weren't there yet as the second began share the third.
        disk.may_end.release(2)
        for other in others:
            other.result(SECONDS)

    assert disk.calls <= 3


def test_nothing_counts_as_kept_once_the_disk_has_failed(make_database: MakeDatabase, disk: Disk) -> None:
    database = make_database()
    disk.error = OSError(5, "Input/output error")
    disk.may_end.release()
    for _ in range(2):
        with pytest.raises(Unavailable):
            write(database)

    assert disk.calls == 1


def test_who_does_not_mind_a_power_failure_does_not_wait(make_database: MakeDatabase, disk: Disk) -> None:
    write(make_database("NORMAL"))
    assert disk.calls == 0


@pytest.mark.parametrize(("mode", "synchronous"), [("WAL", 1), ("DELETE", 2)])
def test_sqlite_waits_by_itself_where_it_has_no_log(
    make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch, mode: str, synchronous: int
) -> None:
    monkeypatch.setattr(engines, "PRAGMAS", (f"journal_mode = {mode}",))
    database = make_database()
    write(database)
    with database._writing.connect() as db:
        assert db.scalar(text("PRAGMA synchronous")) == synchronous
