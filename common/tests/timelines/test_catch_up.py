"""Catching up: what happened since one was here last."""

import pytest
from sqlalchemy import insert

from support.moment import NOW
from twite_common import clock, ids
from twite_common.errors import Invalid
from twite_common.filtering import Matcher
from twite_common.queries.timelines import catch_up as queries
from twite_common.queries.timelines import catch_up_rules, filters, visits
from twite_common.services.accounts import blocks, follows
from twite_common.services.accounts.follows import Options
from twite_common.services.posts import boosts, favourites
from twite_common.services.timelines import catch_up, markers
from twite_common.services.timelines import filters as filter_services
from twite_common.services.timelines.filters import FilterChanges, KeywordDraft
from twite_common.services.timelines.visits import see_home
from twite_common.tables import card, post

LATER = NOW + clock.HOUR
BEGIN = NOW - 1


@pytest.fixture
def follow(db, ann):
    def follow(*people, **options):
        for one in people:
            chosen = Options(**options)
            follows.follow_account(db, now=BEGIN, follower_id=ann.id, followee_id=one.id, options=chosen)

    return follow


@pytest.fixture
def caught(db, ann):
    """Return what Ann catches up with."""

    def caught(*, since_at=BEGIN, now=LATER):
        matcher = Matcher(filters.of_account(db, ann.id))
        return queries.catch_up(db, viewer_id=ann.id, now=now, filters=matcher, since_at=since_at)

    return caught


@pytest.fixture
def favourite(db):
    def favourite(post_id, *people):
        for one in people:
            favourites.favourite_post(db, now=NOW, account_id=one.id, post_id=post_id)

    return favourite


@pytest.fixture
def boost(db, settings):
    def boost(post_id, *people):
        for one in people:
            boosts.boost_post(db, settings, now=NOW, account_id=one.id, post_id=post_id)

    return boost


def people_of(found):
    return {one.account_id: (one.posts_count, one.best_ids) for one in found.people}


def test_posts_are_grouped_by_person_the_best_first(caught, follow, favourite, ann, bob, cho, make_account, make_post):
    dot = make_account("dot")
    follow(bob, cho)
    plain, liked, late = (make_post(bob, f"by bob {n}", now=NOW + n) for n in range(3))
    by_cho = make_post(cho, "by cho")
    make_post(dot, "by a stranger")
    make_post(ann, "my own")
    favourite(liked, dot)

    found = caught()
    assert people_of(found) == {bob.id: (3, [liked, late, plain]), cho.id: (1, [by_cho])}
    assert [one.account_id for one in found.people] == [bob.id, cho.id]
    assert (found.posts_count, found.has_more, found.more_people_count) == (4, False, 0)


def test_only_what_came_since_the_last_visit_is_shown_and_at_most_a_week_of_it(caught, follow, bob, make_post):
    follow(bob)
    make_post(bob, "long ago", now=NOW - 8 * clock.DAY)
    old = make_post(bob, "before", now=NOW - clock.DAY)
    new = make_post(bob, "after")

    assert people_of(caught()) == {bob.id: (1, [new])}
    week = caught(since_at=NOW - 30 * clock.DAY)
    assert (people_of(week), week.has_more) == ({bob.id: (2, [new, old])}, True)
    assert week.since_at == LATER - queries.MAX_MS


def test_what_several_took_up_is_shown_with_who_did_and_once_only(
    caught, follow, favourite, boost, bob, cho, make_account, make_post
):
    dot, eve = make_account("dot"), make_account("eve")
    follow(bob, cho, dot)
    popular = make_post(eve, "by somebody whom Ann doesn't follow")
    boost(popular, bob)
    favourite(popular, cho, eve)
    make_post(dot, "indeed", in_reply_to_id=popular)
    own = make_post(bob, "by bob")
    favourite(own, cho, bob)
    favourite(own, eve)
    shared = make_post(bob, "shared")
    favourite(shared, cho, dot)

    found = caught()
    assert {one.post_id: set(one.account_ids) for one in found.taken_up} == {
        shared: {cho.id, dot.id},
        popular: {bob.id, cho.id},
    }
    assert people_of(found)[bob.id] == (2, [own])


def test_answers_count_as_taking_up(caught, follow, favourite, bob, cho, make_account, make_post):
    dot = make_account("dot")
    follow(bob, cho, dot)
    asked = make_post(bob, "tea?")
    for one in (cho, dot):
        make_post(one, "yes", in_reply_to_id=asked)

    (found,) = caught().taken_up
    assert (found.post_id, set(found.answered_by)) == (asked, {cho.id, dot.id})
    assert people_of(caught()).keys() == {bob.id}


def test_who_is_muted_takes_nothing_up_and_boosts_that_one_hides_do_not_count(
    db, caught, follow, favourite, boost, ann, bob, cho, make_account, make_post
):
    dot = make_account("dot")
    follow(bob, dot)
    follow(cho, boosts=False)
    liked = make_post(bob, "liked")
    favourite(liked, cho, dot)
    boosted = make_post(bob, "boosted")
    boost(boosted, cho, dot)
    before = {one.post_id for one in caught().taken_up}
    blocks.mute_account(db, now=NOW, account_id=ann.id, muted_id=cho.id)

    assert (before, caught().taken_up) == ({liked}, [])


def test_hashtags_and_links_of_several_people_are_shown(db, caught, follow, bob, cho, make_account, make_post):
    dot = make_account("dot")
    follow(bob, cho)
    page = {"id": 5, "url": "https://wrens.example/", "title": "Wrens", "state": "ready", "due_at": 0}
    db.execute(insert(card), page)
    made = [make_post(one, f"#Wren #only{one.username}", now=NOW + n) for n, one in enumerate((bob, cho, dot))]
    db.execute(post.update().where(post.c.id.in_(made)).values(card_id=5))

    found = caught()
    ((tag, with_tag),) = found.hashtags
    ((link, with_link),) = found.links
    assert (tag.name, link.url) == ("Wren", "https://wrens.example/")
    assert with_tag == with_link == queries.Shared([cho.id, bob.id], 2, [made[1], made[0]])


def test_answers_to_others_are_left_out_unless_one_wants_them(db, caught, follow, ann, bob, cho, make_post):
    follow(bob, cho)
    asked = make_post(cho, "tea?")
    answer = make_post(bob, "yes", in_reply_to_id=asked)
    own_thread = make_post(cho, "or coffee", in_reply_to_id=asked)
    without = people_of(caught())
    catch_up.switch(db, account_id=ann.id, rules={catch_up_rules.NO_ANSWERS: False})

    assert {id: set(best) for id, (_, best) in without.items()} == {cho.id: {asked, own_thread}}
    assert people_of(caught())[bob.id] == (1, [answer])


def test_what_is_filtered_hidden_or_in_another_language_is_left_out(db, caught, follow, ann, bob, cho, make_post):
    follow(bob)
    follow(cho, languages=("en",))
    make_post(bob, "a spoiler")
    make_post(cho, "auf Deutsch", language="de")
    shown = make_post(cho, "in English", language="en")
    changes = FilterChanges(title="x", contexts=("home",), action="hide")
    filter_id = filter_services.add(db, now=NOW, account_id=ann.id, changes=changes)
    word = KeywordDraft(keyword="spoiler")
    before = people_of(caught())
    filter_services.add_keyword(db, now=NOW, account_id=ann.id, filter_id=filter_id, keyword=word)

    assert before.keys() == {bob.id, cho.id}
    assert people_of(caught()) == {cho.id: (1, [shown])}


def test_what_cannot_be_seen_any_more_is_left_out(db, caught, follow, ann, bob, cho, make_post):
    follow(bob, cho)
    make_post(bob, "hello")
    make_post(cho, "hello")
    blocks.block_account(db, now=NOW, account_id=cho.id, blocked_id=ann.id)
    blocks.mute_account(db, now=NOW, account_id=ann.id, muted_id=bob.id)

    assert caught().people == []


def test_no_more_is_looked_at_than_the_limit(monkeypatch, caught, follow, bob, make_post):
    monkeypatch.setattr(queries, "MAX_LOOKED_AT", 3)
    follow(bob)
    for n in range(3):
        make_post(bob, f"{n}", now=NOW + n)
    enough = caught()
    make_post(bob, "one more", now=NOW + 5)

    assert (enough.has_more, caught().has_more, caught().posts_count) == (False, True, 3)


def test_each_rule_can_be_switched_off(db, caught, follow, favourite, ann, bob, cho, make_account, make_post):
    dot = make_account("dot")
    follow(bob, cho, dot)
    liked = make_post(bob, "#wren")
    make_post(cho, "#wren")
    favourite(liked, cho, dot)
    every = caught()
    catch_up.switch(db, account_id=ann.id, rules=dict.fromkeys(("people", "taken_up", "hashtags"), False))
    nothing = caught()
    catch_up.switch(db, account_id=ann.id, rules={"hashtags": True})

    assert all((every.people, every.taken_up, every.hashtags))
    assert not any((nothing.people, nothing.taken_up, nothing.hashtags))
    assert caught().hashtags == every.hashtags
    assert caught().rules == {"hashtags", "links", "no_answers"}
    with pytest.raises(Invalid, match="no such rule"):
        catch_up.switch(db, account_id=ann.id, rules={"unknown": True})


def test_every_rule_has_words():
    assert all(rule.words.endswith(".") for rule in catch_up_rules.RULES)


def test_a_visit_begins_when_home_was_not_seen_for_half_an_hour(db, ann):
    def left_at(now):
        return visits.of_account(db, ann.id).left_at(now)

    assert left_at(NOW) == NOW - clock.DAY
    for minutes in (0, 20, 40):
        see_home(db, now=NOW + minutes * 60_000, account_id=ann.id)
    last = NOW + 40 * 60_000
    assert left_at(last + visits.GAP_MS) == last
    see_home(db, now=NOW + clock.DAY, account_id=ann.id)
    assert left_at(NOW + clock.DAY) == last
    see_home(db, now=NOW + clock.DAY + 20 * 60_000, account_id=ann.id)
    assert left_at(NOW + clock.DAY + 20 * 60_000) == last


def test_a_visit_is_written_down_once_a_minute(db, ann):
    assert visits.of_account(db, ann.id).is_due(NOW)
    see_home(db, now=NOW, account_id=ann.id)
    see_home(db, now=NOW + 59_999, account_id=ann.id)

    seen = visits.of_account(db, ann.id)
    assert seen.home_seen_at == NOW
    assert [seen.is_due(NOW + ms) for ms in (59_999, 60_000)] == [False, True]


def test_whoever_uses_an_application_was_here_when_it_set_the_marker(db, ann):
    markers.set_marker(db, now=NOW, account_id=ann.id, timeline="home", last_read_id=ids.first_at(NOW - 5000))

    assert visits.of_account(db, ann.id).left_at(NOW) == NOW - 5000
