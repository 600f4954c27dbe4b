"""Being at a periodic job, in a process of its own, until that is killed."""

import threading
from typing import Any

from twite_common import clock
from twite_common.settings import Settings
from twite_tasks import periodic_jobs
from twite_tasks.context import make


def hold(settings: Settings, begun: Any) -> None:
    """Be at a job for as long as this process is there."""
    periodic_jobs.JOBS["long"] = periodic_jobs.Job(
        0, lambda *_: None, first=lambda *_: [begun.set() or threading.Event().wait]
    )
    periodic_jobs.run(make(settings), "long", now=clock.now())
