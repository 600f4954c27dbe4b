"""The clock's ticks, when the system's clock is set."""

import time

import pytest
from celery import Celery

from twite_common import clock
from twite_common.database import Database
from twite_common.queries import liveness
from twite_tasks import scheduler
from twite_tasks.liveness import ClockSightings
from twite_tasks.scheduler import WatchedScheduler

pytestmark = pytest.mark.faults


@pytest.fixture
def ticking(monkeypatch):
    """A clock that asks for something every ten seconds, and what it sent; `time.time` can be set."""
    app = Celery("twite", set_as_current=False)
    app.conf.beat_schedule = {"job": {"task": "jobs.run", "schedule": 10.0, "args": ["job"]}}
    sent = []
    monkeypatch.setattr(app, "send_task", lambda *_arguments, **_options: sent.append(1))
    made = WatchedScheduler(app=app)
    monkeypatch.setattr(WatchedScheduler, "producer", None)
    return made, sent


def ticks(made):
    for _ in range(3):
        made.tick()


def test_a_clock_that_was_set_back_goes_on_ticking(ticking, monkeypatch):
    made, sent = ticking
    ahead = 0.0
    monkeypatch.setattr(scheduler.time, "time", lambda real=time.time: real() + ahead)
    for entry in made.schedule.values():
        # So it stands after an hour of ticks by a clock that was an hour ahead.
        entry.last_run_at = entry.default_now().replace(year=2099)
    ticks(made)
    before = len(sent)
    ahead = -3600.0
    ticks(made)

    assert (before, len(sent)) == (0, 1)


def test_a_clock_whose_messages_do_not_leave_is_not_alive(ticking, monkeypatch):
    made, _ = ticking
    alive = made.alive()
    monkeypatch.setattr(scheduler, "UNSENT_SECONDS", 0.0)

    assert (alive, made.alive()) == (True, False)


def test_the_clock_is_seen_when_its_messages_arrive(database: Database):
    class Request:
        headers = scheduler.header()

    sightings = ClockSightings(database)
    sightings.note(Request())
    sightings.note(type("Other", (), {"headers": None})())

    with database.reading() as db:
        [seen] = liveness.read(db, now=clock.now()).seen

    assert seen.kind == "clock"
