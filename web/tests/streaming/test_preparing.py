"""How many statements an event takes: as many for many listeners as for few."""

import pytest
from sqlalchemy import event

from twite_common import clock
from twite_common.queries.streams import StreamEvent
from twite_common.services import follows
from twite_web.core import make
from twite_web.streaming.preparing import Listening, Told, prepare

MOST = 16


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

    assert few == many <= MOST
