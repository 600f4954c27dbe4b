"""Who may answer a post."""

import pytest

from support.moment import NOW
from twite_common.drafts import Draft
from twite_common.errors import Invalid
from twite_common.queries.posts import posts as queries
from twite_common.queries.timelines import stream_events
from twite_common.services.accounts import follows
from twite_common.services.posts import post_deletion, posts, replies

RELATIONS = ("author", "followed", "named", "stranger", "anonymous")
MAY = {
    "everybody": {"author", "followed", "named", "stranger"},
    "following": {"author", "followed", "named"},
    "mentioned": {"author", "named"},
    "nobody": {"author"},
}
"""Who may answer, by the policy: the rule that everything is compared with."""


@pytest.fixture
def viewer_ids(db, ann, bob, cho, make_account):
    followed = make_account("dan")
    follows.follow_account(db, now=NOW, follower_id=ann.id, followee_id=followed.id)
    follows.follow_account(db, now=NOW, follower_id=cho.id, followee_id=ann.id)
    return {"author": ann.id, "followed": followed.id, "named": bob.id, "stranger": cho.id, "anonymous": None}


@pytest.fixture
def answer(db, settings):
    def answer(by_id, post_id, text="Yes", **draft):
        written = Draft(text=text, in_reply_to_id=post_id, **draft)
        return posts.publish(db, settings, now=NOW, author_id=by_id, draft=written)

    return answer


def answerable_by(db, post_id, viewer_ids):
    return {
        name
        for name, viewer_id in viewer_ids.items()
        if queries.get(db, post_id, viewer_id=viewer_id, now=NOW).can_be_answered_by(viewer_id)
    }


@pytest.mark.parametrize("policy", replies.POLICIES)
def test_a_policy_says_who_may_answer(db, ann, viewer_ids, make_post, answer, policy):
    id = make_post(ann, "@bob Hello", reply_policy=policy)

    assert answerable_by(db, id, viewer_ids) == MAY[policy]
    for name in RELATIONS[:4]:
        if name in MAY[policy]:
            replies.begin(db, viewer_id=viewer_ids[name], post_id=id)
            answer(viewer_ids[name], id)
        else:
            for attempt in (
                lambda name=name: replies.begin(db, viewer_id=viewer_ids[name], post_id=id),
                lambda name=name: answer(viewer_ids[name], id),
            ):
                with pytest.raises(Invalid, match="not allowed to reply"):
                    attempt()


@pytest.mark.parametrize("policy", ["following", "mentioned"])
def test_the_first_posts_policy_counts_for_the_whole_thread(db, viewer_ids, ann, make_post, answer, policy):
    first = make_post(ann, "@bob Hello", reply_policy=policy)
    second = answer(viewer_ids["named"], first, "@cho, what do you think?", reply_policy="everybody")
    third = answer(ann.id, second, "Well")

    # Whom somebody else names may not answer for that.
    assert answerable_by(db, second, viewer_ids) == MAY[policy]
    assert answerable_by(db, third, viewer_ids) == MAY[policy]
    assert queries.get(db, third, viewer_id=None).reply_policy == policy


def test_whom_the_author_names_further_down_may_answer_there(db, viewer_ids, ann, make_post, answer):
    first = make_post(ann, "Hello", reply_policy="mentioned")
    second = answer(ann.id, first, "@bob, too")

    assert answerable_by(db, first, viewer_ids) == {"author"}
    assert answerable_by(db, second, viewer_ids) == {"author", "named"}
    below = answer(viewer_ids["named"], second)
    # And go on below their own answer.
    assert answerable_by(db, below, viewer_ids) == {"author", "named"}


@pytest.mark.parametrize("policy", ["following", "mentioned", "nobody"])
def test_the_policy_outlives_the_first_post(db, viewer_ids, ann, make_post, answer, policy):
    first = make_post(ann, "Hello", reply_policy=policy)
    second = answer(ann.id, first, "@bob")
    post_deletion.delete_own(db, now=NOW, author_id=ann.id, post_id=first)

    assert answerable_by(db, second, viewer_ids) == MAY[policy]


def test_an_answer_in_an_open_thread_has_no_policy_of_its_own(db, viewer_ids, ann, bob, make_post, answer):
    second = answer(ann.id, make_post(bob), reply_policy="nobody")

    assert answerable_by(db, second, viewer_ids) == MAY["everybody"]


def test_an_unknown_policy_is_refused(ann, make_post):
    with pytest.raises(Invalid, match="reply policy"):
        make_post(ann, reply_policy="friends")


@pytest.mark.parametrize("policy", replies.POLICIES)
def test_listeners_who_are_told_of_a_post_together_may_all_answer_or_none(db, ann, viewer_ids, make_post, policy):
    id = make_post(ann, "@bob Hello", reply_policy=policy)
    listener_ids = [viewer_ids[name] for name in RELATIONS[:4]]
    may = {viewer_ids[name] for name in MAY[policy]}

    for group in stream_events.standings(db, id, listener_ids).values():
        assert set(group) <= may or not may.intersection(group)
