import pytest
from sqlalchemy import update

from support.moment import NOW
from twite_common import clock, ids
from twite_common.queries.moderation import trend_reviews
from twite_common.queries.timelines import trends as queries
from twite_common.services.accounts import profiles
from twite_common.services.accounts.profiles import ProfileChanges
from twite_common.services.posts import boosts, favourites
from twite_common.services.timelines import trends
from twite_common.tables import account, card, tag

AGO = {days: NOW - days * clock.DAY + clock.MINUTE for days in (1, 2, 4, 7)}


@pytest.fixture
def make_public(db, make_account):
    """Make an account that wants to be found."""

    def make(name):
        return make_account(name, discoverable=True)

    return make


@pytest.fixture
def dot(make_public):
    return make_public("dot")


@pytest.fixture
def eve(make_public):
    return make_public("eve")


@pytest.fixture
def trending(db):
    """Return the names of the hashtags that trend, the strongest first."""

    def trending():
        trends.compute(db, now=NOW)
        return [one.name for one in queries.tags(db, limit=40, offset=0)]

    return trending


@pytest.fixture
def trending_posts(db):
    def trending_posts():
        trends.compute(db, now=NOW)
        return queries.posts(db, viewer_id=None, now=NOW, limit=40, offset=0)

    return trending_posts


def test_a_hashtag_trends_that_two_accounts_use(trending, make_post, dot, eve):
    make_post(dot, "#birds")
    make_post(dot, "#birds again, and #cats")
    assert trending() == []

    make_post(eve, "#Birds")
    assert trending() == ["birds"]


def test_an_account_counts_once_and_the_more_the_later(trending, make_post, dot, eve):
    for word, when in (("old", AGO[7]), ("older", AGO[4]), ("newer", AGO[2]), ("new", AGO[1])):
        for person in (dot, eve):
            make_post(person, f"#{word}", now=when)
    make_post(dot, "#old #old")
    make_post(dot, "#old")

    assert trending() == ["new", "old", "newer", "older"]


def test_what_is_older_than_a_week_is_forgotten(trending, make_post, dot, eve):
    for person in (dot, eve):
        make_post(person, "#birds", now=NOW - 7 * clock.DAY - clock.MINUTE)

    assert trending() == []


@pytest.mark.parametrize("visibility", ["unlisted", "followers", "mentioned"])
def test_only_public_posts_count(trending, make_post, dot, eve, visibility):
    make_post(dot, "#birds")
    make_post(eve, "@dot #birds", visibility=visibility)

    assert trending() == []


@pytest.mark.parametrize("change", [{"limited_at": NOW}, {"suspended_at": NOW}, {"discoverable": False}])
def test_only_accounts_count_that_want_to_be_found_and_are_not_limited(db, trending, make_post, dot, eve, change):
    for person in (dot, eve):
        make_post(person, "#birds")
    db.execute(update(account).where(account.c.id == eve.id).values(**change))

    assert trending() == []


def test_what_moderators_refuse_is_counted_but_not_shown(db, trending, make_post, dot, eve):
    for person in (dot, eve):
        make_post(person, "#birds")
    db.execute(update(tag).values(trendable=False))

    assert trending() == []
    assert [one.tag.name for one in trend_reviews.tags(db, limit=9, offset=0)] == ["birds"]


def test_a_page_trends_that_two_accounts_link_to(db, make_post, dot, eve):
    for person in (dot, eve):
        make_post(person, "https://news.example/1")
    trends.compute(db, now=NOW)
    assert queries.links(db, limit=9, offset=0) == []

    db.execute(update(card).values(state="ready"))
    trends.compute(db, now=NOW)
    assert [one.url for one in queries.links(db, limit=9, offset=0)] == ["https://news.example/1"]


def test_a_post_trends_that_two_others_favourite_or_boost(db, settings, trending_posts, make_post, ann, bob, dot):
    post_id = make_post(dot)
    favourites.favourite_post(db, now=NOW, account_id=ann.id, post_id=post_id)
    favourites.favourite_post(db, now=NOW, account_id=dot.id, post_id=post_id)
    boosts.boost_post(db, settings, now=NOW, account_id=ann.id, post_id=post_id)
    assert trending_posts() == []

    boosts.boost_post(db, settings, now=NOW, account_id=bob.id, post_id=post_id)
    assert trending_posts() == [post_id]


@pytest.mark.parametrize("draft", [{"sensitive": True}, {"visibility": "unlisted"}])
def test_a_post_that_not_everybody_wants_to_see_does_not_trend(db, trending_posts, make_post, ann, bob, dot, draft):
    post_id = make_post(dot, **draft)
    for person in (ann, bob):
        favourites.favourite_post(db, now=NOW, account_id=person.id, post_id=post_id)

    assert trending_posts() == []


def test_what_was_found_before_is_forgotten(db, trending, trending_posts, make_post, dot, eve):
    for person in (dot, eve):
        make_post(person, "#birds")
    assert trending() == ["birds"]
    profiles.change_profile(db, now=NOW, account_id=eve.id, changes=ProfileChanges(discoverable=False))

    assert trending() == []


def test_days_are_counted_of_what_trends(db, trending, make_post, dot, eve):
    make_post(dot, "#birds", now=AGO[2])
    make_post(dot, "#birds")
    make_post(eve, "#birds")
    trending()
    [found] = queries.tags(db, limit=1, offset=0)

    history = queries.histories(db, "tag", [found.id], first_id=ids.first_at(NOW - 7 * clock.DAY))
    assert history == {found.id: {NOW // clock.DAY: (2, 2), AGO[2] // clock.DAY: (1, 1)}}
