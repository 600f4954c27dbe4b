"""Renewing claims while work is in progress: the lease on a job, the claim of a mail."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from twite_common.database import Connection, Database
from twite_common.errors import TwiteError, level

log = logging.getLogger(__name__)


@contextmanager
def renewed(
    database: Database, renew: Callable[[Connection], None], *, name: str, every_seconds: float
) -> Iterator[None]:
    """Call `renew` again and again for as long as the block runs, from a thread and in transactions of its own.

    On SQLite these wait while the work itself writes; so does whoever would begin it anew. That it was taken over is
    found out by the work, before it keeps anything.
    """
    done = threading.Event()
    thread = threading.Thread(target=_renew, args=(database, renew, name, every_seconds, done), name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _renew(
    database: Database, renew: Callable[[Connection], None], name: str, every_seconds: float, done: threading.Event
) -> None:
    while not done.wait(every_seconds):
        try:
            with database.writing() as db:
                renew(db)
        except TwiteError as error:
            log.log(level(error), "lease_not_renewed %s", {"of": name, "error": str(error)})
