"""What operators are told of the site's processes and of what they get on with."""

import pytest
from sqlalchemy import insert, update

from support.moment import NOW
from twite_common import clock, disk, ids, outbox
from twite_common.queries.operations import liveness
from twite_common.services.notifications import mails
from twite_common.services.operations import heartbeats, jobs
from twite_common.tables import event, mail

PARTS = ("web", "worker", "clock")


def see(db, seconds_ago=5, kinds=PARTS):
    for kind in kinds:
        for before in (150, 100, 50, 0):
            heartbeats.record(db, f"{kind} here 1", kind, now=NOW - (before + seconds_ago) * clock.SECOND)


def problems(db, now=NOW):
    return liveness.read(db, now=now).problems


def test_nothing_is_wrong_with_a_site_that_has_never_run(db):
    found = liveness.read(db, now=NOW)

    assert (found.running, found.problems, found.seen) == (False, [], [])


def test_nothing_is_wrong_while_every_part_was_seen_within_a_minute(db):
    see(db, 59)

    assert problems(db) == []


def test_a_site_that_has_just_started_has_a_minute_to_get_going(db):
    heartbeats.record(db, "web here 1", "web", now=NOW - 20 * clock.SECOND)
    heartbeats.record(db, "worker here 1", "worker", now=NOW - 10 * clock.SECOND)
    heartbeats.record(db, "clock here 0", "clock", now=NOW - clock.HOUR)
    outbox.add(db, "kept", now=NOW - clock.HOUR)

    assert problems(db) == []


def test_a_process_with_the_name_of_one_that_died_has_just_started(db):
    for kind in PARTS:
        heartbeats.record(db, f"{kind} here 1", kind, now=NOW - clock.HOUR)
        heartbeats.record(db, f"{kind} here 1", kind, now=NOW - 10 * clock.SECOND)
    outbox.add(db, "kept", now=NOW - clock.HOUR)

    assert problems(db) == []


CLOCK = "clock is running, or it can't reach the broker"


@pytest.mark.parametrize(
    ("kind", "said"), [("clock", CLOCK), ("worker", "worker is running"), ("web", "web process is running")]
)
def test_a_part_that_is_silent_for_a_minute_is_said(db, kind, said):
    see(db)
    see(db, 125, [kind])

    assert problems(db) == [f"no {said}: last seen 2 minutes ago."]


@pytest.mark.parametrize("kind", PARTS)
def test_whoever_runs_the_site_is_told_what_to_start(db, kind):
    see(db)
    see(db, 125, [kind])
    [found] = liveness.read(db, now=NOW).findings

    assert f"systemctl start twite-{kind}" in found.remedy


def test_that_one_of_several_workers_is_dead_is_no_problem(db):
    see(db)
    heartbeats.record(db, "worker there 2", "worker", now=NOW - clock.HOUR)

    assert problems(db) == []


def test_a_site_that_took_its_leave_is_not_missed(db):
    see(db, 600)
    for kind in ("web", "worker"):
        heartbeats.forget(db, f"{kind} here 1")
    outbox.add(db, "kept", now=NOW - clock.HOUR)

    assert not liveness.read(db, now=NOW).running
    assert problems(db) == []


def test_a_clock_that_is_missing_from_the_start_is_said(db):
    see(db, kinds=["web", "worker"])

    assert problems(db) == [f"no {CLOCK}: none seen lately."]


@pytest.mark.faults
def test_a_part_seen_before_the_clock_was_set_back_counts_as_silent(db):
    see(db)
    see(db, -3600, ["worker"])

    assert len(problems(db)) == 1


@pytest.mark.faults
def test_what_a_wrong_clock_has_dated_does_not_hide_who_is_there_and_does_not_stay(db):
    heartbeats.record(db, "web here 7", "web", now=NOW + 30 * clock.MINUTE)
    for kind in PARTS:
        heartbeats.record(db, f"{kind} here 1", kind, now=NOW + 30 * clock.DAY)
    heartbeats.record(db, "web there 2", "web", now=NOW + 3 * clock.DAY)
    see(db)

    assert problems(db) == []
    assert [one.seen_at for one in liveness.read(db, now=NOW).seen] == [NOW - 5 * clock.SECOND] * 3
    see(db, 125, ["web"])
    assert problems(db) == ["no web process is running: last seen 2 minutes ago."]


@pytest.mark.faults
def test_a_broker_that_is_away_is_said_instead_of_the_clock_that_cannot_be_heard_of(db):
    see(db)
    see(db, 125, ["clock"])
    heartbeats.record(db, "broker_away here 1", liveness.BROKER_AWAY, now=NOW)
    assert problems(db) == ["the broker can't be reached by a worker (twite check says why)."]
    assert {one.kind for one in liveness.read(db, now=NOW).seen} == set(PARTS)

    heartbeats.forget(db, "broker_away here 1")
    assert problems(db) == [f"no {CLOCK}: last seen 2 minutes ago."]


@pytest.mark.faults
def test_without_a_worker_nobody_hears_of_the_clock(db):
    see(db, 5, ["web"])
    see(db, 125, ["worker", "clock"])

    assert problems(db) == ["no worker is running: last seen 2 minutes ago."]


def test_a_full_disk_is_said(db, monkeypatch, tmp_path):
    monkeypatch.setattr(disk, "free_percent", lambda _: 1)

    assert liveness.read(db, now=NOW, folder=tmp_path).problems == ["the disk is full: 1 % of it are free."]


def test_mails_that_fail_to_several_addresses_are_said(db):
    see(db)
    for number in range(3):
        assert problems(db) == []
        mail_id = mails.add(db, "reset", now=NOW, address=f"ann{number}@mail.example", due_at=NOW + clock.MINUTE)
        db.execute(update(mail).where(mail.c.id == mail_id).values(attempts=2))

    assert problems(db) == [
        "e-mails to 3 addresses failed several times (/admin/mails says why): does the mail server work?"
    ]


def test_a_site_that_took_its_leave_is_not_missed_although_a_process_was_killed_before(db):
    heartbeats.record(db, "web here 1", "web", now=NOW - 2 * clock.MINUTE)
    heartbeats.record(db, "worker here 2", "worker", now=NOW - 2 * clock.MINUTE)
    heartbeats.record(db, "web here 3", "web", now=NOW - clock.SECOND)
    noted = {process.kind for process in db.execute(liveness.PROCESSES)}
    heartbeats.forget(db, "web here 3")
    heartbeats.forget(db, "worker here 2")

    assert noted == {"web", "worker"}
    assert not liveness.read(db, now=NOW).running


def test_who_was_silent_for_a_day_is_forgotten(db):
    see(db, 2 * 24 * 3600)
    heartbeats.record(db, "web here 7", "web", now=NOW)

    assert [one.kind for one in liveness.read(db, now=NOW).seen] == ["web"]


def test_what_waits_for_minutes_is_said_and_what_is_tried_again_later_is_not(db):
    see(db)
    before = NOW - 7 * clock.MINUTE
    failed = outbox.add(db, "kept", now=before)
    outbox.fail(db, failed, "no such luck", now=before)
    db.execute(insert(event), {"id": ids.new(before), "kind": "parked", "due_at": before, "parked_at": before})
    assert problems(db) == []

    outbox.add(db, "kept", now=before)
    mails.add(db, "reset", now=before, address="ann@mail.example")
    mails.add(db, "digest", now=before, address="ann@mail.example", due_at=NOW + clock.HOUR)

    assert problems(db) == [
        "a task has been waiting for 7 minutes (twite events list).",
        "an e-mail has been due for 7 minutes.",
    ]


def test_a_job_that_missed_several_of_its_times_is_said(db):
    see(db)
    lease = jobs.start(db, "hand_over", now=NOW - clock.HOUR, every_ms=5000)
    jobs.succeed(db, lease, now=NOW - clock.HOUR)
    lease = jobs.start(db, "clean", now=NOW - clock.HOUR, every_ms=50 * clock.MINUTE)
    jobs.succeed(db, lease, now=NOW - clock.HOUR)
    lease = jobs.start(db, "polls", now=NOW, every_ms=5000)
    jobs.fail(db, lease, "OSError: no such luck")

    assert problems(db) == [
        "the periodic job hand_over is overdue: it last ran 60 minutes ago.",
        "the periodic job polls is overdue: it has never run (OSError: no such luck).",
    ]


@pytest.mark.faults
def test_what_is_dated_in_the_future_is_said_even_while_nothing_runs(db):
    outbox.add(db, "kept", now=NOW + 26 * clock.HOUR)

    [said] = problems(db)
    assert said.startswith("the newest post or notification is dated 26 hours in the future")


def test_who_was_not_seen_yet_right_after_the_start_is_not_missed(db):
    heartbeats.record(db, "web here 1", "web", now=NOW - 5 * clock.SECOND)

    assert liveness.described(liveness.read(db, now=NOW), NOW)[:3] == [
        "Web process: last seen 5 seconds ago",
        "Worker: not seen yet; the site has just started",
        "Clock: not seen yet; the site has just started",
    ]


def test_everything_is_described_in_a_line(db):
    see(db)

    assert liveness.described(liveness.read(db, now=NOW), NOW) == [
        "Web process: last seen 5 seconds ago",
        "Worker: last seen 5 seconds ago",
        "Clock: last seen 5 seconds ago",
        "Oldest waiting task: none",
        "Oldest e-mail due: none",
        "Overdue periodic jobs: none",
    ]
