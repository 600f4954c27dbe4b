"""Running the clock: it asks for each periodic job again and again. There is one; a second does no harm.

It knows the jobs by their names alone: what they need would only fill its memory.
"""

import logging

from celery import Celery

from twite_broker.options import QUEUE, celery_options
from twite_common.settings import Settings
from twite_tasks import logs
from twite_tasks.scheduler import WatchedScheduler, header

TASK = "jobs.run"
TICK_SECONDS: dict[str, float] = {
    "hand_over": 10.0,
    "scheduled_posts": 10.0,
    "announcements": 60.0,
    "trends": 300.0,
    "polls": 20.0,
    "statistics": 600.0,
    "statistics_mail": 600.0,
    "weekly_mail": 3600.0,
    "clean": 3600.0,
    "clean_unused": 300.0,
    "clean_streams": 60.0,
    "forget_words": 60.0,
    "trim_timelines": 3600.0,
    "sweep_media": 3600.0,
    "due_times": 20.0,
}
"""How often the clock asks for each job."""
SHORTEST_SECONDS = 60.0
"""No message expires sooner: the clock of a worker's machine may be ahead of this one's."""


def run(settings: Settings, *, queue: str = QUEUE) -> None:
    """Tick until told to stop; blocks. Messages expire, so that no more than a few pile up unread."""
    # Each tick would be a line of its own.
    logs.set_up(max(settings.log_level, "WARNING", key=logging.getLevelNamesMapping().__getitem__))
    app = Celery("twite", set_as_current=False)
    app.conf.update(celery_options(settings, queue=queue))
    app.conf.beat_schedule = {
        name: {
            "task": TASK,
            "schedule": seconds,
            "args": [name],
            "options": {"expires": max(seconds, SHORTEST_SECONDS), "headers": header()},
        }
        for name, seconds in TICK_SECONDS.items()
    }
    # The schedule is kept in memory: when a job ran last is known by the database.
    app.Beat(scheduler_cls=WatchedScheduler, loglevel="WARNING", quiet=True).run()
