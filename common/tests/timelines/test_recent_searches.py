"""What somebody looked for, remembered and forgotten."""

import pytest

from support.moment import NOW
from twite_common.errors import NotFound
from twite_common.queries.timelines import recent_searches as queries
from twite_common.services.timelines import recent_searches


@pytest.fixture
def look(db, ann):
    def look(*queries, by=ann):
        for query in queries:
            recent_searches.remember(db, now=NOW, account_id=by.id, query=query)

    return look


@pytest.fixture
def remembered(db, ann):
    def remembered(of=ann):
        return [search.query for search in queries.of_account(db, of.id)]

    return remembered


def test_searches_are_remembered_the_latest_first_and_each_once(look, remembered, bob):
    look("wren", "  robin \n", "wren", "wren", "", "x" * 300, "\0", "\ud800")
    look("owl", by=bob)

    assert (remembered(), remembered(bob)) == (["wren", "robin"], ["owl"])


def test_only_the_latest_twenty_are_kept(look, remembered):
    look(*(f"q{n}" for n in range(25)), "q10")

    assert remembered() == ["q10", *(f"q{n}" for n in range(24, 4, -1) if n != 10)]


def test_one_search_or_all_can_be_forgotten_by_whose_they_are(db, look, remembered, ann, bob):
    look("a", "b", "c")
    b = queries.of_account(db, ann.id)[1]
    with pytest.raises(NotFound):
        recent_searches.forget(db, account_id=bob.id, search_id=b.id)
    recent_searches.forget(db, account_id=ann.id, search_id=b.id)
    without_b = remembered()
    recent_searches.forget_all(db, account_id=ann.id)

    assert (without_b, remembered()) == (["c", "a"], [])


def test_whoever_wants_no_memory_has_none(db, look, remembered, ann):
    look("a")
    recent_searches.keep(db, account_id=ann.id, wanted=False)
    look("b")
    nothing = remembered()
    recent_searches.keep(db, account_id=ann.id, wanted=True)
    look("c")

    assert (nothing, remembered()) == ([], ["c"])
