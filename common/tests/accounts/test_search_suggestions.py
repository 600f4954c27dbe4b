"""What is offered to somebody who types a search."""

import pytest

from support.moment import NOW
from twite_common.queries.accounts import search_suggestions
from twite_common.services.accounts import blocks, follows
from twite_common.services.timelines import recent_searches, tags
from twite_common.tables import account


@pytest.fixture
def suggest(db, ann):
    def suggest(typed, viewer=ann):
        return search_suggestions.suggest(db, typed, viewer_id=viewer.id if viewer else None)

    return suggest


def test_people_whom_one_follows_come_first_and_at_most_four(db, suggest, ann, make_account):
    people = [make_account(f"wren{n}") for n in range(6)]
    db.execute(account.update().where(account.c.id == people[0].id).values(followers_count=99))
    follows.follow_account(db, now=NOW, follower_id=ann.id, followee_id=people[5].id)

    found = suggest("wr").account_ids
    assert found[:2] == [people[5].id, people[0].id]
    assert len(found) == 4
    assert suggest("@wr").account_ids == found
    assert suggest("#wr").account_ids == []


def test_who_is_blocked_is_not_offered(db, suggest, ann, bob):
    blocks.block_account(db, now=NOW, account_id=bob.id, blocked_id=ann.id)

    assert suggest("bo").account_ids == []


def test_hashtags_are_offered_the_most_used_first(db, suggest, bob, make_post):
    for written in ("#wren", "#wrasse", "#wrasse again", "#other"):
        make_post(bob, written)
    make_post(bob, "#wrong", visibility="mentioned")
    tags.count_uses(db, since=0)

    assert [tag.name for tag in suggest("wr").hashtags] == ["wrasse", "wren"]
    assert [tag.name for tag in suggest("#WR").hashtags] == ["wrasse", "wren"]
    assert suggest("@wr").hashtags == []


def test_ones_own_searches_are_offered(db, suggest, ann, bob):
    for n in range(9):
        recent_searches.remember(db, now=NOW, account_id=ann.id, query=f"Wren {n}")
    recent_searches.remember(db, now=NOW, account_id=ann.id, query="owl")

    assert [search.query for search in suggest("").searches] == ["owl", *(f"Wren {n}" for n in range(8, 1, -1))]
    assert [search.query for search in suggest("wren").searches] == [f"Wren {n}" for n in range(8, 4, -1)]
    assert suggest("wren", bob).searches == []


def test_strangers_are_told_no_names_by_a_letter_or_two(suggest, bob):
    assert suggest("bo", None).account_ids == []
    assert suggest("bob", None).account_ids == [bob.id]
