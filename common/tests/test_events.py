import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DatabaseError

from moment import NOW
from twite_common import events
from twite_common.database import Announcement, Database
from twite_common.errors import Conflict, NotFound, Unavailable
from twite_common.tables import event, job


@pytest.fixture
def announced():
    return []


@pytest.fixture
def announcing(database_url, announced):
    database = Database(database_url, announce=announced.extend)
    yield database
    database.close()


def test_an_event_is_announced_after_its_commit_and_not_before(announcing, announced):
    with announcing.writing() as db:
        id = events.add(db, "post.published", now=NOW, post_id=7)
        before = list(announced)

    assert (before, announced) == ([], [Announcement("events.handle", id)])


def test_what_is_rolled_back_announces_nothing(announcing, announced):
    with pytest.raises(ValueError, match="no"), announcing.writing() as db:
        events.add(db, "post.published", now=NOW)
        raise ValueError("no")
    with announcing.writing() as db:
        left = db.execute(select(event)).all()

    assert (announced, left) == ([], [])


def test_an_event_is_taken_once(db):
    id = events.add(db, "post.published", now=NOW, post_id=7)
    taken = events.take(db, id)

    assert (taken.kind, taken.details()) == ("post.published", {"post_id": 7})
    assert events.take(db, id) is None


def test_an_event_is_due_when_the_brokers_message_had_its_chance(db):
    id = events.add(db, "post.published", now=NOW)

    assert events.due(db, now=NOW + events.GRACE_MS - 1) == []
    assert events.due(db, now=NOW + events.GRACE_MS) == [id]


def test_failures_wait_longer_each_time_and_are_parked_in_the_end(db):
    id = events.add(db, "post.published", now=NOW)
    waits = []
    for _ in events.DELAYS_MS:
        events.fail(db, id, "broken", now=NOW)
        waits.append(events.pending(db)[0].due_at - NOW)
    events.fail(db, id, "broken", now=NOW)

    assert waits == sorted(set(waits)) == list(events.DELAYS_MS)
    assert events.pending(db)[0].parked_at == NOW
    assert events.take(db, id) is None
    assert events.due(db, now=NOW * 2) == []


def test_a_parked_event_can_be_retried_or_dropped(db):
    id = events.add(db, "post.published", now=NOW)
    for _ in range(len(events.DELAYS_MS) + 1):
        events.fail(db, id, "broken", now=NOW)
    events.retry(db, id, now=NOW)
    retried = events.pending(db)[0]
    events.drop(db, id)

    assert (retried.attempts, retried.parked_at) == (0, None)
    assert events.pending(db) == []
    with pytest.raises(NotFound):
        events.drop(db, id)
    with pytest.raises(NotFound):
        events.retry(db, id, now=NOW)


def test_reading_cannot_write(database):
    with pytest.raises((DatabaseError, Unavailable)), database.reading() as db:
        db.execute(insert(job), {"name": "x"})


def test_what_can_be_only_once_is_a_conflict(database):
    with pytest.raises(Conflict), database.writing() as db:
        db.execute(insert(job), [{"name": "x"}, {"name": "x"}])
    with database.reading() as db:
        assert db.execute(select(job)).all() == []
