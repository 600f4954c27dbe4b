"""Old posts that delete themselves by a rule."""

import msgspec
import pytest
from sqlalchemy import insert, select

from support.moment import NOW
from twite_common import clock, ids
from twite_common.drafts import PollDraft
from twite_common.errors import Invalid
from twite_common.queries.posts import post_deletion_rules as queries
from twite_common.queries.posts.post_deletion_rules import Rule
from twite_common.services.posts import bookmarks, boosts, favourites, pins, post_deletion_rules
from twite_common.tables import bookmark, post

LATER = NOW + 400 * clock.DAY
RULE = Rule(days=365)


@pytest.fixture
def left(db, ann):
    """Return which of Ann's posts are left after the rule has done its work for a while."""

    def left(rule, *, rounds=10):
        post_deletion_rules.set_rule(db, now=LATER, account_id=ann.id, rule=rule)
        now = LATER
        for _ in range(rounds):
            now += clock.HOUR
            for account_id in post_deletion_rules.due(db, now=now):
                post_deletion_rules.delete_some(db, account_id, now=now)
        return set(db.scalars(select(post.c.id).where(post.c.account_id == ann.id)))

    return left


def test_old_posts_go_and_young_ones_stay(left, make_post, ann, bob, db):
    old, others = make_post(ann), make_post(bob)
    young = make_post(ann, now=LATER - 364 * clock.DAY)

    assert left(RULE) == {young}
    assert old not in set(db.scalars(select(post.c.id)))
    assert others in set(db.scalars(select(post.c.id)))


def test_each_reason_keeps_a_post_and_none_does_when_it_is_switched_off(
    left, make_post, ann, bob, db, add_picture, settings
):
    kept = {
        "keep_favourited": make_post(ann),
        "keep_bookmarked": make_post(ann),
        "keep_pinned": make_post(ann),
        "keep_media": make_post(ann, media_ids=(add_picture(ann),)),
        "keep_polls": make_post(ann, poll=PollDraft(options=("a", "b"), expires_in_seconds=600)),
        "keep_mentioned": make_post(ann, "@bob hi", visibility="mentioned"),
        "keep_favourites": make_post(ann),
        "keep_boosts": make_post(ann),
    }
    favourites.favourite_post(db, now=NOW, account_id=ann.id, post_id=kept["keep_favourited"])
    bookmarks.bookmark_post(db, now=NOW, account_id=ann.id, post_id=kept["keep_bookmarked"])
    pins.pin_post(db, now=NOW, account_id=ann.id, post_id=kept["keep_pinned"])
    favourites.favourite_post(db, now=NOW, account_id=bob.id, post_id=kept["keep_favourites"])
    boosts.boost_post(db, settings, now=NOW, account_id=bob.id, post_id=kept["keep_boosts"])
    plain = make_post(ann)
    every = Rule(days=365, keep_media=True, keep_polls=True, keep_favourites=2, keep_boosts=1)
    first = left(every)
    counts = msgspec.structs.replace(every, keep_favourites=None, keep_boosts=None)
    without = left(counts)
    off = {name: False for name in kept if name not in {"keep_favourites", "keep_boosts"}}

    # One favourite, by somebody else, is less than two.
    assert first == set(kept.values()) - {kept["keep_favourites"]}
    assert plain not in first
    assert without == first - {kept["keep_boosts"]}
    assert left(msgspec.structs.replace(counts, **off)) == set()


def test_a_few_go_at_once_and_the_preview_says_which_first(make_post, ann, db):
    old = [make_post(ann, now=NOW + number) for number in range(8)]
    preview = queries.preview(db, ann.id, RULE, now=LATER)
    post_deletion_rules.set_rule(db, now=LATER, account_id=ann.id, rule=RULE)
    at_once = post_deletion_rules.due(db, now=LATER)
    now = LATER + post_deletion_rules.BEGIN_MS
    post_deletion_rules.delete_some(db, ann.id, now=now)
    post_deletion_rules.delete_some(db, ann.id, now=now)
    still = db.scalars(select(post.c.id).order_by(post.c.id)).all()

    assert (preview.count, preview.post_ids) == (8, old[: queries.FIRST])
    assert (at_once, still) == ([], old[post_deletion_rules.POSTS_AT_ONCE :])


def test_many_that_are_kept_hide_none_that_are_not(left, make_post, ann, db):
    posts = [ids.first_at(NOW + 2 * number) for number in range(queries.WINDOW + 10)]
    common = {"account_id": ann.id, "visibility": "public", "conversation_id": 1}
    db.execute(insert(post), [{"id": id, **common} for id in posts])
    db.execute(insert(bookmark), [{"id": id, "account_id": ann.id, "post_id": id} for id in posts])
    make_post(ann, now=NOW + 10_000)

    assert left(RULE, rounds=4) == set(posts)


def test_no_rule_deletes_nothing(make_post, ann, db, left):
    make_post(ann)
    post_deletion_rules.set_rule(db, now=LATER, account_id=ann.id, rule=RULE)
    post_deletion_rules.remove_rule(db, account_id=ann.id)
    post_deletion_rules.delete_some(db, ann.id, now=LATER + clock.DAY)

    assert queries.of_account(db, ann.id) is None
    assert len(db.scalars(select(post.c.id)).all()) == 1


@pytest.mark.parametrize("rule", [Rule(days=1), Rule(keep_favourites=0), Rule(keep_boosts=-1)])
def test_what_cannot_be_is_refused(db, ann, rule):
    with pytest.raises(Invalid):
        post_deletion_rules.set_rule(db, now=NOW, account_id=ann.id, rule=rule)


def test_setting_it_anew_changes_it(db, ann):
    for days in (365, 30):
        post_deletion_rules.set_rule(db, now=NOW, account_id=ann.id, rule=Rule(days=days, keep_boosts=3))

    assert queries.of_account(db, ann.id) == Rule(days=30, keep_boosts=3)
