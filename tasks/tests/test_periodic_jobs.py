"""Periodic jobs: done when they are due, once, and again at the next tick after a failure."""

import threading
from contextlib import contextmanager
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import insert, select

from support.moment import NOW
from support.site_under_test import wait_for
from twite_common import clock, ids, outbox
from twite_common.queries import viewers
from twite_common.queries.operations import statistics
from twite_common.services.accounts import preferences
from twite_common.services.accounts.preferences import PreferenceChanges
from twite_common.services.identity.sessions import SEEN
from twite_common.services.moderation import announcements
from twite_common.services.notifications import mails
from twite_common.services.operations import jobs as job_services
from twite_common.tables import account, announcement, event, home_timeline, job, mail, stream_event
from twite_tasks import clock as clock_module
from twite_tasks import event_handlers, leases, periodic_jobs
from twite_tasks.periodic_jobs import JOBS, Job


@pytest.fixture
def count(monkeypatch):
    """Put a job into the list that counts how often it is done, and fails when it is told to."""
    done = []

    class Work:
        fails = False

        def __call__(self, _db, _settings, now):
            done.append(now)
            if self.fails:
                raise OSError("no such luck")

    work = Work()
    monkeypatch.setitem(JOBS, "count", Job(10 * clock.MINUTE, work))
    return work, done


def test_a_job_runs_when_its_time_has_come_whatever_the_ticks_say(context, count):
    _, done = count
    for minutes in (0, 1, 9, 10, 11, 20):
        periodic_jobs.run(context, "count", now=NOW + minutes * clock.MINUTE)

    assert done == [NOW, NOW + 10 * clock.MINUTE, NOW + 20 * clock.MINUTE]


def test_a_job_that_fails_is_tried_at_the_next_tick_and_says_why(context, count, rows):
    work, done = count
    work.fails = True
    periodic_jobs.run(context, "count", now=NOW)
    failed = rows(select(job.c.error).where(job.c.name == "count"))
    work.fails = False
    periodic_jobs.run(context, "count", now=NOW + 1)

    assert failed == [("OSError: no such luck",)]
    assert done == [NOW, NOW + 1]
    assert rows(select(job.c.error, job.c.succeeded_at).where(job.c.name == "count")) == [("", NOW + 1)]


def test_a_job_that_somebody_is_at_is_left_until_they_are_taken_for_dead(context, database, count):
    _, done = count
    with database.writing() as db:
        assert job_services.start(db, "count", now=NOW, every_ms=0)
    periodic_jobs.run(context, "count", now=NOW + job_services.LEASE_MS - 1)
    periodic_jobs.run(context, "count", now=NOW + job_services.LEASE_MS)

    assert done == [NOW + job_services.LEASE_MS]
    assert job_services.LEASE_MS / 1000 + clock_module.TICK_SECONDS["hand_over"] < 60


def test_whoever_is_at_a_job_keeps_it_for_as_long_as_that_takes(context, database, monkeypatch):
    monkeypatch.setattr(job_services, "RENEW_SECONDS", 0.05)
    begun, enough = threading.Event(), threading.Event()

    def take_long(_db, _settings, _now):
        begun.set()
        enough.wait(30)
        return []

    monkeypatch.setitem(JOBS, "long", Job(0, lambda _db, _settings, _now: None, first=take_long))
    started_at = clock.now()
    work = threading.Thread(target=periodic_jobs.run, args=(context, "long"), kwargs={"now": started_at})
    work.start()
    begun.wait(30)
    renewed_until = wait_for(lambda: renewals(database, "long") > started_at and renewals(database, "long"))
    with database.writing() as db:
        taken = job_services.start(db, "long", now=started_at + job_services.LEASE_MS, every_ms=0)
    enough.set()
    work.join()
    with database.reading() as db:
        succeeded_at = job_services.last_success(db, "long")

    assert taken is None
    assert renewed_until > started_at
    assert succeeded_at == started_at


def renewals(database, name):
    with database.reading() as db:
        return db.scalar(select(job.c.started_at).where(job.c.name == name))


@pytest.mark.parametrize("when", ["before a piece", "before it is done"])
def test_who_lost_a_job_keeps_nothing_of_it_and_records_nothing(context, database, monkeypatch, when):
    taken = []

    def take_over():
        with database.writing() as db:
            taken.append(job_services.start(db, "lost", now=NOW + job_services.LEASE_MS, every_ms=0))

    def first(_db, _settings, _now):
        return [drop] if when == "before a piece" else []

    def drop(db):
        db.execute(insert(event), {"id": 1, "kind": "kept", "due_at": NOW})

    def work(db, _settings, _now):
        db.execute(insert(event), {"id": 2, "kind": "kept", "due_at": NOW})

    monkeypatch.setitem(JOBS, "lost", Job(0, work, first=first))
    real = job_services.start

    def start_and_lose(db, name, **options):
        lease = real(db, name, **options)
        monkeypatch.setattr(job_services, "start", real)
        return lease

    monkeypatch.setattr(job_services, "start", start_and_lose)
    monkeypatch.setattr(leases, "renewed", lambda *_, **__: contextmanager(lambda: (yield take_over()))())
    periodic_jobs.run(context, "lost", now=NOW)
    with database.reading() as db:
        kept = db.scalars(select(event.c.id)).all()
        [row] = db.execute(select(job.c.succeeded_at, job.c.holder, job.c.error).where(job.c.name == "lost"))

    assert kept == []
    assert row == (None, taken[0].holder, "")


@pytest.mark.faults
def test_a_clock_that_was_set_back_stops_no_job(context, count):
    _, done = count
    moments = [NOW, NOW - clock.HOUR, NOW - clock.HOUR + clock.MINUTE, NOW - clock.HOUR + 11 * clock.MINUTE]
    for now in moments:
        periodic_jobs.run(context, "count", now=now)

    assert done == [moments[0], moments[1], moments[3]]


@pytest.mark.faults
def test_a_job_that_was_taken_before_the_clock_was_set_back_is_free(context, database, count):
    _, done = count
    with database.writing() as db:
        job_services.start(db, "count", now=NOW + clock.HOUR, every_ms=0)
    periodic_jobs.run(context, "count", now=NOW)

    assert done == [NOW]


def test_every_job_has_a_tick_and_runs_on_an_empty_site(context, rows):
    for name in JOBS:
        periodic_jobs.run(context, name, now=NOW)

    assert JOBS.keys() == clock_module.TICK_SECONDS.keys()
    assert {row.error for row in rows(select(job.c.error))} == {""}


def test_workers_are_told_again_of_what_waits(context, database, dispatched):
    with database.writing() as db:
        event_id = outbox.add(db, "notifications.created", now=NOW, notification_ids=[])
        mail_id = mails.add(db, "test", now=NOW, address="bob@mail.example", due_at=NOW + 5000)
    dispatched.clear()
    periodic_jobs.run(context, "hand_over", now=NOW)
    early = list(dispatched)
    dispatched.clear()
    periodic_jobs.run(context, "hand_over", now=NOW + 5000)

    assert early == [(outbox.TASK, event_id)]
    assert dispatched == [(outbox.TASK, event_id), (mails.TASK, mail_id)]


def test_a_few_messages_are_enough_whatever_waits(context, database, dispatched):
    with database.writing() as db:
        for number in range(1000):
            outbox.add(db, "notifications.created", now=NOW, account_id=number, notification_ids=[])
    dispatched.clear()
    periodic_jobs.run(context, "hand_over", now=NOW)

    assert len(dispatched) == periodic_jobs.HINTS


def test_the_day_and_the_day_before_are_counted(context, ann, make_post, database):
    make_post(ann, now=NOW)
    periodic_jobs.run(context, "statistics", now=NOW)
    today = clock.as_date(NOW)
    with database.reading() as db:
        days = statistics.daily(db, today - timedelta(days=1), today)

    assert [(day.day, day.posts) for day in days] == [(today, 1), (today - timedelta(days=1), 0)]


def test_days_without_a_worker_are_counted_once_one_is_there(context, ann, make_post, database):
    periodic_jobs.run(context, "statistics", now=NOW)
    for day in range(4):
        make_post(ann, now=NOW + day * clock.DAY + 1000)
    today = clock.as_date(NOW) + timedelta(days=4)
    periodic_jobs.run(context, "statistics", now=NOW + 4 * clock.DAY)
    with database.reading() as db:
        days = statistics.daily(db, clock.as_date(NOW), today)

    assert [day.posts for day in days] == [0, 1, 1, 1, 1]


def test_earlier_days_are_filled_in_a_few_at_a_time(context, ann, database, monkeypatch):
    monkeypatch.setattr(periodic_jobs, "FILLED_IN_DAYS", 2)
    later = NOW + 5 * clock.DAY
    today = clock.as_date(later)
    filled = []
    for run in range(3):
        periodic_jobs.run(context, "statistics_history", now=later + run * clock.HOUR)
        with database.reading() as db:
            filled.append([day.day for day in statistics.daily(db, clock.as_date(NOW), today)])

    expected = [today - timedelta(days=days) for days in (2, 3, 4, 5)]
    assert filled == [expected[:2], expected, expected]


def test_administrators_get_the_days_statistics_once_after_the_digest_hour(context, make_account, ann, rows):
    make_account("ada", role="admin")
    midnight = clock.start_of(clock.as_date(NOW)) + clock.DAY
    for hour in (6, 8, 9, 23, 24 + 6, 24 + 8):
        periodic_jobs.run(context, "statistics_mail", now=midnight + hour * clock.HOUR)

    sent = rows(select(mail.c.id, mail.c.address).where(mail.c.kind == "statistics"))
    assert [ids.created_at(row.id) - midnight for row in sent] == [8 * clock.HOUR, 32 * clock.HOUR]
    assert {row.address for row in sent} == {"ada@mail.example"}


def test_who_has_been_away_for_a_week_gets_one_mail_a_week_unless_they_do_not_want_it(
    context, database, ann, bob, make_account, rows
):
    cho = make_account("cho")
    later = NOW + 8 * clock.DAY
    with database.writing() as db:
        preferences.change_preferences(db, account_id=bob.id, changes=PreferenceChanges(mail_weekly=False))
        db.execute(SEEN.values(seen_at=later - clock.DAY), {"the_account_id": cho.id})
    for days in (0, 1, 6, 8):
        periodic_jobs.run(context, "weekly_mail", now=later + days * clock.DAY)

    sent = rows(select(mail.c.address, mail.c.id).where(mail.c.kind == "weekly").order_by(mail.c.id))
    assert [row.address for row in sent] == ["ann@mail.example", "ann@mail.example", "cho@mail.example"]


def test_home_timelines_are_cut_to_their_length_and_gone_posts_taken_out(context, database, ann, make_post, rows):
    settings = msgspec.structs.replace(context.settings, timeline_length=40)
    short = msgspec.structs.replace(context, settings=settings)
    made = [make_post(ann, f"{number}", now=NOW + number) for number in range(45)]
    with database.writing() as db:
        db.execute(insert(home_timeline), {"account_id": ann.id, "post_id": 12345})
    periodic_jobs.run(short, "trim_timelines", now=NOW)

    assert sorted(row.post_id for row in rows(select(home_timeline.c.post_id))) == made[-40:]


def test_what_was_never_confirmed_is_removed_after_a_week(context, database, make_account, rows):
    make_account("dot", confirmed=False)
    periodic_jobs.run(context, "clean", now=NOW + 6 * clock.DAY)
    before = rows(select(account.c.username))
    periodic_jobs.run(context, "clean", now=NOW + 8 * clock.DAY)
    while event_handlers.handle_next(context, now=NOW):
        pass

    assert (before, rows(select(account.c.username))) == ([("dot",)], [])


def test_announcements_are_published_when_they_begin(context, database, make_account, rows):
    ada = make_account("ada", role="admin")
    with database.writing() as db:
        viewer = viewers.by_account(db, ada.id)
        for hours in (1, 3):
            announcements.announce(db, now=NOW, viewer=viewer, words="Hello", starts_at=NOW + hours * clock.HOUR)
    for hours in (0, 1, 2):
        periodic_jobs.run(context, "announcements", now=NOW + hours * clock.HOUR)

    published = rows(select(announcement.c.published_at).order_by(announcement.c.id))
    assert [at for (at,) in published] == [NOW + clock.HOUR, None]
    assert len(rows(select(stream_event).where(stream_event.c.kind == "announcement.published"))) == 1


def test_events_of_a_worker_that_died_are_not_lost(context, database, rows):
    with database.writing() as db:
        outbox.add(db, "notifications.created", now=NOW, notification_ids=[])
    periodic_jobs.run(context, "hand_over", now=NOW + outbox.GRACE_MS)

    assert len(rows(select(event.c.id))) == 1
