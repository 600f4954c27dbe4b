"""What the database does when things go wrong around it."""

import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import event, func, insert, select, text, update
from sqlalchemy.engine import make_url

from support.moment import NOW
from twite_common import database as database_module
from twite_common import migrations
from twite_common.database import Database
from twite_common.errors import NotFound, Unavailable
from twite_common.settings import Settings
from twite_common.sql import engines
from twite_common.sql.dialects import among
from twite_common.tables import job


@pytest.fixture
def is_sqlite(database_url):
    return engines.is_sqlite(database_url)


def count(database):
    with database.reading() as db:
        return db.scalar(select(func.count()).select_from(job))


def test_a_failed_block_leaves_nothing(database):
    with pytest.raises(ValueError, match="stop"), database.writing() as db:
        db.execute(insert(job), {"name": "x"})
        raise ValueError("stop")

    assert count(database) == 0


def test_readers_see_one_moment_and_do_not_wait_for_writers(database):
    with database.writing() as db:
        db.execute(insert(job), {"name": "x"})
        during = count(database)

    assert (during, count(database)) == (0, 1)


def test_a_list_of_any_length_is_looked_for_by_the_same_statement(database):
    named = select(job.c.name).where(among(job.c.name, "names")).order_by(job.c.name)
    others = select(job.c.name).where(~among(job.c.name, "names")).order_by(job.c.name)
    names = [f"job {number}" for number in range(300)]
    texts = set()
    with database.writing() as db:
        db.execute(insert(job), [{"name": name} for name in names])

    with database.reading() as db:
        event.listen(db, "before_cursor_execute", lambda *given: texts.add(given[2]))
        for length in (0, 1, 7, 300):
            given = {"names": ["another", *names[:length]]}
            assert [*db.scalars(named, given)] == sorted(names[:length])
            assert [*db.scalars(others, given)] == sorted(names[length:])
        assert [*db.scalars(named, {"names": []})] == []

    assert len(texts) == 2


def test_a_column_of_numbers_is_looked_for_in_a_list_of_numbers(db):
    db.execute(insert(job), [{"name": f"job {number}", "succeeded_at": number} for number in (1, 2, 2**62)])
    found = select(job.c.succeeded_at).where(among(job.c.succeeded_at, "moments")).order_by(job.c.succeeded_at)

    assert [*db.scalars(found, {"moments": [2, 2**62, -3]})] == [2, 2**62]


def test_what_is_read_often_stays_prepared(database, is_sqlite):
    kept = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%FROM job'"
    for _ in range(100):
        with suppress(NotFound), database.reading() as db:
            db.scalar(select(func.count()).select_from(job))
            raise NotFound("There is no such job.")

    with database.reading() as db:
        assert is_sqlite or db.scalar(text(kept)) == 1


def test_readers_at_once_have_a_connection_each_and_later_ones_have_it_again(database):
    with database.reading() as one, database.reading() as other:
        assert one is not other
    with database.reading() as db:
        assert db in {one, other}


def test_after_a_failure_readers_have_other_connections(database, is_sqlite):
    failing = "SELECT x FROM nothing" if is_sqlite else "SELECT pg_terminate_backend(pg_backend_pid())"
    with database.reading() as one, database.reading() as other:
        pass
    with pytest.raises(Unavailable), database.reading() as failed:
        failed.execute(text(failing))

    assert count(database) == 0
    assert failed.closed
    assert is_sqlite or (one.closed and other.closed)


def test_what_is_read_with_when_a_database_is_closed_is_closed_afterwards(database_url):
    database = Database(database_url)
    with database.reading() as db:
        database.close()
        assert db.scalar(select(func.count()).select_from(job)) == 0

    assert db.closed


def test_writers_in_many_threads_all_get_their_turn(database):
    with database.writing() as db:
        db.execute(insert(job), {"name": "x", "succeeded_at": 0})

    def add():
        for _ in range(20):
            with database.writing() as db:
                db.execute(update(job).values(succeeded_at=job.c.succeeded_at + 1))

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as db:
        assert db.scalar(select(job.c.succeeded_at)) == 160


def test_a_database_that_stays_locked_is_said_to_be_busy(database_url, monkeypatch, is_sqlite):
    monkeypatch.setattr(engines, "SQLITE_BUSY_MS", 50)
    monkeypatch.setattr(engines, "POOL_TIMEOUT_SECONDS", 0.05)
    holder, waiting = Database(database_url, writers=1), Database(database_url, writers=1)
    refused = holder if not is_sqlite else waiting
    with holder.writing() as db:
        db.execute(insert(job), {"name": "x"})
        with pytest.raises(Unavailable, match="too busy"), refused.writing():
            pass
    with waiting.writing() as db:
        db.execute(insert(job), {"name": "y"})

    assert count(waiting) == 2
    holder.close()
    waiting.close()


def test_a_database_that_is_not_there_is_said_so_without_its_password(is_sqlite, tmp_path):
    address = "postgresql://user:hush@127.0.0.1:1/x"
    if is_sqlite:
        (tmp_path / "file").write_text("")
        address = f"sqlite:///{tmp_path}/file/hush.sqlite"
    database = Database(address)

    with pytest.raises(Unavailable) as refused, database.reading():
        pass
    assert "hush" not in str(refused.value)


@contextmanager
def small_disk(path: Path):
    """Mount a file system of two megabytes, as a disk that is soon full."""
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(path)], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)


@pytest.mark.usefixtures("integration")
def test_a_full_disk_is_said_to_be_full_and_nothing_is_lost(tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        url = f"sqlite:///{disk}/twite.sqlite"
        migrations.upgrade(url)
        database = Database(url)
        written = 0
        with pytest.raises(Unavailable, match="disk is full"):
            for number in range(1000):
                with database.writing() as db:
                    db.execute(insert(job), {"name": str(number), "error": "x" * 20_000})
                written += 1

        assert 0 < written < 1000
        assert count(database) == written
        database.close()


WRITER = """
import sys
from sqlalchemy import insert
from twite_common.database import Database
from twite_common.sql.dialects import among
from twite_common.tables import job
database = Database(sys.argv[1])
for number in range(100_000):
    with database.writing() as db:
        db.execute(insert(job), [{"name": f"{number} first"}, {"name": f"{number} second"}])
    print(number, flush=True)
"""


@pytest.mark.usefixtures("integration")
def test_a_process_killed_at_any_moment_loses_nothing_it_had_said_was_written(database_url, database):
    process = subprocess.Popen([sys.executable, "-c", WRITER, database_url], stdout=subprocess.PIPE, text=True)
    said = 0
    for line in process.stdout:
        said = int(line)
        if said >= 50:
            os.kill(process.pid, signal.SIGKILL)
            break
    rest = process.stdout.read().split()
    process.stdout.close()
    process.wait()
    said = max(said, *map(int, rest), 0) if rest else said

    # Whole transactions only; the one under way may or may not have been committed.
    assert count(database) in {2 * (said + 1), 2 * (said + 2)}


def test_settings_choose_the_database(tmp_path):
    settings = Settings(data=tmp_path)
    migrations.upgrade(settings.database_url)
    database = database_module.connect(settings)
    with database.writing() as db:
        db.execute(insert(job), {"name": "x", "succeeded_at": NOW})

    assert count(database) == 1
    assert (tmp_path / "twite.sqlite").stat().st_mode & 0o777 == 0o600
    database.close()


def test_a_database_newer_than_the_code_is_refused_and_left_alone(database_url, database):
    with database.writing() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        db.execute(text("UPDATE schema_compatibility SET oldest_revision = '9999'"))

    with pytest.raises(migrations.TooNew, match="newer version"):
        migrations.upgrade(database_url)
    with pytest.raises(migrations.TooNew):
        migrations.require_current(database_url)
    with database.reading() as db:
        assert db.scalar(text("SELECT version_num FROM alembic_version")) == "9999"


def test_a_database_older_than_the_code_must_be_brought_up_to_date_first(database_url, database, is_sqlite, tmp_path):
    migrations.require_current(database_url)
    if is_sqlite:
        empty = f"sqlite:///{tmp_path}/new.sqlite"
        with pytest.raises(migrations.TooOld):
            migrations.require_current(empty)

    assert make_url(database_url).database
