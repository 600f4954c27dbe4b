"""Acting on events: once, in one transaction, and again later when it fails."""

import msgspec
import pytest
from sqlalchemy import select

from support.moment import NOW
from twite_common import clock, outbox
from twite_common.drafts import Draft
from twite_common.media import storage
from twite_common.media.pictures import Picture
from twite_common.services.accounts import follows
from twite_common.services.posts import media, posts
from twite_common.tables import event, home_timeline, mail, post
from twite_tasks import event_handlers, periodic_jobs


@pytest.fixture
def pending(rows):
    return lambda: rows(select(event.c.id, event.c.attempts, event.c.error, event.c.parked_at))


def test_an_event_is_acted_on_once_however_often_its_message_comes(context, ann, bob, make_post, pending, rows):
    make_post(ann, "@bob hello")
    ((id, *_),) = pending()
    for _ in range(3):
        event_handlers.handle(context, id, now=NOW)

    assert pending() == []
    assert [row.kind for row in rows(select(mail.c.kind))] == ["notifications"]


def test_a_failure_leaves_nothing_behind_and_is_recorded_on_the_event(context, database, pending, caplog):
    with database.writing() as db:
        id = outbox.add(db, "notifications.created", now=NOW)
    event_handlers.handle(context, id, now=NOW)

    ((found, attempts, error, parked_at),) = pending()
    assert (found, attempts, parked_at) == (id, 1, None)
    assert error
    assert "event_failed" in caplog.text


def test_an_event_of_a_kind_that_nobody_knows_is_parked_in_the_end_and_not_lost(context, database, pending):
    with database.writing() as db:
        id = outbox.add(db, "from.the.future", now=NOW)
    for _ in range(len(outbox.DELAYS_MS) + 1):
        event_handlers.handle(context, id, now=NOW)

    assert pending()[0].parked_at == NOW


def test_a_post_reaches_many_followers_in_chunks(context, database, make_account, pending):
    settings = msgspec.structs.replace(context.settings, fanout_at_once=2)
    small = msgspec.structs.replace(context, settings=settings)
    author = make_account("author")
    fans = [make_account(f"fan{number}") for number in range(5)]
    with database.writing() as db:
        for fan in fans:
            follows.follow_account(db, now=NOW, follower_id=fan.id, followee_id=author.id)
    with database.writing() as db:
        post_id = posts.publish(db, settings, now=NOW, author_id=author.id, draft=Draft(text="Hello"))
    handled = 0
    while waiting := [row.id for row in pending()]:
        event_handlers.handle(small, waiting[0], now=NOW)
        handled += 1

    with database.reading() as db:
        having = set(db.scalars(select(home_timeline.c.account_id).where(home_timeline.c.post_id == post_id)))
    assert {fan.id for fan in fans} < having
    assert handled >= 3


def test_a_post_that_has_ended_is_deleted_once(context, database, ann, pending, rows):
    draft, end = Draft(text="Soon gone", expires_in_seconds=3600), NOW + clock.HOUR
    with database.writing() as db:
        posts.publish(db, context.settings, now=NOW, author_id=ann.id, draft=draft)
    periodic_jobs.run(context, "posts_over", now=end - 1)
    assert pending() == []

    # A worker that comes late finds it announced more than once.
    for seconds in (0, 10):
        periodic_jobs.run(context, "posts_over", now=end + seconds * clock.SECOND)
    for id, *_ in pending():
        event_handlers.handle(context, id, now=end)
    assert pending() == []
    assert rows(select(post.c.id)) == []


def test_an_event_about_files_whose_handler_died_is_taken_again(database, context, settings):
    name = storage.media(settings).store(Picture(b"stray", "image/webp", "webp", width=1, height=1))
    with database.writing() as db:
        id = outbox.add(db, media.UNUSED, now=NOW, names=[name])
    with database.writing() as db:
        outbox.hold(db, outbox.take(db, id), now=NOW)
    with database.writing() as db:
        held = outbox.next_id(db)
        outbox.put_back(db, now=NOW + outbox.HELD_MS - 1)
        still_held = outbox.next_id(db)
        outbox.put_back(db, now=NOW + outbox.HELD_MS)
    event_handlers.handle_next(context, now=NOW + outbox.HELD_MS)

    assert (held, still_held, storage.media(settings).exists(name)) == (None, None, False)
