import pytest

from support.moment import NOW
from twite_common.errors import NotAllowed, NotFound
from twite_common.queries.accounts import accounts as account_queries
from twite_common.queries.accounts import relationships
from twite_common.queries.notifications import notifications as notification_queries
from twite_common.queries.paging import Page
from twite_common.services.accounts import blocks, follows, profiles
from twite_common.services.posts import boosts, favourites


def follow(db, follower, followee, **options):
    follows.follow_account(
        db, now=NOW, follower_id=follower.id, followee_id=followee.id, options=follows.Options(**options)
    )


def counts(db, account):
    found = account_queries.get(db, account.id)
    return (found.followers_count, found.following_count)


def relation(db, viewer, other):
    (found,) = relationships.load(db, [other.id], viewer_id=viewer.id, now=NOW)
    return found


def kinds(db, account):
    return [one.kind for one in notification_queries.page(db, Page(), viewer_id=account.id, now=NOW)]


def test_following_twice_counts_once(db, ann, bob):
    follow(db, ann, bob)
    follow(db, ann, bob)

    assert (counts(db, ann), counts(db, bob)) == ((0, 1), (1, 0))
    assert kinds(db, bob) == ["follow"]
    assert relation(db, ann, bob).following
    assert relation(db, bob, ann).followed_by


def test_unfollowing_undoes_a_follow_and_twice_is_no_error(db, ann, bob):
    follow(db, ann, bob)
    for _ in range(2):
        follows.unfollow_account(db, follower_id=ann.id, followee_id=bob.id)

    assert (counts(db, ann), counts(db, bob), kinds(db, bob)) == ((0, 0), (0, 0), [])


def test_nobody_follows_themselves_or_somebody_who_is_not_there(db, ann):
    with pytest.raises(NotAllowed):
        follow(db, ann, ann)
    with pytest.raises(NotFound):
        follows.follow_account(db, now=NOW, follower_id=ann.id, followee_id=1)


@pytest.mark.parametrize("who", ["follower", "followee"])
def test_a_block_either_way_forbids_following(db, ann, bob, who):
    one, other = (ann, bob) if who == "follower" else (bob, ann)
    blocks.block_account(db, now=NOW, account_id=one.id, blocked_id=other.id)

    with pytest.raises(NotAllowed):
        follow(db, ann, bob)


def test_options_change_without_following_anew(db, ann, bob):
    follow(db, ann, bob)
    follow(db, ann, bob, boosts=False, notify=True, languages=("de", "en"))

    found = relation(db, ann, bob)
    assert (found.boosts, found.notify, found.languages) == (False, True, ",de,en,")
    assert counts(db, bob) == (1, 0)


def test_a_locked_account_is_asked_and_decides(db, ann, bob, cho, make_account):
    dee = make_account("dee", locked=True)
    for follower in (ann, bob, cho):
        follow(db, follower, dee, notify=True)
    asked = kinds(db, dee)
    follows.accept_request(db, now=NOW, follower_id=ann.id, followee_id=dee.id)
    follows.reject_request(db, follower_id=bob.id, followee_id=dee.id)
    follows.unfollow_account(db, follower_id=cho.id, followee_id=dee.id)

    assert asked == ["follow_request"] * 3
    assert kinds(db, dee) == ["follow"]
    assert counts(db, dee) == (1, 0)
    assert relation(db, ann, dee).notify
    assert [relation(db, one, dee).requested for one in (ann, bob, cho)] == [False] * 3


def test_a_request_that_was_not_made_cannot_be_answered(db, ann, bob):
    with pytest.raises(NotFound):
        follows.accept_request(db, now=NOW, follower_id=ann.id, followee_id=bob.id)


def test_unlocking_lets_everybody_in_who_has_asked(db, ann, make_account):
    dee = make_account("dee", locked=True)
    follow(db, ann, dee)
    profiles.change_profile(db, now=NOW, account_id=dee.id, changes=profiles.ProfileChanges(locked=False))

    assert relation(db, ann, dee).following


def test_blocking_ends_follows_both_ways_and_what_was_told(db, ann, bob):
    follow(db, ann, bob)
    follow(db, bob, ann)
    blocks.block_account(db, now=NOW, account_id=ann.id, blocked_id=bob.id)

    found = relation(db, ann, bob)
    assert (found.following, found.followed_by, found.blocking) == (False, False, True)
    assert relation(db, bob, ann).blocked_by
    assert kinds(db, ann) == kinds(db, bob) == []
    assert counts(db, ann) == counts(db, bob) == (0, 0)


def test_a_mute_may_let_notifications_through(db, ann, bob, make_post):
    blocks.mute_account(db, now=NOW, account_id=ann.id, muted_id=bob.id, notifications=False)
    make_post(bob, "@ann hello")

    assert kinds(db, ann) == ["mention"]
    assert relation(db, ann, bob).muting
    assert not relation(db, ann, bob).muting_notifications


def test_muting_again_changes_how(db, ann, bob):
    for seconds in (60, 0):
        blocks.mute_account(db, now=NOW, account_id=ann.id, muted_id=bob.id, duration_seconds=seconds)

    assert relation(db, ann, bob).muting_expires_at is None


def test_relationships_come_in_the_order_asked_for(db, ann, bob, cho):
    found = relationships.load(db, [cho.id, 5, bob.id, cho.id], viewer_id=ann.id, now=NOW)

    assert [one.account_id for one in found] == [cho.id, bob.id]


def test_favourites_and_boosts_tell_the_author_once_and_can_be_taken_back(db, settings, ann, bob, make_post):
    id = make_post(bob)
    for _ in range(2):
        favourites.favourite_post(db, now=NOW, account_id=ann.id, post_id=id)
        boosts.boost_post(db, settings, now=NOW, account_id=ann.id, post_id=id)
    told = sorted(kinds(db, bob))
    favourites.unfavourite_post(db, account_id=ann.id, post_id=id)
    boosts.unboost_post(db, now=NOW, account_id=ann.id, post_id=id)

    assert told == ["boost", "favourite"]
    assert kinds(db, bob) == []
    assert account_queries.get(db, ann.id).posts_count == 0


@pytest.mark.parametrize("visibility", ["followers", "mentioned"])
def test_what_was_written_for_few_is_not_boosted_by_others(db, settings, ann, bob, make_post, visibility):
    id = make_post(bob, "@ann hello", visibility=visibility)

    with pytest.raises(NotAllowed):
        boosts.boost_post(db, settings, now=NOW, account_id=ann.id, post_id=id)


def test_boosting_a_boost_boosts_what_it_boosts(db, settings, ann, bob, cho, make_post):
    id = make_post(bob)
    first = boosts.boost_post(db, settings, now=NOW, account_id=ann.id, post_id=id)
    second = boosts.boost_post(db, settings, now=NOW, account_id=cho.id, post_id=first)

    from twite_common.queries.posts import posts

    assert posts.get(db, second, viewer_id=None).boost_of_id == id
    assert posts.get(db, id, viewer_id=None).boosts_count == 2
