import threading

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DatabaseError

from support.moment import NOW
from twite_common import events
from twite_common.database import Database, TaskMessage
from twite_common.errors import Conflict, NotFound, Unavailable
from twite_common.tables import event, job


@pytest.fixture
def dispatched():
    return []


@pytest.fixture
def dispatching(database_url, dispatched):
    database = Database(database_url, dispatch=dispatched.extend)
    yield database
    database.close()


def test_an_event_is_announced_after_its_commit_and_not_before(dispatching, dispatched):
    with dispatching.writing() as db:
        id = events.add(db, "post.published", now=NOW, post_id=7)
        before = list(dispatched)

    assert (before, dispatched) == ([], [TaskMessage("events.handle", id)])


def test_what_is_rolled_back_announces_nothing(dispatching, dispatched):
    with pytest.raises(ValueError, match="no"), dispatching.writing() as db:
        events.add(db, "post.published", now=NOW)
        raise ValueError("no")
    with dispatching.writing() as db:
        left = db.execute(select(event)).all()

    assert (dispatched, left) == ([], [])


def test_an_event_is_taken_once(db):
    id = events.add(db, "post.published", now=NOW, post_id=7)
    taken = events.take(db, id)

    assert (taken.kind, taken.details()) == ("post.published", {"post_id": 7})
    assert events.take(db, id) is None


def in_order(db):
    """Take all events, and return the ids in the order in which they came."""
    taken = []
    while (id := events.next_id(db)) is not None:
        taken.append(events.take(db, id).id)
    return taken


def test_events_are_taken_in_the_order_of_their_age(db):
    made = [events.add(db, "post.published", now=NOW + number, account_id=number) for number in range(5)]

    assert in_order(db) == made


def test_one_persons_flood_waits_behind_single_events_of_others(db):
    flood = [events.add(db, "post.published", now=NOW, account_id=1) for _ in range(50)]
    bobs = events.add(db, "post.published", now=NOW + 1, account_id=2)
    nobodys = events.add(db, "post.published", now=NOW + 2)
    taken = in_order(db)

    assert taken[:3] == [flood[0], bobs, nobodys]
    assert taken[3:] == flood[1:]


def test_a_flood_goes_on_beside_others_who_keep_coming(db):
    flood = [events.add(db, "post.published", now=NOW, account_id=1) for _ in range(5)]
    others = [
        events.add(db, "post.published", now=NOW + 1 + number * 500, account_id=2 + number) for number in range(10)
    ]
    taken = in_order(db)

    # Others who came later than the flood's turn do not go first.
    assert [taken.index(id) for id in flood] == [0, 3, 6, 9, 12]
    assert set(taken) == {*flood, *others}


def test_who_has_nothing_waiting_has_no_earlier_turn_to_wait_for(db):
    for _ in range(3):
        events.take(db, events.add(db, "post.published", now=NOW, account_id=1))
    anns = events.add(db, "post.published", now=NOW, account_id=1)
    bobs = events.add(db, "post.published", now=NOW + 1, account_id=2)

    assert in_order(db) == [anns, bobs]


def test_what_failed_is_taken_again_when_it_is_due_and_in_turns_too(db):
    flood = [events.add(db, "post.published", now=NOW, account_id=1) for _ in range(3)]
    bobs = events.add(db, "post.published", now=NOW, account_id=2)
    for id in (*flood, bobs):
        events.fail(db, id, "broken", now=NOW)
    at_once = events.waiting(db)
    events.put_back(db, now=NOW + events.DELAYS_MS[0] - 1)
    early = events.waiting(db)
    events.put_back(db, now=NOW + events.DELAYS_MS[0])
    taken = in_order(db)

    assert (at_once, early) == ([], [])
    assert set(taken[:2]) == {flood[0], bobs}
    assert taken[2:] == flood[1:]


def test_an_event_of_an_earlier_version_is_taken_when_its_time_has_come(db):
    db.execute(insert(event), {"id": 1, "kind": "post.published", "due_at": NOW + events.GRACE_MS})
    events.put_back(db, now=NOW)
    early = events.waiting(db)
    events.put_back(db, now=NOW + events.GRACE_MS)

    assert (early, events.waiting(db)) == ([], [1])


def test_two_workers_do_not_take_one_event(database):
    with database.writing() as db:
        made = [events.add(db, "post.published", now=NOW, account_id=number) for number in range(40)]
    taken = []

    def work():
        while True:
            with database.writing() as db:
                id = events.next_id(db)
                if id is None:
                    return
                taken.append(events.take(db, id).id)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken) == made


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
    events.put_back(db, now=NOW * 2)
    assert events.waiting(db) == []


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
