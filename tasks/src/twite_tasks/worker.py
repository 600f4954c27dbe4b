"""Running a worker: it waits for messages and does what they ask for, a few at a time."""

from twite_broker.options import QUEUE
from twite_common.settings import Settings

CONCURRENCY = 4
"""Tasks at once, in threads: they wait for the database and the mail server more than they compute."""


def run(settings: Settings, *, queue: str = QUEUE) -> None:
    """Work until told to stop; blocks. SIGTERM lets what is under way end."""
    import logging
    import warnings

    from celery.exceptions import SecurityWarning

    from twite_common.processes import give_memory_back
    from twite_tasks import app, jobs, liveness, logs, messages
    from twite_tasks.equipment import make

    logs.set_up(settings.log_level)
    give_memory_back()
    # It advises root to use an option that `twite worker` doesn't have.
    warnings.simplefilter("ignore", SecurityWarning)
    messages.load_templates()
    equipment = make(settings)
    celery = app.make(equipment, queue=queue)
    # What became due while no worker was there is not left to wait for the clock's next tick.
    for name in jobs.JOBS:
        celery.send_task(jobs.TASK, [name], expires=60, retry=False)
    worker = celery.Worker(
        pool="threads",
        concurrency=CONCURRENCY,
        loglevel=settings.log_level,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=not settings.broker,
        quiet=True,
    )
    # What each message made happen is logged where it happens.
    for name in ("celery.worker.strategy", "celery.app.trace"):
        logging.getLogger(name).setLevel(logging.WARNING)
    heartbeats = liveness.watched(worker, equipment.database)
    try:
        worker.start()
    finally:
        heartbeats.stop()
