"""A site whose timelines are read from a copy of the database, by PostgreSQL's own streaming replication."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import httpx
import psycopg
import pytest
from sqlalchemy import func, insert, select

from support import private_postgresql
from support.pages import session_cookie
from support.private_postgresql import Server
from support.site_under_test import Site, wait_for
from twite_common import database as database_module
from twite_common import migrations, replica
from twite_common.database import Database
from twite_common.errors import Invalid, Unavailable
from twite_common.settings import Settings
from twite_common.tables import job

pytestmark = [pytest.mark.needs("postgresql"), pytest.mark.once]

POSTS = 30
FROM_REPLICA = select(func.pg_is_in_recovery())
JOBS = select(func.count()).select_from(job)


@pytest.fixture(scope="module")
def primary(integration: None) -> Iterator[Server]:
    with private_postgresql.started() as server:
        migrations.upgrade(server.url)
        yield server


@pytest.fixture
def follower(primary: Server) -> Iterator[Server]:
    with private_postgresql.started(primary=primary) as server:
        yield server


@pytest.fixture
def database(primary: Server, follower: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setattr(replica, "AWAY_SECONDS", 0.1)
    database = Database(primary.url, readers=2, replica=follower.url)
    # A new follower isn't up to date at once.
    wait_for(lambda: reads_replica(database))
    yield database
    database.close()


def position(database: Database) -> int:
    with database.reading() as db:
        position = database.position(db)
    assert position is not None
    return position


def reads_replica(database: Database) -> bool:
    with database.reading_replica(position(database)) as db:
        return bool(db.scalar(FROM_REPLICA))


def recent_from_replica(database: Database) -> bool:
    with database.reading_recent() as db:
        return bool(db.scalar(FROM_REPLICA))


def write(database: Database, name: str) -> None:
    with database.writing() as db:
        db.execute(insert(job), {"name": name})


def reads_of_home(server: Server) -> int:
    """Return how often home timelines were read in this server."""
    with closing(psycopg.connect(server.url.replace("+psycopg", ""))) as connection:
        [(reads,)] = connection.execute("SELECT idx_scan FROM pg_stat_user_tables WHERE relname = 'home_timeline'")
    return int(reads)


def run(server: Server, statement: str) -> None:
    with closing(psycopg.connect(server.url.replace("+psycopg", ""), autocommit=True)) as connection:
        connection.execute(statement)


def jobs(database: Database) -> int:
    with database.reading_replica(position(database)) as db:
        return int(db.scalar(JOBS) or 0)


def test_what_was_written_is_read_at_once(database: Database):
    before = jobs(database)
    from_replica = 0
    for number in range(1, POSTS + 1):
        write(database, f"{time.monotonic_ns()}")
        from_replica += reads_replica(database)
        assert jobs(database) == before + number

    assert from_replica > 0


def test_a_copy_that_is_behind_is_not_read_by_those_who_have_seen_more(database: Database, follower: Server):
    earlier = position(database)
    wait_for(lambda: reads_replica(database))
    run(follower, "SELECT pg_wal_replay_pause()")
    write(database, "while it waits")

    assert not reads_replica(database)
    with database.reading_replica(earlier) as db:
        assert db.scalar(FROM_REPLICA)

    run(follower, "SELECT pg_wal_replay_resume()")
    wait_for(lambda: reads_replica(database))


def test_strangers_see_what_there_was_a_second_ago(
    database: Database, follower: Server, monkeypatch: pytest.MonkeyPatch
):
    wait_for(lambda: recent_from_replica(database))
    monkeypatch.setattr(database_module, "RECENT_SECONDS", 3600.0)
    run(follower, "SELECT pg_wal_replay_pause()")
    write(database, "that strangers see later")
    assert recent_from_replica(database)

    monkeypatch.setattr(database_module, "RECENT_SECONDS", 0.0)
    assert not recent_from_replica(database)


def test_a_copy_that_went_away_is_done_without_until_it_is_back(
    database: Database, follower: Server, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.WARNING):
        follower.stop()
        for _ in range(5):
            assert not reads_replica(database)
            assert not recent_from_replica(database)
        follower.start()
        wait_for(lambda: reads_replica(database))

    assert [record.getMessage().split()[0] for record in caplog.records] == ["replica_down", "replica_up"]


def test_a_copy_that_goes_away_while_it_is_read_fails_that_request_only(database: Database, follower: Server):
    with pytest.raises(Unavailable), database.reading_replica(position(database)) as db:
        follower.stop()
        db.scalar(FROM_REPLICA)

    assert not reads_replica(database)
    follower.start()


def test_a_copy_that_follows_no_longer_is_not_read(database: Database, follower: Server):
    follower.promote()

    wait_for(lambda: not reads_replica(database))


def test_readers_cannot_write_to_the_copy(database: Database):
    with pytest.raises(Exception, match="read-only"), database.reading_replica(position(database)) as db:
        db.execute(insert(job), {"name": "x"})


def test_the_check_says_whether_the_copy_can_be_used(primary: Server, follower: Server):
    settings = Settings(database=primary.url, database_replica=follower.url)
    wait_for(lambda: replica.behind(settings) == 0)

    with private_postgresql.started() as other, pytest.raises(Invalid, match="of another database"):
        replica.behind(Settings(database=primary.url, database_replica=other.url))
    follower.promote()
    with pytest.raises(Invalid, match="follows no database"):
        wait_for(lambda: replica.behind(settings) < 0)
    follower.stop()
    with pytest.raises(Unavailable, match="replica can't be reached: refused"):
        replica.behind(settings)
    follower.start()


@pytest.fixture(scope="module")
def shared_database_url(primary: Server) -> str:
    """The database that a copy follows, whichever the other tests run on."""
    return primary.url


def test_people_read_what_they_have_just_posted(follower: Server, make_shared_site: Callable[..., Site]):
    site = make_shared_site(database_replica=follower.url)
    site.start("web")
    ann, token = site.make_account("ann")
    headers = {"Authorization": f"Bearer {token}"}
    cookie = session_cookie(site, ann)
    with (
        httpx.Client(base_url=site.base_url, timeout=30) as client,
        httpx.Client(base_url=site.base_url, timeout=30, cookies={cookie["name"]: cookie["value"]}) as browser,
    ):
        for number in range(POSTS):
            text = f"Post number {number}"
            client.post("/api/v1/statuses", json={"status": text}, headers=headers).raise_for_status()
            home = client.get("/api/v1/timelines/home", headers=headers).json()
            assert text in home[0]["content"]
            assert text in browser.get("/").text
        # PostgreSQL counts what a connection reads up to a second later, when that reads again.
        wait_for(
            lambda: client.get("/api/v1/timelines/home", headers=headers) and reads_of_home(follower), site.printed
        )
