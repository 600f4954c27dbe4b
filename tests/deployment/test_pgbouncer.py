"""A site behind pgbouncer, which gives a session of PostgreSQL to a transaction, and to another one after that."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from sqlalchemy import create_engine, insert, literal, select, text
from sqlalchemy.exc import InternalError

from support import pgbouncer, private_postgresql
from support.mails import link_in_mail
from support.private_postgresql import Server
from support.site_under_test import Site, answers, wait_for
from support.streaming import Processes, hear, started
from twite_common import migrations
from twite_common.database import Database
from twite_common.migrations import locks
from twite_common.tables import job

pytestmark = [pytest.mark.needs("postgresql", "pgbouncer"), pytest.mark.once]

AT_ONCE = 4 * pgbouncer.SESSIONS
TIMES = 20
"""psycopg prepares what it has executed five times."""
ONE_MORE = select(literal(1).label("one"))


@pytest.fixture(scope="module")
def server(integration: None) -> Iterator[Server]:
    with private_postgresql.started() as server:
        yield server


@pytest.fixture(scope="module")
def shared_database_url(server: Server) -> Iterator[str]:
    """A database behind pgbouncer, whichever the other tests run on."""
    with pgbouncer.before(server.url) as url:
        migrations.upgrade(url)
        yield url


@pytest.fixture
def pooled(shared_database_url: str) -> Iterator[Database]:
    database = Database(shared_database_url, readers=AT_ONCE, writers=AT_ONCE)
    yield database
    database.close()


def at_once(do: Callable[[int], object]) -> None:
    """Call a function from many threads, each with a connection of its own, again and again."""
    ready = threading.Barrier(AT_ONCE)

    def repeat(number: int) -> None:
        ready.wait()
        for time in range(TIMES):
            do(number * TIMES + time)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(repeat, range(AT_ONCE)))


def test_transactions_share_sessions(pooled: Database):
    seen: set[int] = set()

    def read(_number: int) -> None:
        with pooled.reading() as db:
            seen.add(db.scalar(text("SELECT pg_backend_pid()")))
            db.scalar(ONE_MORE)

    def write(number: int) -> None:
        with pooled.writing() as db:
            db.execute(insert(job), {"name": f"job {number}"})

    at_once(read)
    at_once(write)

    with pooled.reading() as db:
        assert len(db.scalars(select(job.c.name)).all()) == AT_ONCE * TIMES
    assert len(seen) <= pgbouncer.SESSIONS


def test_a_reading_connection_cannot_write(pooled: Database):
    with pytest.raises(InternalError, match="read-only"), pooled.reading() as db:
        db.execute(insert(job), {"name": "x"})


def test_one_process_migrates_at_a_time(shared_database_url: str, server: Server):
    order: list[str] = []
    others = threading.Barrier(3)

    def wait_and_migrate() -> None:
        others.wait()
        with locks.alone(shared_database_url):
            order.append("other")

    with ThreadPoolExecutor(2) as pool:
        with locks.alone(shared_database_url):
            waiting = [pool.submit(wait_and_migrate) for _ in range(2)]
            others.wait()
            with locks.engine(shared_database_url).begin() as db:
                assert db.scalar(text("SHOW lock_timeout")) == "1s"
            order.append("first")
        for one in waiting:
            one.result(30)

    direct = create_engine(server.url)
    with direct.connect() as db:
        left = db.scalar(text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"))
    direct.dispose()
    assert order == ["first", "other", "other"]
    assert left == 0


@pytest.fixture(scope="module")
def processes(make_shared_site: Callable[..., Site]) -> Iterator[Processes]:
    with ExitStack() as open_streams:
        site, other_port = started(make_shared_site)
        site.start("worker")
        site.start("clock")
        yield Processes(site, other_port, open_streams)


def test_what_one_process_writes_is_heard_from_another_and_sent_by_mail(processes: Processes):
    site = processes.site
    _, ann = site.make_account("ann")
    site.make_account("bob")
    connection = processes.listen(ann, "public")
    ids = [processes.post(ann, f"Hello @bob, the {number}th time") for number in range(10)]

    assert [hear(connection)[1]["id"] for _ in ids] == ids
    assert "/@ann/" in link_in_mail(site, "/@ann/", to="bob")


def test_the_site_goes_on_after_postgresql_was_away(processes: Processes, server: Server):
    site = processes.site
    _, token = site.make_account("carol")
    connection = processes.listen(token, "public")
    server.stop()
    wait_for(lambda: not answers(f"{site.base_url}/health"), site.printed)
    server.start()
    wait_for(lambda: answers(f"{site.base_url}/health") and answers(f"{processes.other}/health"), site.printed)
    id = processes.post(token, "There again")

    while hear(connection)[1]["id"] != id:
        pass
