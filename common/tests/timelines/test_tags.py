import pytest

from support.moment import NOW
from twite_common.errors import Invalid, NotFound
from twite_common.queries.paging import Page
from twite_common.queries.timelines import timelines
from twite_common.services.accounts import follows
from twite_common.services.timelines import tags


@pytest.fixture
def at_home(db, ann):
    def at_home():
        return [entry.post_id for entry in timelines.home(db, Page(), viewer_id=ann.id, now=NOW)]

    return at_home


@pytest.fixture
def feature(db, ann):
    def feature(name, *, by=ann):
        return tags.feature_tag(db, now=NOW, account_id=by.id, name=name)

    return feature


def test_public_posts_with_a_followed_hashtag_come_home_from_then_on(db, at_home, ann, bob, make_post):
    make_post(bob, "#birds")
    for _ in range(2):
        tags.follow_tag(db, now=NOW, account_id=ann.id, name="#Birds")
    expected = make_post(bob, "Two #birds")
    make_post(bob, "#birds", visibility="unlisted")

    assert at_home() == [expected]


def test_what_came_for_a_hashtag_alone_leaves_with_it(db, at_home, ann, bob, cho, make_post):
    follows.follow_account(db, now=NOW, follower_id=ann.id, followee_id=cho.id)
    for name in ("birds", "cats"):
        tags.follow_tag(db, now=NOW, account_id=ann.id, name=name)
    make_post(bob, "#birds")
    for_other = make_post(bob, "#birds and #cats")
    own = make_post(ann, "#birds")
    of_followed = make_post(cho, "#birds")
    tags.unfollow_tag(db, now=NOW, account_id=ann.id, name="birds")

    assert at_home() == [of_followed, own, for_other]


@pytest.mark.parametrize("name", ["", "#", "two words", "123", "a-b"])
def test_what_cannot_be_a_hashtag_is_not_followed(db, ann, name):
    with pytest.raises(NotFound):
        tags.follow_tag(db, now=NOW, account_id=ann.id, name=name)


def test_a_hashtag_is_one_however_it_is_written(db):
    names = ("Café", "#cafe", "CAFÉ")

    assert len({tags.found_or_made(db, name, now=NOW).id for name in names}) == 1


def test_ten_hashtags_are_featured(feature, bob):
    first = feature("tag0")
    for number in range(1, 10):
        feature(f"tag{number}")

    with pytest.raises(Invalid, match="maximum number"):
        feature("other")
    assert feature("TAG0") == first
    feature("other", by=bob)


def test_a_feature_is_taken_away_by_its_owner(db, feature, ann, bob):
    _, featured_id = feature("birds")

    with pytest.raises(NotFound):
        tags.drop_featured(db, account_id=bob.id, featured_id=featured_id)
    tags.drop_featured(db, account_id=ann.id, featured_id=featured_id)
    assert feature("birds")[1] != featured_id
