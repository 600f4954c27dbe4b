"""Why nothing was found."""

import pytest

from support.moment import NOW
from twite_common.queries.accounts import search_reasons
from twite_common.services.accounts import profiles
from twite_common.services.accounts.profiles import ProfileChanges


@pytest.fixture
def why(db, ann):
    """Return the codes of the reasons that Ann finds nothing, with what each is about."""

    def why(query, **options):
        found = search_reasons.reasons(db, query, viewer_id=ann.id, now=NOW, **options)
        assert all(reason.sentence.endswith(".") for reason in found)
        return [(reason.code, reason.part) for reason in found]

    return why


@pytest.fixture
def findable(db, bob):
    """Bob, who wants his public posts to be found."""
    profiles.change_profile(db, now=NOW, account_id=bob.id, changes=ProfileChanges(indexable=True))
    return bob


@pytest.mark.parametrize(
    ("query", "code"), [("🎉 !?", "no_letters"), ("-cat", "only_excluded"), ("in:all", "nothing_sought")]
)
def test_a_query_that_looks_for_nothing(why, query, code):
    assert why(query) == [(code, "")]


def test_strangers_find_no_posts(db):
    (reason,) = search_reasons.reasons(db, "wren", viewer_id=None, now=NOW)

    assert reason.code == "signed_out"


def test_people_who_are_not_there_or_not_to_be_found(why, bob):
    assert why("wren from:nobody") == [("unknown_person", "from:nobody"), ("searched_all", "")]
    assert why("wren from:bob") == [("unsearchable_person", "from:bob"), ("searched_all", "")]


def test_periods_that_no_post_is_in(why):
    assert why("wren after:2024-05 before:2024-01")[0] == ("impossible_period", "")
    assert why("wren after:5000")[0] == ("future", "")


def test_the_part_that_excluded_everything_is_named(why, findable, make_post):
    make_post(findable, "a wren sings")

    assert why("wren has:poll") == [("excluded_by", "has:poll"), ("searched_all", "")]
    assert why("wren -sings") == [("excluded_by", "-sings"), ("searched_all", "")]
    assert why("owl") == [("searched_all", "")]
    assert why("wren in:library") == [("excluded_by", "in:library"), ("searched_library", "")]


def test_bookmarks_are_searched_alone(why, findable, make_post):
    make_post(findable, "a wren sings")

    assert why("wren has:poll", place="bookmarks") == [("searched_bookmarks", "")]


def test_no_more_parts_are_tried_than_the_limit(why, findable, make_post, monkeypatch):
    make_post(findable, "a b c d e f g")
    monkeypatch.setattr(search_reasons, "MAX_TRIED", 2)

    assert why("a b c d owl") == [("searched_all", "")]
