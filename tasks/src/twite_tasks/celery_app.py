"""The Celery application: thin tasks that take an id or a name, and who does their work.

A task only wakes the threads of its kind of work. Nothing is ever done where messages are received.
"""

from collections.abc import Callable

import msgspec
from celery import Celery, Task

from twite_broker.options import celery_options
from twite_broker.queues import PREFIX, QUEUES
from twite_tasks import work
from twite_tasks.context import Context
from twite_tasks.liveness import ClockSightings
from twite_tasks.pools import Pool
from twite_tasks.work import AskedJobs

THREADS = {
    "mail": 3,
    "events": 3,
    "media": 2,
    "archives": 1,
    "imports": 2,
    "pushes": 3,
    "webhooks": 2,
    "pages": 2,
    "jobs": 3,
}
"""Threads for each kind of work: they wait for the database and for other servers more than they compute."""

MAX_SECONDS = {"media": 1800.0, "archives": 6 * 3600.0, "imports": 3600.0, "jobs": 1800.0}
"""How long one piece of such work may take before the worker counts as stuck; of others ten minutes."""


class Application(msgspec.Struct, frozen=True):
    """The Celery application, the threads by kind of work, and what is known of the clock."""

    celery: Celery
    pools: dict[str, Pool]
    sightings: ClockSightings


def make(context: Context, *, queue: str = PREFIX, only: tuple[str, ...] = ()) -> Application:
    """Return the application with its tasks, for the kinds of work named in `only`, or all.

    The tasks' names are contracts with messages already sent.
    """
    celery = Celery("twite", set_as_current=False)
    celery.conf.update(celery_options(context.settings, queue=queue, only=only))
    jobs, sightings = AskedJobs(context), ClockSightings(context.database)
    pools: dict[str, Pool] = {}

    def add(kind: str, do_next: Callable[[], bool]) -> None:
        if not only or kind in only:
            pools[kind] = Pool(kind, THREADS[kind], do_next, max_seconds=MAX_SECONDS.get(kind, 600.0))

    add("mail", lambda: work.send_next_mail(context))
    add("events", lambda: work.handle_next_event(context))
    add("media", lambda: work.process_next_upload(context, pools["media"].goes_on))
    add("archives", lambda: work.make_next_archive(context, pools["archives"].goes_on))
    add("imports", lambda: work.work_at_next_import(context, pools["imports"].goes_on))
    add("pushes", lambda: work.send_next_push(context))
    add("webhooks", lambda: work.send_next_delivery(context))
    add("pages", lambda: work.look_at_next_page(context))
    add("jobs", jobs.run_next)
    for kind, pool in pools.items():
        for task in QUEUES[kind]:
            if kind == "jobs":
                celery.task(_run_job(jobs, sightings, pool), name=task, bind=True, shared=False)
            else:
                celery.task(_wake(pool), name=task, shared=False)
    return Application(celery, pools, sightings)


def _wake(pool: Pool) -> Callable[[int], None]:
    def wake(_id: int) -> None:
        pool.wake()

    return wake


def _run_job(jobs: AskedJobs, sightings: ClockSightings, pool: Pool) -> Callable[[Task, str], None]:
    def run_job(task: Task, name: str) -> None:
        sightings.see(task.request)
        jobs.ask_for(name)
        pool.wake()

    return run_job
