"""What is written down for listeners: with the change itself, and only then."""

import threading

import msgspec
import pytest
from sqlalchemy import func, select

from support.moment import NOW
from twite_common.change_feed import Watch, of_database
from twite_common.drafts import Draft
from twite_common.queries.timelines.stream_events import GAP_MS, Deletion, Reader
from twite_common.services.posts import post_deletion, post_edits
from twite_common.services.timelines import stream_events
from twite_common.tables import stream_event


def kinds(db):
    return list(db.scalars(select(stream_event.c.kind).order_by(stream_event.c.number)))


def test_a_post_an_edit_and_a_deletion_are_written_down(db, settings, ann, make_post):
    id = make_post(ann)
    post_edits.edit(db, settings, now=NOW, author_id=ann.id, post_id=id, draft=Draft(text="Hello again"))
    post_deletion.delete_own(db, now=NOW, author_id=ann.id, post_id=id)

    assert kinds(db) == ["post.published", "post.edited", "post.deleted"]
    assert set(db.scalars(select(stream_event.c.subject_id))) == {id}


def test_a_deletion_says_where_the_post_stood(db, ann, make_post):
    id = make_post(ann, "Look at the #Birds over the #moor")
    post_deletion.delete_own(db, now=NOW, author_id=ann.id, post_id=id)

    payload = db.scalar(select(stream_event.c.payload).where(stream_event.c.kind == "post.deleted"))
    gone = msgspec.json.decode(payload, type=Deletion)
    assert (gone.public, gone.merged, sorted(gone.tags)) == (True, False, ["birds", "moor"])


def test_all_who_are_told_the_same_are_one_row(db, ann, bob, cho, make_post):
    make_post(ann, "Hello @bob and @cho")

    payload = db.scalar(select(stream_event.c.payload).where(stream_event.c.kind == "notifications.created"))
    assert {account_id for account_id, _ in msgspec.json.decode(payload)} == {bob.id, cho.id}


def test_listeners_are_woken_once_after_the_commit(database):
    woken = []
    database.streamed = lambda: woken.append("woken")
    with database.writing() as db:
        stream_events.add(db, "filters.changed", now=NOW, account_id=1)
        stream_events.add(db, "filters.changed", now=NOW, account_id=2)
        assert woken == []

    assert woken == ["woken"]


def test_listeners_sleep_on_when_nothing_is_for_them(database, settings):
    woken = []
    database.streamed = lambda: woken.append("woken")
    with database.writing() as db:
        stream_events.forget_old(db, now=NOW)
    with pytest.raises(ZeroDivisionError), database.writing() as db:
        stream_events.add(db, "filters.changed", now=NOW, account_id=1)
        raise ZeroDivisionError
    with database.writing() as db:
        stream_events.forget_old(db, now=NOW)

    assert woken == []


def test_what_everybody_was_told_is_removed(db):
    stream_events.add(db, "filters.changed", now=NOW, account_id=1)
    stream_events.add(db, "filters.changed", now=NOW + stream_events.KEEP_MS, account_id=2)
    stream_events.forget_old(db, now=NOW + stream_events.KEEP_MS + 1)

    assert db.scalar(select(func.count()).select_from(stream_event)) == 1


def numbers(reader, database):
    with database.reading() as db:
        return [event.number for event in reader.read(db, now=NOW)]


def put(database, number):
    with database.writing() as db:
        db.execute(stream_event.insert().values(number=number, kind="filters.changed", made_at=NOW))


def test_a_reader_begins_after_what_is_there(database):
    put(database, 5)
    reader = Reader()
    with database.reading() as db:
        reader.start(db, now=NOW)
    put(database, 6)

    assert (numbers(reader, database), numbers(reader, database)) == ([6], [])


def test_what_is_committed_late_is_read_once(database):
    put(database, 5)
    reader = Reader()
    with database.reading() as db:
        reader.start(db, now=NOW)
    put(database, 8)
    first = numbers(reader, database)
    put(database, 7)
    put(database, 4)

    assert (first, numbers(reader, database), numbers(reader, database)) == ([8], [4, 7], [])


def test_a_number_that_never_comes_is_forgotten(database):
    reader = Reader()
    put(database, 3)
    numbers(reader, database)
    put(database, 1)
    with database.reading() as db:
        late = reader.read(db, now=NOW + GAP_MS)

    assert late == []


@pytest.mark.parametrize("afterwards", [False, True])
def test_another_process_is_noticed(database, database_url, afterwards):
    if afterwards:
        database.announce()
    noticed = threading.Event()
    watch = Watch(of_database(database_url), noticed.set)
    watch.start()
    try:
        assert noticed.wait(10)
        noticed.clear()
        with database.writing() as db:
            stream_events.add(db, "filters.changed", now=NOW, account_id=1)

        assert noticed.wait(4)
    finally:
        watch.stop()
        watch.wait()
