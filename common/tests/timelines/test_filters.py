from typing import Any

import pytest
from sqlalchemy import select

from support.moment import NOW
from twite_common import clock
from twite_common.errors import Invalid, NotFound
from twite_common.queries.timelines import filters as queries
from twite_common.services.timelines import filters
from twite_common.services.timelines.filters import FilterChanges, KeywordDraft
from twite_common.tables import preferences


def words(*texts, **changes):
    return tuple(KeywordDraft(keyword=text, **changes) for text in texts)


@pytest.fixture
def add(db, ann):
    def add(title="Rain", *, by=ann, **changes):
        changed = FilterChanges(**{"title": title, "contexts": ("home",)} | changes)
        return filters.add(db, now=NOW, account_id=by.id, changes=changed)

    return add


@pytest.fixture
def change(db, ann):
    def change(id, *, by=ann, **changes):
        filters.change(db, now=NOW, account_id=by.id, filter_id=id, changes=FilterChanges(**changes))

    return change


@pytest.fixture
def stored(db, ann):
    return lambda filter_id: queries.get(db, filter_id, account_id=ann.id)


@pytest.fixture
def version(db, ann):
    """Return what grows whenever an account's filters change."""
    return lambda: db.scalar(select(preferences.c.filters_version).where(preferences.c.account_id == ann.id))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"title": " "}, "Title can't be blank"),
        ({"title": "x" * 257}, "Title is too long"),
        ({"contexts": ()}, "Context must be"),
        ({"contexts": ("home", "everywhere")}, "Context must be"),
        ({"action": "shout"}, "warn, hide or blur"),
        ({"keywords": words(" ")}, "Keyword can't be blank"),
        ({"keywords": words("x" * 513)}, "Keyword is too long"),
    ],
)
def test_a_filter_that_cannot_be_is_refused(add, change, changes, message):
    with pytest.raises(Invalid, match=message):
        add(**changes)
    id = add()
    with pytest.raises(Invalid, match=message):
        change(id, **changes)


def test_a_new_filter_needs_a_title_and_a_place(db, ann):
    for given, message in (({"contexts": ("home",)}, "Title"), ({"title": "Rain"}, "Context")):
        with pytest.raises(Invalid, match=message):
            filters.add(db, now=NOW, account_id=ann.id, changes=FilterChanges(**given))


def test_what_a_change_leaves_out_stays(add, change, stored):
    id = add(contexts=("home", "public", "home"), action="hide", expires_in_seconds=60, keywords=words("rain"))
    change(id, title="Snow")

    found = stored(id)
    assert (found.title, found.contexts, found.action) == ("Snow", ("home", "public"), "hide")
    assert (found.expires_at, [one.keyword for one in found.keywords]) == (NOW + clock.MINUTE, ["rain"])
    change(id, expires_in_seconds=None)
    assert stored(id).expires_at is None


def test_words_are_added_changed_and_removed_with_the_filter(add, change, stored):
    id = add(keywords=words("rain", "snow"))
    rain, snow = stored(id).keywords
    changed = (KeywordDraft(id=rain.id, keyword="hail"), KeywordDraft(id=snow.id, remove=True), *words("fog"))
    change(id, keywords=changed)

    assert [(one.id == rain.id, one.keyword) for one in stored(id).keywords] == [(True, "hail"), (False, "fog")]


def test_an_account_has_a_hundred_filters(add, bob):
    for _ in range(100):
        add()

    with pytest.raises(Invalid, match="100 filters"):
        add()
    add(by=bob)


def test_a_filter_has_two_hundred_words(add, monkeypatch):
    monkeypatch.setattr(filters, "MAX_KEYWORDS_OF_FILTER", 2)
    add(keywords=words("rain", "snow"))

    with pytest.raises(Invalid, match="at most 2 keywords"):
        add(keywords=words("rain", "snow", "fog"))


@pytest.mark.parametrize(
    ("limit", "number", "message"),
    [("MAX_KEYWORDS", 3, "at most 3 keywords"), ("MAX_CHARACTERS", 13, "at most 13 characters")],
)
def test_all_filters_of_an_account_together_are_bounded(db, add, stored, ann, bob, monkeypatch, limit, number, message):
    monkeypatch.setattr(filters, limit, number)
    id = add(keywords=words("rain", "snow"))
    add(by=bob, keywords=words("rain", "snow"))
    other = add(keywords=words("fog"))

    for attempt in (
        lambda: add(keywords=words("thunder")),
        lambda: filters.add_keyword(db, now=NOW, account_id=ann.id, filter_id=other, keyword=words("thunder")[0]),
    ):
        with pytest.raises(Invalid, match=message), db.begin_nested():
            attempt()
    assert [one.keyword for one in stored(id).keywords] == ["rain", "snow"]


def test_a_filter_names_posts_that_its_owner_can_see(db, add, stored, ann, bob, make_post):
    id, post_id = add(), make_post(bob)
    for _ in range(2):
        filters.add_post(db, now=NOW, account_id=ann.id, filter_id=id, post_id=post_id)
    [named] = stored(id).posts
    assert named.post_id == post_id

    with pytest.raises(NotFound):
        hidden = make_post(bob, visibility="followers")
        filters.add_post(db, now=NOW, account_id=ann.id, filter_id=id, post_id=hidden)
    filters.remove_post(db, now=NOW, account_id=ann.id, filter_post_id=named.id)
    assert stored(id).posts == ()


def test_filters_name_so_many_posts_together(db, add, ann, bob, make_post, monkeypatch):
    monkeypatch.setattr(filters, "MAX_POSTS", 1)
    first, second = add(), add()
    filters.add_post(db, now=NOW, account_id=ann.id, filter_id=first, post_id=make_post(bob))

    with pytest.raises(Invalid, match="1 post"):
        filters.add_post(db, now=NOW, account_id=ann.id, filter_id=second, post_id=make_post(bob))


def test_a_filter_of_one_word_is_changed_by_it(db, add, stored, ann):
    id = add(keywords=words("rain"))
    [word] = stored(id).keywords
    changes = FilterChanges(action="hide", keywords=(KeywordDraft(id=word.id, keyword="snow"),))
    filters.change_by_word(db, now=NOW, account_id=ann.id, keyword_id=word.id, changes=changes)

    assert (stored(id).action, [one.keyword for one in stored(id).keywords]) == ("hide", ["snow"])


def test_a_word_is_changed_through_its_own_filter_only(add, change, stored):
    rain, snow = add(keywords=words("rain")), add("Snow", keywords=words("snow"))
    [word] = stored(snow).keywords

    for draft in (KeywordDraft(id=word.id, keyword="fog"), KeywordDraft(id=word.id, remove=True)):
        with pytest.raises(NotFound, match="no such keyword"):
            change(rain, keywords=(draft,))
    assert [keyword.keyword for keyword in stored(snow).keywords] == ["snow"]


def test_of_a_filter_of_several_words_only_the_word_itself_is_changed_by_it(db, add, stored, ann):
    id = add(keywords=words("rain", "snow"))
    word = stored(id).keywords[0]
    change: dict[str, Any] = {"keywords": (KeywordDraft(id=word.id, keyword="fog"),)}
    with pytest.raises(Invalid, match="other keywords"):
        filters.change_by_word(
            db, now=NOW, account_id=ann.id, keyword_id=word.id, changes=FilterChanges(action="hide", **change)
        )
    filters.change_by_word(
        db, now=NOW, account_id=ann.id, keyword_id=word.id, changes=FilterChanges(contexts=("home",), **change)
    )

    assert (stored(id).action, [one.keyword for one in stored(id).keywords]) == ("warn", ["fog", "snow"])


def test_nobody_changes_the_filters_of_others(db, add, change, stored, ann, bob, make_post):
    id = add(keywords=words("rain"))
    filters.add_post(db, now=NOW, account_id=ann.id, filter_id=id, post_id=make_post(bob))
    before = stored(id)
    theirs = {"now": NOW, "account_id": bob.id}
    word = KeywordDraft(id=before.keywords[0].id, keyword="snow")

    for attempt in (
        lambda: change(id, by=bob, title="Mine"),
        lambda: change(add(by=bob), by=bob, keywords=(word,)),
        lambda: filters.remove(db, filter_id=id, **theirs),
        lambda: filters.add_keyword(db, filter_id=id, keyword=words("fog")[0], **theirs),
        lambda: filters.change_keyword(db, keyword=word, **theirs),
        lambda: filters.change_by_word(db, keyword_id=word.id, changes=FilterChanges(title="Mine"), **theirs),
        lambda: filters.add_post(db, filter_id=id, post_id=before.posts[0].post_id, **theirs),
        lambda: filters.remove_post(db, filter_post_id=before.posts[0].id, **theirs),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert stored(id) == before


def test_each_change_makes_what_is_kept_in_memory_old(db, add, change, stored, version, ann, bob, make_post):
    id = add(keywords=words("rain"))
    post_id, known = make_post(bob), {"now": NOW, "account_id": ann.id}
    versions = [version()]
    for one in (
        lambda: change(id, title="Snow"),
        lambda: filters.add_keyword(db, filter_id=id, keyword=words("fog")[0], **known),
        lambda: filters.change_keyword(db, keyword=KeywordDraft(id=stored(id).keywords[0].id, remove=True), **known),
        lambda: filters.add_post(db, filter_id=id, post_id=post_id, **known),
        lambda: filters.remove_post(db, filter_post_id=stored(id).posts[0].id, **known),
        lambda: filters.remove(db, filter_id=id, **known),
    ):
        one()
        versions.append(version())

    assert versions == sorted(set(versions))
