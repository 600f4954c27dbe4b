"""Renewing the lease on a job while it is done."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from twite_common import clock
from twite_common.database import Database
from twite_common.errors import TwiteError
from twite_common.services import jobs
from twite_common.services.jobs import Lease

log = logging.getLogger(__name__)


@contextmanager
def renewed(database: Database, lease: Lease) -> Iterator[None]:
    """Renew a lease for as long as the block runs, from a thread and in transactions of its own.

    On SQLite these wait while the job itself writes; so does whoever would start it again. That the job was taken over
    is found out by the job, before it keeps anything.
    """
    done = threading.Event()
    thread = threading.Thread(target=_renew, args=(database, lease, done), name=f"lease {lease.name}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _renew(database: Database, lease: Lease, done: threading.Event) -> None:
    while not done.wait(jobs.RENEW_SECONDS):
        try:
            with database.writing() as db:
                jobs.renew(db, lease, now=clock.now())
        except TwiteError as error:
            log.warning("lease_not_renewed %s", {"job": lease.name, "error": str(error)})
