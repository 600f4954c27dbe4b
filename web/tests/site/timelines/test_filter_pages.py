"""Filters: their words, where they apply, what they do, when they end, and the posts that they name."""

import pytest

from twite_common import clock
from twite_common.filtering import Keyword
from twite_common.queries.timelines import filters as queries
from twite_common.services.accounts import follows, profiles
from twite_common.services.accounts.profiles import ProfileChanges
from twite_common.services.posts import post_deletion
from twite_common.services.timelines import filters, lists
from twite_common.services.timelines.filters import FilterChanges, KeywordDraft
from twite_common.services.timelines.lists import ListChanges


@pytest.fixture
def own(database, ann):
    """Ann's filters."""

    def own():
        with database.reading() as db:
            return queries.of_account(db, ann.id)

    return own


@pytest.fixture
def add(database, ann):
    def add(**changes):
        values = {"title": "Spoilers", "contexts": ("home",), "keywords": (KeywordDraft(keyword="ferryman"),)}
        with database.writing() as db:
            form = FilterChanges(**(values | changes))
            return filters.add(db, now=clock.now(), account_id=ann.id, changes=form)

    return add


def test_a_filter_is_created_with_words_places_action_and_end(as_ann, own):
    as_ann.open("/settings/filters/new")
    as_ann.submit(
        "/settings/filters",
        {
            "title": "Book club",
            "words[0][keyword]": "ferryman",
            "words[1][keyword]": "last chapter",
            "words[1][whole_word]": None,
            "notifications": None,
            "public": None,
            "thread": None,
            "account": "1",
            "action": "hide",
            "ends": "3600",
        },
    )
    [made] = own()

    assert as_ann.path == "/settings/filters"
    assert "Your filter is active." in as_ann.text
    assert "ferryman last chapter" in as_ann.text
    assert [(word.keyword, word.whole_word) for word in made.keywords] == [("ferryman", True), ("last chapter", False)]
    assert (made.title, made.contexts, made.action) == ("Book club", ("home", "account"), "hide")
    assert 0 < made.expires_at - clock.now() <= 3600 * clock.SECOND


def test_what_is_wrong_is_said_and_what_was_typed_stays(as_ann, own):
    as_ann.open("/settings/filters/new")
    places = dict.fromkeys(("home", "notifications", "public", "thread"))
    response = as_ann.submit("/settings/filters", {"title": "Book club", "words[2][keyword]": "ferryman", **places})

    assert response.status_code == 422
    assert "Context must be some of" in as_ann.text
    assert as_ann.value("title") == "Book club"
    assert as_ann.value("words[2][keyword]") == "ferryman"
    assert own() == []


def test_saving_a_filter_without_changing_anything_changes_nothing(as_ann, add, own):
    add(expires_in_seconds=3600)
    before = own()
    as_ann.open(f"/settings/filters/{before[0].id}")
    as_ann.submit(f"/settings/filters/{before[0].id}")

    assert own() == before


def test_a_filters_words_are_changed_added_and_removed(as_ann, add, own):
    id = add(keywords=(KeywordDraft(keyword="ferryman"), KeywordDraft(keyword="chapter")))
    as_ann.open(f"/settings/filters/{id}")
    words = {"words[0][keyword]": " ", "words[1][keyword]": "last chapter", "words[1][whole_word]": "1"}
    as_ann.submit(f"/settings/filters/{id}", {**words, "words[2][keyword]": "#spoilers"})
    [changed] = own()

    assert [word.keyword for word in changed.keywords] == ["last chapter", "#spoilers"]
    assert changed.keywords[0] == Keyword(changed.keywords[0].id, "last chapter", True)


def test_a_filter_that_ends_can_last(as_ann, add, own):
    id = add(expires_in_seconds=3600)
    as_ann.open(f"/settings/filters/{id}")
    assert "Until" in as_ann.text
    as_ann.submit(f"/settings/filters/{id}", {"ends": ""})

    assert own()[0].expires_at is None


def test_a_filter_that_is_over_says_so(as_ann, add):
    add(expires_in_seconds=0)
    as_ann.open("/settings/filters")

    assert "Ended on" in as_ann.text


def test_a_filter_is_deleted(as_ann, add, own):
    id = add()
    as_ann.open(f"/settings/filters/{id}")
    as_ann.submit(f"/settings/filters/{id}/delete")

    assert own() == []
    assert "You have no filters yet." in as_ann.text


def test_a_post_is_put_into_a_filter_from_its_menu_and_taken_out(as_ann, bob, add, own, make_post):
    id, post_id = add(), make_post(bob, "The ferryman did it")
    as_ann.open(f"/posts/{post_id}/menu")
    assert as_ann.page.find("a", href=f"/posts/{post_id}/filters")
    as_ann.open(f"/posts/{post_id}/filters")
    as_ann.submit(f"/settings/filters/{id}/posts/{post_id}")
    [named] = own()[0].posts
    assert (named.post_id, as_ann.path) == (post_id, f"/posts/{post_id}/filters")
    as_ann.submit(f"/settings/filters/posts/{named.id}/remove")

    assert own()[0].posts == ()
    assert as_ann.path == f"/posts/{post_id}/filters"


def test_a_filter_shows_its_posts_while_they_can_be_seen(database, as_ann, ann, bob, add, own, make_post):
    id, kept, gone = add(), make_post(bob, "The ferryman did it"), make_post(bob, "The butler did it")
    with database.writing() as db:
        for post_id in (kept, gone):
            filters.add_post(db, now=clock.now(), account_id=ann.id, filter_id=id, post_id=post_id)
        post_deletion.delete_own(db, now=clock.now(), author_id=bob.id, post_id=gone)
    as_ann.open(f"/settings/filters/{id}")

    assert "bob : The ferryman did it" in as_ann.text
    assert "The butler did it" not in as_ann.text
    assert len([action for action in as_ann.actions() if action.startswith("/settings/filters/posts/")]) == len(
        own()[0].posts
    )


@pytest.mark.parametrize(
    ("path", "context"),
    [("/lists/{list_id}", "home"), ("/search?q=book", "public"), ("/@bob/with_replies", "account")],
)
def test_a_filter_applies_where_its_page_says(as_ann, ann, bob, add, make_post, database, path, context):
    with database.writing() as db:
        follows.follow_account(db, now=clock.now(), follower_id=ann.id, followee_id=bob.id)
        changes = ListChanges(title="Friends")
        list_id = lists.add(db, now=clock.now(), account_id=ann.id, changes=changes)
        lists.add_members(db, now=clock.now(), account_id=ann.id, list_id=list_id, member_ids=[bob.id])
        profiles.change_profile(db, now=clock.now(), account_id=bob.id, changes=ProfileChanges(indexable=True))
    make_post(bob, "A book: the ferryman did it")
    make_post(bob, "A book: the butler did it")
    add(contexts=(context,), action="hide")
    as_ann.open(path.format(list_id=list_id))

    assert "butler" in as_ann.text
    assert "ferryman" not in as_ann.text


def test_what_a_filter_hides_is_not_told_on_the_page_of_notifications(as_ann, bob, add, make_post):
    make_post(bob, "@ann the ferryman did it")
    make_post(bob, "@ann the butler did it")
    add(contexts=("notifications",), action="hide")
    as_ann.open("/notifications")

    assert as_ann.text.count("bob mentioned you") == 1
    assert "butler" in as_ann.text
    assert "ferryman" not in as_ann.text


def test_what_a_filter_warns_of_is_told_on_demand(as_ann, bob, add, make_post):
    make_post(bob, "@ann the ferryman did it")
    add(contexts=("notifications",), action="warn")
    as_ann.open("/notifications")

    assert "Filtered: Spoilers" in as_ann.text


@pytest.mark.parametrize("verb", ["", "/delete", "/posts/1"])
def test_filters_are_their_owners_only(as_bob, add, own, verb):
    id = add()
    before = own()
    assert as_bob.open(f"/settings/filters/{id}").status_code == 404
    as_bob.open("/settings")
    sent = {"form_token": as_bob.value("form_token"), "title": "Mine", "home": "1"}

    assert as_bob.client.post(f"/settings/filters/{id}{verb}", data=sent).status_code == 404
    assert own() == before


@pytest.mark.parametrize("path", ["/settings/filters", "/settings/filters/new"])
def test_strangers_are_sent_to_log_in(stranger, path):
    stranger.open(path)

    assert stranger.path == "/login"
