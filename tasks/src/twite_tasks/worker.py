"""Running a worker, which does each kind of work in its own threads."""

import time

from twite_broker.queues import PREFIX
from twite_common.settings import Settings

GRACE_SECONDS = 45.0
"""How long what is under way may take when the worker is told to stop; what takes longer is given back."""


def run(settings: Settings, *, queue: str = PREFIX, only: tuple[str, ...] = ()) -> None:
    """Do the kinds of work named in `only`, or all, until told to stop; blocks. SIGTERM lets what is under way end."""
    import logging
    import warnings

    from celery.exceptions import SecurityWarning

    from twite_common.processes import give_memory_back
    from twite_tasks import celery_app, liveness, logs, templating
    from twite_tasks.consumer import Consumer
    from twite_tasks.context import make

    logs.set_up(settings.log_level)
    give_memory_back()
    # It advises root to use an option that `twite worker` doesn't have.
    warnings.simplefilter("ignore", SecurityWarning)
    templating.load()
    context = make(settings)
    application = celery_app.make(context, queue=queue, only=only)
    worker = application.celery.Worker(
        # Tasks only wake threads, so that they can run where messages are received.
        pool="solo",
        concurrency=1,
        consumer_cls=Consumer,
        loglevel=settings.log_level,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=not settings.broker,
        quiet=True,
    )
    # What each message made happen is logged where it happens.
    for name in ("celery.worker.strategy", "celery.app.trace"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for pool in application.pools.values():
        pool.start()
    heartbeats = liveness.watched(worker, application.pools.values(), application.sightings, context.database)
    try:
        worker.start()
    finally:
        heartbeats.stop()
        for pool in application.pools.values():
            pool.stop()
        deadline = time.monotonic() + GRACE_SECONDS
        for pool in application.pools.values():
            pool.join(deadline)
