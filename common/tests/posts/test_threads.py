"""Several posts that are published at once, each as the answer to the one before."""

import pytest
from sqlalchemy import select

from support.moment import NOW
from twite_common import clock
from twite_common.drafts import Draft
from twite_common.errors import Invalid
from twite_common.queries.accounts import accounts
from twite_common.queries.posts import posts as queries
from twite_common.services.accounts import follows
from twite_common.services.accounts.follows import Options
from twite_common.services.posts import media, post_checks, posts
from twite_common.tables import idempotency_key, notification, post


@pytest.fixture
def publish(db, settings, ann):
    def publish(*drafts, by=ann, key=None, now=NOW):
        given = {"author_id": by.id, "drafts": drafts, "idempotency_name": key}
        return posts.publish_thread(db, settings, now=now, **given)

    return publish


@pytest.fixture
def texts(db):
    return lambda: list(db.scalars(select(post.c.text).order_by(post.c.id)))


def test_each_post_answers_the_one_before(db, publish, texts, ann):
    first, second, third = publish(Draft(text="One"), Draft(text="Two"), Draft(text="Three"))
    thread = [queries.get(db, id, viewer_id=ann.id) for id in (first, second, third)]

    assert texts() == ["One", "Two", "Three"]
    assert [one.in_reply_to_id for one in thread] == [None, first, second]
    assert [one.in_reply_to_account_id for one in thread] == [None, ann.id, ann.id]
    assert {one.conversation_id for one in thread} == {first}
    assert [one.replies_count for one in thread] == [1, 1, 0]
    assert accounts.get(db, ann.id).posts_count == 3


def test_a_thread_can_answer_a_post(db, publish, make_post, ann, bob):
    answered = make_post(bob)
    first, second = publish(Draft(text="One", in_reply_to_id=answered), Draft(text="Two", in_reply_to_id=answered))
    thread = [queries.get(db, id, viewer_id=ann.id) for id in (answered, first, second)]

    assert [one.in_reply_to_id for one in thread] == [None, answered, first]
    assert [one.replies_count for one in thread] == [1, 1, 0]


@pytest.mark.parametrize(
    "wrong", [Draft(text=""), Draft(text="a" * 501), Draft(text="x", visibility="x"), Draft(text="x", media_ids=(5,))]
)
def test_nothing_is_written_when_one_of_them_breaks_a_rule(publish, texts, wrong):
    with pytest.raises(Invalid):
        publish(Draft(text="One"), wrong)
    assert texts() == []


@pytest.mark.parametrize("number", [0, post_checks.MAX_THREAD + 1])
def test_a_thread_has_one_to_25_posts(publish, number):
    with pytest.raises(Invalid, match="1 to 25"):
        publish(*[Draft(text="x")] * number)


def test_two_posts_of_a_thread_cannot_have_one_picture(db, publish, ann, texts, add_picture):
    picture = add_picture(ann)
    with pytest.raises(Invalid, match="attached to another post"):
        publish(Draft(text="One", media_ids=(picture,)), Draft(text="Two", media_ids=(picture,)))

    assert texts() == []
    first, second = publish(Draft(text="One", media_ids=(picture,)), Draft(text="Two"))
    assert [first, second] == sorted([first, second])
    with pytest.raises(Invalid):
        media.drop(db, now=NOW, account_id=ann.id, media_id=picture)


def test_the_same_key_within_an_hour_returns_the_same_posts(db, publish, texts):
    drafts = [Draft(text="One"), Draft(text="Two"), Draft(text="Three")]
    thread = publish(*drafts, key="k")

    assert publish(*drafts, key="k", now=NOW + clock.HOUR - 1) == thread
    assert publish(*drafts, key="k", now=NOW + clock.HOUR) != thread
    assert len(texts()) == 6
    assert set(db.scalars(select(idempotency_key.c.name))) == {"k", "k\n1", "k\n2"}


def test_followers_are_told_of_the_first_post_and_those_named_of_theirs(db, publish, ann, bob, cho):
    follows.follow_account(db, now=NOW, follower_id=bob.id, followee_id=ann.id, options=Options(notify=True))
    first, second = publish(Draft(text="One"), Draft(text="@cho Two"))

    rows = db.execute(
        select(notification.c.account_id, notification.c.kind, notification.c.post_id).where(
            notification.c.post_id.is_not(None)
        )
    )
    assert sorted(rows) == sorted([(bob.id, "post", first), (cho.id, "mention", second)])
