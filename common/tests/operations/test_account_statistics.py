from datetime import UTC, timedelta, timezone

import msgspec
import pytest
from sqlalchemy import select, update

from support.deletion import delete_whole_account
from support.moment import NOW
from twite_common import clock
from twite_common.drafts import Draft
from twite_common.queries.operations import account_statistics as queries
from twite_common.services.accounts import blocks, follows
from twite_common.services.operations import statistics
from twite_common.services.posts import boosts, favourites, post_deletion, posts
from twite_common.tables import account_daily_statistics

DAY = clock.as_date(NOW)
EVER = (0, NOW + 10 * clock.DAY)


@pytest.fixture
def first(db, settings, ann, bob, make_post):
    """A post of Bob's that Ann answers, favourites and boosts, and from which she follows him."""
    first = make_post(bob, "hello #wrens")
    make_post(ann, "@bob hi", in_reply_to_id=first)
    favourites.favourite_post(db, now=NOW, account_id=ann.id, post_id=first)
    boosts.boost_post(db, settings, now=NOW, account_id=ann.id, post_id=first)
    follows.follow_account(db, now=NOW, follower_id=ann.id, followee_id=bob.id, from_post_id=first)
    return first


def test_each_account_sees_what_it_wrote_and_received(db, first, ann, bob):
    statistics.compute(db, DAY, now=NOW)

    (of_bob,) = queries.days(db, bob.id, DAY, DAY)
    (of_ann,) = queries.days(db, ann.id, DAY, DAY)
    nothing = {"replies": 0, "favourites": 0, "boosts": 0, "new_followers": 0, "followers": 0}
    assert of_bob == queries.AccountDay(
        DAY, posts=1, replies_written=0, replies=1, favourites=1, boosts=1, new_followers=1, followers=1
    )
    assert of_ann == queries.AccountDay(DAY, posts=1, replies_written=1, **nothing)


def test_a_day_is_that_of_a_time_zone(db, settings, ann):
    a_day = timedelta(days=1)
    day = DAY + 2 * a_day
    for minutes in (0, 30, 12 * 60, 24 * 60 - 1):
        at = clock.start_of(day) + minutes * clock.MINUTE
        posts.publish(db, settings, now=at, author_id=ann.id, draft=Draft(text="x"))
    statistics.compute(db, day, now=NOW)

    def counted(zone):
        return {(one.day - day).days: one.posts for one in queries.days(db, ann.id, day - a_day, day + a_day, zone)}

    assert counted(UTC) == {0: 4}
    assert counted(timezone(timedelta(minutes=-30))) == {-1: 1, 0: 3}
    assert counted(timezone(timedelta(minutes=30))) == {0: 3, 1: 1}


def test_what_was_counted_before_half_hours_were_belongs_to_its_day_in_utc(db, ann, first):
    statistics.compute(db, DAY, now=NOW)
    db.execute(update(account_daily_statistics).values(half_hours=None))
    (there,) = queries.days(db, ann.id, DAY - timedelta(days=1), DAY, timezone(timedelta(hours=-12)))

    assert (there.day, there.posts) == (DAY, 1)


def test_who_followed_after_a_day_was_no_follower_then(db, first, bob, cho):
    follows.follow_account(db, now=NOW + clock.DAY, follower_id=cho.id, followee_id=bob.id)
    for day in (DAY, DAY + timedelta(days=1)):
        statistics.compute(db, day, now=NOW + clock.DAY)

    assert [day.followers for day in queries.days(db, bob.id, DAY, DAY + timedelta(days=1))] == [2, 1]


def test_posts_come_with_what_they_received_the_newest_first(db, first, bob, make_post):
    second = make_post(bob, "again", in_reply_to_id=first)
    found = queries.posts(db, bob.id, *EVER)

    assert [post.id for post in found] == [second, first]
    assert msgspec.structs.asdict(found[1]) | {"id": 0} == {
        "id": 0,
        "in_reply_to_account_id": None,
        "favourites": 1,
        "boosts": 1,
        "replies": 2,
    }
    assert queries.posts(db, bob.id, NOW + clock.DAY, EVER[1]) == []
    assert queries.first_post(db, bob.id, *EVER) == first


def test_hashtags_are_counted_by_post(db, first, bob, make_post):
    before = queries.hashtags(db, bob.id, NOW + clock.DAY, EVER[1])
    for text in ("#wrens #Heath", "#heath", "#heath"):
        make_post(bob, text)

    assert (before, queries.hashtags(db, bob.id, *EVER)) == ([], [("Heath", 3), ("wrens", 2)])


def test_people_behind_a_block_are_not_nearby(db, ann, bob, cho):
    before = queries.nearby(db, bob.id, [ann.id, cho.id])
    blocks.block_account(db, now=NOW, account_id=cho.id, blocked_id=bob.id)

    assert before == {ann.id, cho.id}
    assert queries.nearby(db, bob.id, [ann.id, cho.id]) == {ann.id}


def test_a_post_that_led_to_a_follow_is_remembered_as_long_as_it_lasts(db, first, ann, bob):
    before = queries.followers_by_post(db, bob.id, *EVER)
    follows.unfollow_account(db, follower_id=ann.id, followee_id=bob.id)

    assert before == [(first, 1)]
    assert queries.followers_by_post(db, bob.id, *EVER) == []


@pytest.mark.parametrize("visibility", ["public", "followers"])
def test_no_post_of_others_and_none_that_the_follower_may_not_see_led_to_a_follow(
    db, ann, bob, cho, make_post, visibility
):
    others, hidden = make_post(ann), make_post(bob, visibility=visibility)
    for post_id in (others, hidden, 5):
        follows.follow_account(db, now=NOW, follower_id=cho.id, followee_id=bob.id, from_post_id=post_id)
        found = queries.followers_by_post(db, bob.id, *EVER)
        follows.unfollow_account(db, follower_id=cho.id, followee_id=bob.id)

        assert found == ([(hidden, 1)] if (post_id, visibility) == (hidden, "public") else [])


def test_a_request_remembers_the_post_until_it_is_accepted(db, cho, make_account, make_post):
    dot = make_account("dot", locked=True)
    post = make_post(dot)
    follows.follow_account(db, now=NOW, follower_id=cho.id, followee_id=dot.id, from_post_id=post)
    before = queries.followers_by_post(db, dot.id, *EVER)
    follows.accept_request(db, now=NOW, follower_id=cho.id, followee_id=dot.id)

    assert (before, queries.followers_by_post(db, dot.id, *EVER)) == ([], [(post, 1)])


def test_a_day_is_kept_a_few_accounts_at_a_time(db, first, make_account, make_post, monkeypatch):
    monkeypatch.setattr(statistics, "ACCOUNTS_AT_ONCE", 2)
    people = [make_account(f"person{number}") for number in range(5)]
    written = [make_post(person) for person in people]

    def keep(*, meanwhile=None):
        pieces = statistics.look_at(db, DAY, now=NOW)
        if meanwhile:
            meanwhile()
        for piece in pieces:
            piece(db)
        return len(pieces), set(db.scalars(select(account_daily_statistics.c.account_id)))

    all_of_them = keep()
    for place in (0, 4):
        post_deletion.delete_own(db, now=NOW, author_id=people[place].id, post_id=written[place])
    fewer = keep(meanwhile=lambda: delete_whole_account(db, people[2].id))

    # One for the site, and one for each two of the accounts.
    assert (all_of_them[0], len(all_of_them[1])) == (1 + 4, 7)
    assert all_of_them[1] - fewer[1] == {people[place].id for place in (0, 2, 4)}
