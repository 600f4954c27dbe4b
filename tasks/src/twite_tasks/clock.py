"""Running the clock: it asks for each periodic job again and again. There is one; a second does no harm."""

from celery import Celery
from celery.beat import Scheduler

from twite_broker.options import QUEUE, celery_options
from twite_common.settings import Settings

TASK = "jobs.run"


def run(settings: Settings, *, queue: str = QUEUE) -> None:
    """Tick until told to stop; blocks. Messages expire before the next ones, so that none pile up unread."""
    from twite_tasks.jobs import TICK_SECONDS

    app = Celery("twite", set_as_current=False)
    app.conf.update(celery_options(settings, queue=queue))
    app.conf.beat_schedule = {
        name: {
            "task": TASK,
            "schedule": seconds,
            "args": [name],
            "options": {"expires": seconds},
        }
        for name, seconds in TICK_SECONDS.items()
    }
    # The schedule is kept in memory: when a job ran last is known by the database.
    app.Beat(scheduler_cls=Scheduler, loglevel="WARNING", quiet=True).run()
