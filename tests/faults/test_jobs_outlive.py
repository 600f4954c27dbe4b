"""A periodic job whose worker, or whose database, goes away while it runs: it is done again within a minute."""

import multiprocessing
import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from support import private_postgresql
from support.job_holder import hold
from support.site_under_test import wait_for
from twite_common import clock, migrations
from twite_common.database import connect
from twite_common.errors import TwiteError
from twite_common.services.operations import jobs as job_services
from twite_common.settings import Settings
from twite_tasks import periodic_jobs
from twite_tasks.context import make

pytestmark = [pytest.mark.needs("postgresql"), pytest.mark.faults]


def test_a_job_is_free_soon_after_its_worker_was_killed(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, long_faults: bool
) -> None:
    settings = Settings(data=tmp_path, database=database_url, sqlite_synchronous="NORMAL")
    if not long_faults:
        monkeypatch.setattr(job_services, "LEASE_MS", 2000)
    context = multiprocessing.get_context("spawn")
    begun = context.Event()
    worker = context.Process(target=hold, args=(settings, begun))
    worker.start()
    assert begun.wait(90)
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    died_at = clock.now()
    worker.join()
    database = connect(settings)

    def taken() -> object:
        with database.writing() as db:
            return job_services.start(db, "long", now=clock.now(), every_ms=0)

    wait_for(taken, seconds=60)
    database.close()

    assert clock.now() - died_at < 60_000


def test_a_job_whose_database_was_restarted_is_free_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_services, "LEASE_MS", 2000)
    monkeypatch.setattr(job_services, "RENEW_SECONDS", 0.5)
    begun, done = threading.Event(), []

    def take_long(db: Any, *_: Any) -> None:
        if not begun.is_set():
            begun.set()
            db.execute(text("SELECT pg_sleep(60)"))
        done.append(clock.now())

    monkeypatch.setitem(periodic_jobs.JOBS, "long", periodic_jobs.Job(0, take_long))
    with private_postgresql.started() as server:
        migrations.upgrade(server.url)
        context = make(Settings(data=tmp_path, database=server.url))

        def run() -> None:
            try:
                periodic_jobs.run(context, "long", now=clock.now())
            except TwiteError:
                # As long as there is no database, nothing can be recorded.
                failed.set()

        failed = threading.Event()
        worker = threading.Thread(target=run)
        worker.start()
        assert begun.wait(60)
        server.stop()
        worker.join(60)
        server.start()
        started_at = clock.now()
        wait_for(lambda: run() or done, seconds=60)
        context.database.close()

    assert failed.is_set()
    assert done[0] - started_at < 30_000
