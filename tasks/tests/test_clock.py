"""The clock's ticks, when the system's clock is set and when nothing leaves."""

import time
from typing import Any

import pytest

from support.site_under_test import wait_for
from twite_common.database import Database
from twite_common.queries.operations import liveness as queries
from twite_tasks import celery_app, clock, liveness
from twite_tasks.clock import Ticker
from twite_tasks.liveness import ClockSightings

pytestmark = pytest.mark.faults


class Sender:
    """Notes what is sent, or fails."""

    def __init__(self):
        self.sent = []
        self.fails = False

    def send(self, _task, arguments, *, expires_seconds, headers):
        if self.fails:
            raise OSError
        self.sent += arguments


@pytest.mark.parametrize("ahead", [3600.0, -3600.0])
def test_a_clock_that_was_set_goes_on_ticking(monkeypatch, ahead):
    sender: Any = Sender()
    ticker = Ticker(sender)
    ticker.tick()
    before = len(sender.sent)
    monkeypatch.setattr(time, "time", lambda real=time.time: real() + ahead)
    monkeypatch.setattr(time, "monotonic", lambda real=time.monotonic: real() + 15.0)
    ticker.tick()

    assert before == len(clock.TICK_SECONDS)
    assert "hand_over" in sender.sent[before:]
    assert len(sender.sent) < 2 * before


def test_a_clock_that_does_nothing_is_not_alive(monkeypatch):
    sender: Any = Sender()
    ticker = Ticker(sender)
    alive = ticker.alive()
    monkeypatch.setattr(clock, "UNSENT_SECONDS", 0.0)

    assert (alive, ticker.alive()) == (True, False)


def test_a_clock_without_a_broker_tries_again_soon(monkeypatch):
    sender: Any = Sender()
    ticker = Ticker(sender)
    sender.fails = True
    seconds = ticker.tick()
    sender.fails = False
    ticker.tick()

    assert seconds == clock.AGAIN_SECONDS
    assert set(sender.sent) == set(clock.TICK_SECONDS)


class Request:
    headers = clock.header()


def test_the_clock_is_seen_though_no_thread_runs_jobs(context, database: Database):
    application = celery_app.make(context)
    application.sightings.see(Request())
    watched = liveness.watched(None, application.pools.values(), application.sightings, database)

    def kinds() -> list[str]:
        with database.reading() as db:
            return sorted(one.kind for one in queries.read(db, now=time.time_ns() // 1_000_000).seen)

    wait_for(lambda: kinds() == ["clock"], lambda: str(kinds()))
    watched.stop()


def test_the_clock_is_seen_when_its_messages_arrive(database: Database):
    sightings = ClockSightings(database)
    sightings.see(Request())
    sightings.see(type("Other", (), {"headers": None})())
    sightings.record()
    sightings.record()

    with database.reading() as db:
        [seen] = queries.read(db, now=time.time_ns() // 1_000_000).seen

    assert seen.kind == "clock"


def test_a_broker_that_is_away_is_written_down_until_it_is_back(database: Database, monkeypatch):
    connected = []
    absence = liveness.BrokerAbsence(database, lambda: bool(connected))

    def away() -> bool:
        absence.record()
        with database.reading() as db:
            return queries.read(db, now=time.time_ns() // 1_000_000).broker_away

    # It has a while to connect.
    assert not away()
    monkeypatch.setattr(liveness, "AWAY_SECONDS", -1.0)
    assert away()
    connected.append(True)
    assert not away()
