"""Who sees which post: an oracle of a few lines, and every read that can show a post agrees with it."""

import pytest

from support.moment import NOW
from twite_common import visibility
from twite_common.queries.notifications import notifications as notification_queries
from twite_common.queries.paging import Page
from twite_common.queries.posts import contexts, posts
from twite_common.queries.timelines import tag_timelines, timelines
from twite_common.services.accounts import accounts, blocks, follows
from twite_common.services.posts import boosts, favourites

RELATIONS = ["stranger", "follower", "mentioned", "author", "blocked", "anonymous", "blocked follower"]


def may_see(relation: str, visibility: str) -> bool:
    """Say who may see a post: the rule that everything is compared with."""
    if relation == "author":
        return True
    if "blocked" in relation:
        return False
    return (
        visibility in {"public", "unlisted"}
        or (relation == "mentioned")
        or (relation == "follower" and visibility == "followers")
    )


@pytest.fixture(params=RELATIONS)
def relation(request):
    return request.param


@pytest.fixture(params=visibility.VISIBILITIES)
def post(request, db, bob, ann, relation, make_post):
    if "follower" in relation:
        follows.follow_account(db, now=NOW, follower_id=ann.id, followee_id=bob.id)
    text = "@ann see #this" if relation == "mentioned" else "see #this"
    id = make_post(bob, text, visibility=request.param)
    if "blocked" in relation:
        blocks.block_account(db, now=NOW, account_id=bob.id, blocked_id=ann.id)
    return posts.get(db, id, viewer_id=bob.id)


@pytest.fixture
def viewer_id(relation, ann, bob):
    return {"author": bob.id, "anonymous": None}.get(relation, ann.id)


def test_a_post_is_shown_to_those_who_may_see_it(db, post, relation, viewer_id):
    shown = posts.get(db, post.id, viewer_id=viewer_id) is not None

    assert shown == may_see(relation, post.visibility)


def test_an_accounts_page_shows_what_may_be_seen(db, post, bob, relation, viewer_id):
    shown = [entry.post_id for entry in timelines.of_account(db, bob.id, Page(), viewer_id=viewer_id)]

    assert (post.id in shown) == may_see(relation, post.visibility)


def test_the_public_timeline_shows_public_posts_only(db, post, relation, viewer_id):
    shown = [entry.post_id for entry in timelines.public(db, Page(), viewer_id=viewer_id, now=NOW)]

    assert (post.id in shown) == (post.visibility == "public" and may_see(relation, "public"))


def test_a_hashtag_shows_public_posts_only(db, post, relation, viewer_id):
    shown = [entry.post_id for entry in tag_timelines.tagged(db, "this", Page(), viewer_id=viewer_id, now=NOW)]

    assert (post.id in shown) == (post.visibility == "public" and may_see(relation, "public"))


def test_home_shows_followers_and_the_author_what_they_may_see(db, post, relation, viewer_id):
    if viewer_id is None:
        return
    shown = [entry.post_id for entry in timelines.home(db, Page(), viewer_id=viewer_id, now=NOW)]

    assert (post.id in shown) == (relation in {"follower", "author"} and may_see(relation, post.visibility))


def test_a_conversation_shows_what_may_be_seen(db, post, bob, make_post, relation, viewer_id):
    reply = make_post(bob, "and more", visibility=post.visibility, in_reply_to_id=post.id)
    around = contexts.context(db, post.id, viewer_id=viewer_id, now=NOW, above=40, below=60, depth=20)
    shown = posts.load(db, [one.post_id for one in around.below], viewer_id=viewer_id, now=NOW)

    # The answer names nobody, so that being named above it is no way in.
    named = relation == "mentioned" and post.visibility in {"followers", "mentioned"}
    assert (reply in shown) == (may_see(relation, post.visibility) and not named)


def test_favourites_and_bookmarks_keep_quiet_about_what_can_no_longer_be_seen(db, ann, bob, make_post):
    follows.follow_account(db, now=NOW, follower_id=ann.id, followee_id=bob.id)
    id = make_post(bob, visibility="followers")
    favourites.favourite_post(db, now=NOW, account_id=ann.id, post_id=id)
    before = timelines.favourites(db, Page(), viewer_id=ann.id)
    follows.unfollow_account(db, follower_id=ann.id, followee_id=bob.id)

    assert [entry.post_id for entry in before] == [id]
    assert timelines.favourites(db, Page(), viewer_id=ann.id) == []


def test_a_boost_does_not_show_its_author_to_those_they_block(db, ann, bob, cho, make_post):
    follows.follow_account(db, now=NOW, follower_id=ann.id, followee_id=cho.id)
    boosts_before = _boosted(db, ann, bob, cho, make_post)
    blocks.block_account(db, now=NOW, account_id=bob.id, blocked_id=ann.id)

    assert boosts_before
    assert timelines.home(db, Page(), viewer_id=ann.id, now=NOW) == []
    assert timelines.of_account(db, cho.id, Page(), viewer_id=ann.id) == []


def _boosted(db, ann, bob, cho, make_post):
    from twite_common.settings import Settings

    id = make_post(bob, "boost me")
    boosts.boost_post(db, Settings(), now=NOW, account_id=cho.id, post_id=id)
    return timelines.home(db, Page(), viewer_id=ann.id, now=NOW)


def test_a_suspended_account_is_seen_by_nobody(db, ann, bob, make_post):
    id = make_post(bob, "hello @ann")
    accounts.suspend(db, now=NOW, account_id=bob.id)

    assert posts.get(db, id, viewer_id=ann.id) is None
    assert timelines.public(db, Page(), viewer_id=None, now=NOW) == []
    assert notification_queries.page(db, Page(), viewer_id=ann.id, now=NOW) == []


def test_muting_hides_posts_from_lists_until_it_ends(db, ann, bob, make_post):
    follows.follow_account(db, now=NOW, follower_id=ann.id, followee_id=bob.id)
    id = make_post(bob)
    blocks.mute_account(db, now=NOW, account_id=ann.id, muted_id=bob.id, duration_seconds=60)

    assert timelines.home(db, Page(), viewer_id=ann.id, now=NOW) == []
    assert timelines.public(db, Page(), viewer_id=ann.id, now=NOW) == []
    assert [entry.post_id for entry in timelines.home(db, Page(), viewer_id=ann.id, now=NOW + 60_001)] == [id]
    assert posts.get(db, id, viewer_id=ann.id) is not None
