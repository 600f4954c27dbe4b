import threading

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DatabaseError

from support.moment import NOW
from twite_common import outbox
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
        id = outbox.add(db, "post.published", now=NOW, post_id=7)
        before = list(dispatched)

    assert (before, dispatched) == ([], [TaskMessage("events.handle", id)])


def test_what_is_rolled_back_announces_nothing(dispatching, dispatched):
    with pytest.raises(ValueError, match="no"), dispatching.writing() as db:
        outbox.add(db, "post.published", now=NOW)
        raise ValueError("no")
    with dispatching.writing() as db:
        left = db.execute(select(event)).all()

    assert (dispatched, left) == ([], [])


def test_an_event_is_taken_once(db):
    id = outbox.add(db, "post.published", now=NOW, post_id=7)
    taken = outbox.take(db, id)

    assert (taken.kind, taken.details()) == ("post.published", {"post_id": 7})
    assert outbox.take(db, id) is None


def in_order(db):
    """Take all events, and return the ids in the order in which they came."""
    taken = []
    while (id := outbox.next_id(db)) is not None:
        taken.append(outbox.take(db, id).id)
    return taken


def test_events_are_taken_in_the_order_of_their_age(db):
    made = [outbox.add(db, "post.published", now=NOW + number, account_id=number) for number in range(5)]

    assert in_order(db) == made


def test_one_persons_flood_waits_behind_single_events_of_others(db):
    flood = [outbox.add(db, "post.published", now=NOW, account_id=1) for _ in range(50)]
    bobs = outbox.add(db, "post.published", now=NOW + 1, account_id=2)
    nobodys = outbox.add(db, "post.published", now=NOW + 2)
    taken = in_order(db)

    assert taken[:3] == [flood[0], bobs, nobodys]
    assert taken[3:] == flood[1:]


def test_a_flood_goes_on_beside_others_who_keep_coming(db):
    flood = [outbox.add(db, "post.published", now=NOW, account_id=1) for _ in range(5)]
    others = [
        outbox.add(db, "post.published", now=NOW + 1 + number * 500, account_id=2 + number) for number in range(10)
    ]
    taken = in_order(db)

    # Others who came later than the flood's turn do not go first.
    assert [taken.index(id) for id in flood] == [0, 3, 6, 9, 12]
    assert set(taken) == {*flood, *others}


def test_who_has_nothing_waiting_has_no_earlier_turn_to_wait_for(db):
    for _ in range(3):
        outbox.take(db, outbox.add(db, "post.published", now=NOW, account_id=1))
    anns = outbox.add(db, "post.published", now=NOW, account_id=1)
    bobs = outbox.add(db, "post.published", now=NOW + 1, account_id=2)

    assert in_order(db) == [anns, bobs]


def test_what_failed_is_taken_again_when_it_is_due_and_in_turns_too(db):
    flood = [outbox.add(db, "post.published", now=NOW, account_id=1) for _ in range(3)]
    bobs = outbox.add(db, "post.published", now=NOW, account_id=2)
    for id in (*flood, bobs):
        outbox.fail(db, id, "broken", now=NOW)
    at_once = outbox.waiting(db)
    outbox.put_back(db, now=NOW + outbox.DELAYS_MS[0] - 1)
    early = outbox.waiting(db)
    outbox.put_back(db, now=NOW + outbox.DELAYS_MS[0])
    taken = in_order(db)

    assert (at_once, early) == ([], [])
    assert set(taken[:2]) == {flood[0], bobs}
    assert taken[2:] == flood[1:]


def test_an_event_of_an_earlier_version_is_taken_when_its_time_has_come(db):
    db.execute(insert(event), {"id": 1, "kind": "post.published", "due_at": NOW + outbox.GRACE_MS})
    outbox.put_back(db, now=NOW)
    early = outbox.waiting(db)
    outbox.put_back(db, now=NOW + outbox.GRACE_MS)

    assert (early, outbox.waiting(db)) == ([], [1])


def test_two_workers_do_not_take_one_event(database):
    with database.writing() as db:
        made = [outbox.add(db, "post.published", now=NOW, account_id=number) for number in range(40)]
    taken = []

    def work():
        while True:
            with database.writing() as db:
                id = outbox.next_id(db)
                if id is None:
                    return
                taken.append(outbox.take(db, id).id)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken) == made


def test_failures_wait_longer_each_time_and_are_parked_in_the_end(db):
    id = outbox.add(db, "post.published", now=NOW)
    waits = []
    for _ in outbox.DELAYS_MS:
        outbox.fail(db, id, "broken", now=NOW)
        waits.append(outbox.pending(db)[0].due_at - NOW)
    outbox.fail(db, id, "broken", now=NOW)

    assert waits == sorted(set(waits)) == list(outbox.DELAYS_MS)
    assert outbox.pending(db)[0].parked_at == NOW
    assert outbox.take(db, id) is None
    outbox.put_back(db, now=NOW * 2)
    assert outbox.waiting(db) == []


def test_a_parked_event_can_be_retried_or_dropped(db):
    id = outbox.add(db, "post.published", now=NOW)
    for _ in range(len(outbox.DELAYS_MS) + 1):
        outbox.fail(db, id, "broken", now=NOW)
    outbox.retry(db, id, now=NOW)
    retried = outbox.pending(db)[0]
    outbox.drop(db, id)

    assert (retried.attempts, retried.parked_at) == (0, None)
    assert outbox.pending(db) == []
    with pytest.raises(NotFound):
        outbox.drop(db, id)
    with pytest.raises(NotFound):
        outbox.retry(db, id, now=NOW)


def test_reading_cannot_write(database):
    with pytest.raises((DatabaseError, Unavailable)), database.reading() as db:
        db.execute(insert(job), {"name": "x"})


def test_what_can_be_only_once_is_a_conflict(database):
    with pytest.raises(Conflict), database.writing() as db:
        db.execute(insert(job), [{"name": "x"}, {"name": "x"}])
    with database.reading() as db:
        assert db.execute(select(job)).all() == []
