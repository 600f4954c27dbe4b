import pytest

from support.moment import NOW
from twite_common.errors import Invalid, NotFound
from twite_common.queries.paging import Page
from twite_common.queries.timelines import timelines
from twite_common.services.posts import boosts, pins


@pytest.fixture
def pin(db, ann):
    return lambda post_id: pins.pin_post(db, now=NOW, account_id=ann.id, post_id=post_id)


@pytest.fixture
def pinned(db, ann):
    def pinned(viewer=None):
        viewer_id = None if viewer is None else viewer.id
        return [entry.post_id for entry in timelines.pinned(db, ann.id, Page(), viewer_id=viewer_id)]

    return pinned


def test_five_posts_are_pinned_each_once(pin, pinned, ann, make_post):
    post_ids = [make_post(ann) for _ in range(5)]
    for post_id in post_ids:
        pin(post_id)
    pin(post_ids[0])

    with pytest.raises(Invalid, match="maximum number"):
        pin(make_post(ann))
    assert sorted(pinned()) == post_ids


def test_one_that_is_unpinned_makes_room(db, pin, pinned, ann, make_post):
    post_ids = [make_post(ann) for _ in range(6)]
    for post_id in post_ids[:5]:
        pin(post_id)
    for _ in range(2):
        pins.unpin_post(db, account_id=ann.id, post_id=post_ids[0])
    pin(post_ids[5])

    assert sorted(pinned()) == post_ids[1:]


def test_only_ones_own_posts_are_pinned(db, settings, pin, ann, bob, make_post):
    others = make_post(bob)
    boost = boosts.boost_post(db, settings, now=NOW, account_id=ann.id, post_id=others)

    for post_id, message in ((others, "Someone else's"), (boost, "boost")):
        with pytest.raises(Invalid, match=message):
            pin(post_id)
    for post_id in (make_post(bob, visibility="followers"), 1):
        with pytest.raises(NotFound):
            pin(post_id)


def test_a_post_for_those_named_is_not_pinned_and_one_for_followers_shown_to_them_alone(pin, pinned, ann, make_post):
    with pytest.raises(Invalid, match="mentioned users"):
        pin(make_post(ann, "@bob", visibility="mentioned"))
    post_id = make_post(ann, visibility="followers")
    pin(post_id)

    assert (pinned(), pinned(ann)) == ([], [post_id])
