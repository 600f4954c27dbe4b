from typing import Any

import msgspec
import pytest

from support.moment import NOW
from twite_common import outbox
from twite_common.queries.paging import Page
from twite_common.queries.posts import posts as post_queries
from twite_common.queries.timelines import tag_timelines, timelines
from twite_common.services.accounts import blocks, follows
from twite_common.services.posts import boosts
from twite_common.services.timelines import timelines as timeline_services

FIRST = Page()


def home(db, account, page=FIRST):
    return [entry.post_id for entry in timelines.home(db, page, viewer_id=account.id, now=NOW)]


def follow(db, follower, followee, **options):
    follows.follow_account(
        db, now=NOW, follower_id=follower.id, followee_id=followee.id, options=follows.Options(**options)
    )


def test_home_holds_ones_own_posts_and_those_of_whom_one_follows(db, ann, bob, cho, make_post):
    follow(db, ann, bob)
    own, followed, _ = make_post(ann), make_post(bob), make_post(cho)

    assert home(db, ann) == [followed, own]


def test_following_brings_earlier_posts_and_unfollowing_takes_them_away(db, ann, bob, make_post):
    id = make_post(bob)
    follow(db, ann, bob)
    before = home(db, ann)
    follows.unfollow_account(db, follower_id=ann.id, followee_id=bob.id)

    assert (before, home(db, ann)) == ([id], [])


def test_pages_hold_what_their_bounds_say(db, ann, make_post):
    made = [make_post(ann, str(n)) for n in range(6)]

    assert home(db, ann, Page(limit=2)) == made[:-3:-1]
    assert home(db, ann, Page(limit=2, max_id=made[4])) == [made[3], made[2]]
    assert home(db, ann, Page(limit=2, since_id=made[1])) == [made[5], made[4]]
    assert home(db, ann, Page(limit=2, min_id=made[1])) == [made[3], made[2]]
    assert home(db, ann, Page(limit=0)) == []


def test_a_reply_reaches_those_who_follow_both_ends(db, ann, bob, cho, make_account, make_post):
    dee = make_account("dee")
    follow(db, ann, bob)
    follow(db, cho, bob)
    follow(db, cho, dee)
    id = make_post(dee)
    reply = make_post(bob, "hello", in_reply_to_id=id)
    to_self = make_post(bob, "more", in_reply_to_id=reply)

    assert reply not in home(db, ann)
    assert reply in home(db, cho)
    assert to_self in home(db, ann)


def test_a_boost_is_not_repeated_while_it_is_recent(db, settings, ann, bob, cho, make_account, make_post):
    dee = make_account("dee")
    for followee in (bob, cho):
        follow(db, ann, followee)
    id = make_post(dee)
    first = boosts.boost_post(db, settings, now=NOW, account_id=bob.id, post_id=id)
    boosts.boost_post(db, settings, now=NOW, account_id=cho.id, post_id=id)

    assert home(db, ann) == [first]


def test_boosts_and_languages_that_a_follower_does_not_want_stay_away(db, settings, ann, bob, cho, make_post):
    follow(db, ann, bob, boosts=False, languages=("de",))
    boosts.boost_post(db, settings, now=NOW, account_id=bob.id, post_id=make_post(cho))
    make_post(bob, "hello", language="en")
    german = make_post(bob, "hallo", language="de")

    assert home(db, ann) == [german]


@pytest.mark.parametrize("how", [blocks.block_account, blocks.mute_account])
def test_what_names_somebody_blocked_or_muted_stays_away(db, settings, ann, bob, cho, make_account, make_post, how):
    other = {blocks.block_account: "blocked_id", blocks.mute_account: "muted_id"}[how]
    follow(db, ann, bob)
    named, plain = make_post(bob, "hello @cho"), make_post(bob, "hello")
    boost = boosts.boost_post(
        db, settings, now=NOW, account_id=bob.id, post_id=make_post(make_account("dee"), "again, @cho")
    )
    own = make_post(ann, "hello @cho")
    before = home(db, ann)
    how(db, now=NOW, account_id=ann.id, **{other: cho.id})

    assert {named, boost} < set(before)
    assert home(db, ann) == [own, plain]


def test_many_followers_get_a_post_in_chunks_from_tasks(db, settings, ann, bob, cho, make_post):
    few = msgspec.structs.replace(settings, fanout_at_once=1)
    follow(db, ann, bob)
    follow(db, cho, bob)
    id = timeline_posts(db, few, bob)
    at_once = (home(db, ann), home(db, cho))
    handled = 0
    while chunk := [event for event in outbox.pending(db) if event.kind == "post.deliver"]:
        event = outbox.take(db, chunk[0].id)
        timeline_services.deliver_chunk(db, few, now=NOW, **event.details())
        handled += 1

    assert at_once == ([], [])
    assert (home(db, ann), home(db, cho), handled) == ([id], [id], 3)


def test_posts_of_the_most_followed_are_merged_in_when_read(db, settings, ann, bob, cho, make_post):
    follow(db, ann, bob)
    older = make_post(ann)
    merged = timeline_posts(db, msgspec.structs.replace(settings, fanout_limit=0), bob)
    newer = make_post(ann)

    assert home(db, ann) == [newer, merged, older]
    assert home(db, ann, Page(limit=2, min_id=older)) == [newer, merged]
    assert home(db, cho) == []


def timeline_posts(db, settings, author):
    from twite_common.drafts import Draft
    from twite_common.services.posts import posts

    return posts.publish(db, settings, now=NOW, author_id=author.id, draft=Draft(text="to many"))


@pytest.mark.parametrize(
    ("exclude", "left"),
    [
        ("replies", ["own", "boost", "direct"]),
        ("boosts", ["own", "reply", "direct"]),
        ("mentioned_only", ["own", "reply", "boost"]),
    ],
)
def test_an_accounts_page_leaves_out_what_is_not_wanted(db, settings, ann, bob, make_post, exclude, left):
    other = make_post(bob)
    made = {
        "own": make_post(ann),
        "reply": make_post(ann, "hello", in_reply_to_id=other),
        "boost": boosts.boost_post(db, settings, now=NOW, account_id=ann.id, post_id=other),
        "direct": make_post(ann, "hello @bob", visibility="mentioned"),
    }
    excluded: dict[str, Any] = {f"exclude_{exclude}": True}
    entries = timelines.of_account(db, ann.id, Page(), viewer_id=bob.id, **excluded)

    assert {entry.post_id for entry in entries} == {made[name] for name in left}


def test_a_boost_comes_with_what_it_boosts(db, settings, ann, bob, make_post):
    id = make_post(bob)
    boost = boosts.boost_post(db, settings, now=NOW, account_id=ann.id, post_id=id)

    (entry,) = timelines.of_account(db, ann.id, Page(), viewer_id=None)
    assert (entry.post_id, entry.boost_of_id) == (boost, id)
    assert post_queries.get(db, id, viewer_id=ann.id).boosted


@pytest.mark.faults
def test_posts_with_several_hashtags_come_in_pages(db, settings, ann, make_post):
    texts = [f"#a {'#b' if number % 2 else ''} {'#c' if number % 3 == 0 else ''}" for number in range(12)]
    made = [make_post(ann, text) for text in texts]
    wanted: dict[str, Any] = {
        "any_keys": ["a", "zz"],
        "all_keys": ["b"],
        "none_keys": ["c"],
        "viewer_id": None,
        "now": NOW,
    }
    fitting = [id for number, id in enumerate(made) if number % 2 and number % 3]

    def page(**bounds):
        return [one.post_id for one in tag_timelines.tagged_with_several(db, Page(limit=2, **bounds), **wanted)]

    assert page() == fitting[::-1][:2]
    assert page(max_id=fitting[-2]) == fitting[::-1][2:]
    assert page(min_id=fitting[0]) == fitting[1:3][::-1]
