"""What is told of an event, and how many statements that takes: as many for many listeners as for few."""

import msgspec
import pytest
from sqlalchemy import event

from twite_common import clock
from twite_common.queries import viewers
from twite_common.queries.timelines.stream_events import StreamEvent
from twite_common.services.accounts import accounts, blocks, follows
from twite_common.services.moderation import announcements
from twite_common.services.posts import quotes
from twite_web.core import make
from twite_web.streaming.serializers import Listening, Told, prepare

MAX_COUNT = 16


@pytest.fixture
def statements(database, settings, ann, make_post, make_account):
    """Return how many statements it takes to tell so many followers of a post."""
    core = make(settings, database)

    def statements(number):
        listeners = [make_account(f"listener{number}of{index}") for index in range(number)]
        with database.writing() as db:
            for one in listeners:
                follows.follow_account(db, now=clock.now(), follower_id=one.id, followee_id=ann.id)
        post_id = make_post(ann, "#birds")
        channels = {("user", one.id) for one in listeners} | {("public", ""), ("hashtag", "birds")}
        listening = Listening(frozenset(one.id for one in listeners), frozenset(channels))
        told = StreamEvent(1, "post.published", None, post_id, None)
        ran = []

        def note(*_):
            ran.append(1)

        event.listen(database._reading, "before_cursor_execute", note)
        with database.reading() as db:
            messages = prepare(core, db, told, listening, Told(), now=clock.now())
        event.remove(database._reading, "before_cursor_execute", note)
        assert {channel for message in messages for channel in message.channels} >= channels
        return len(ran)

    return statements


def test_many_listeners_take_no_more_statements_than_few(statements):
    statements(1)
    few, many = statements(2), statements(30)

    assert few == many <= MAX_COUNT


def test_everybody_who_listens_is_told_of_an_announcement(database, settings, ann, bob, make_post):
    link = f"http://twite.example/@ann/{make_post(ann)}"
    now = clock.now()
    with database.writing() as db:
        accounts.set_role(db, account_id=ann.id, role="admin")
        admin = viewers.by_account(db, ann.id)
        id = announcements.announce(db, now=now, viewer=admin, words=f"@bob: see {link}", ends_at=now + clock.HOUR)
    listening = Listening(frozenset({ann.id, bob.id}), frozenset({("user", ann.id), ("user", bob.id), ("public", "")}))
    core, told = make(settings, database), StreamEvent(1, "announcement.published", None, id, None)
    with database.reading() as db:
        (message,) = prepare(core, db, told, listening, Told(), now=now)
        later = prepare(core, db, told, listening, Told(), now=now + clock.HOUR)
    frame = msgspec.json.decode(message.frame(("user",)))
    shown = msgspec.json.decode(frame["payload"])

    assert (frame["event"], set(message.channels)) == ("announcement", {("user", ann.id), ("user", bob.id)})
    assert (shown["id"], [one["acct"] for one in shown["mentions"]]) == (str(id), ["bob"])
    assert [one["url"] for one in shown["statuses"]] == [link]
    assert "read" not in shown
    assert later == []


def test_a_quote_that_was_taken_back_is_told_as_that_to_those_who_could_not_see_it(
    database, settings, ann, bob, cho, make_post
):
    now = clock.now()
    quoted_id = make_post(ann)
    quoting_id = make_post(bob, quote_of_id=quoted_id)
    with database.writing() as db:
        blocks.block_account(db, now=now, account_id=ann.id, blocked_id=cho.id)
        quotes.revoke(db, now=now, account_id=ann.id, post_id=quoted_id, quoting_id=quoting_id)
    listening = Listening(frozenset({cho.id}), frozenset({("public", "")}))
    core, told = make(settings, database), StreamEvent(1, "post.edited", None, quoting_id, None)
    with database.reading() as db:
        messages = prepare(core, db, told, listening, Told(), now=now)
    frames = [msgspec.json.decode(one.frame(("public",))) for one in messages if cho.id in one.only]

    states = [msgspec.json.decode(frame["payload"])["quote"]["state"] for frame in frames]
    assert states == ["revoked"]
