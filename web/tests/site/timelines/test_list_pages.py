"""Lists of accounts: creating, changing and deleting them, who is on them, and what they show."""

import pytest

from twite_common import clock
from twite_common.queries.paging import Page
from twite_common.queries.timelines import lists as queries
from twite_common.services.accounts.follows import follow_account
from twite_common.services.timelines import lists
from twite_common.services.timelines.lists import ListChanges


@pytest.fixture
def own(database, ann):
    """Ann's lists."""

    def own():
        with database.reading() as db:
            return queries.of_account(db, ann.id)

    return own


@pytest.fixture
def list_id(database, ann, bob):
    """A list of Ann's, who follows Bob."""
    with database.writing() as db:
        follow_account(db, now=clock.now(), follower_id=ann.id, followee_id=bob.id)
        return lists.add(db, now=clock.now(), account_id=ann.id, changes=ListChanges(title="Friends"))


@pytest.fixture
def members(database, list_id):
    def members():
        with database.reading() as db:
            return [entry.account_id for entry in queries.members(db, list_id, Page())]

    return members


def test_a_list_is_created_and_leads_to_its_members(as_ann, own):
    as_ann.open("/lists")
    as_ann.open(as_ann.page.select_one("main a.button")["href"])
    as_ann.submit("/lists", {"title": "  Old   friends ", "replies_policy": "none", "exclusive": "1"})
    [created] = own()

    assert as_ann.path == f"/lists/{created.id}/members"
    assert "Your list is ready." in as_ann.text
    assert (created.title, created.replies_policy, created.exclusive) == ("Old friends", "none", True)
    as_ann.open("/lists")
    assert "Old friends 0 members · No replies · Not in home" in as_ann.text


def test_a_list_needs_a_name_and_what_was_chosen_stays(as_ann, own):
    as_ann.open("/lists/new")
    response = as_ann.submit("/lists", {"title": " ", "replies_policy": "none"})

    assert response.status_code == 422
    assert "Title can't be blank" in as_ann.text
    assert as_ann.value("replies_policy") == "none"
    assert own() == []


def test_a_list_is_changed_by_its_settings(as_ann, list_id, own):
    as_ann.open(f"/lists/{list_id}/settings")
    before = as_ann.value("title"), as_ann.value("replies_policy"), as_ann.value("exclusive")
    as_ann.submit(f"/lists/{list_id}/settings", {"title": "Close", "replies_policy": "followed", "exclusive": "1"})

    assert before == ("Friends", "list", None)
    [changed] = own()
    assert (changed.title, changed.replies_policy, changed.exclusive) == ("Close", "followed", True)
    assert as_ann.value("exclusive") == "1"


def test_a_list_is_deleted(as_ann, list_id, own):
    as_ann.open(f"/lists/{list_id}/settings")
    as_ann.submit(f"/lists/{list_id}/delete")

    assert as_ann.path == "/lists"
    assert own() == []


@pytest.mark.parametrize("typed", ["bo", "@Bob", " bob "])
def test_somebody_is_found_added_and_removed(as_ann, bob, list_id, members, typed):
    page = f"/lists/{list_id}/members"
    as_ann.open(f"{page}?q={typed}")
    as_ann.submit(f"{page}/{bob.id}/add")
    added, path = members(), as_ann.path
    as_ann.open("/lists")
    counted = as_ann.text
    as_ann.open(page)
    as_ann.submit(f"{page}/{bob.id}/remove")

    assert (added, path) == ([bob.id], page)
    assert "Friends 1 member ·" in counted
    assert members() == []
    assert "Nobody is on this list yet." in as_ann.text


def test_only_people_whom_one_follows_are_found(as_ann, bob, cho, list_id):
    page = f"/lists/{list_id}/members"
    as_ann.open(page)
    offered = as_ann.actions()
    as_ann.open(f"{page}?q=cho")

    assert f"{page}/{bob.id}/add" in offered
    assert "You follow nobody with this name." in as_ann.text
    assert f"{page}/{cho.id}/add" not in as_ann.actions()


def test_a_list_shows_what_its_members_post_and_goes_on(as_ann, bob, cho, list_id, make_post):
    as_ann.open(f"/lists/{list_id}/members")
    as_ann.submit(f"/lists/{list_id}/members/{bob.id}/add")
    for number in range(21):
        make_post(bob, f"Bob's post {number:02}")
    make_post(cho, "Cho's post")
    as_ann.open(f"/lists/{list_id}")
    newest = as_ann.text
    as_ann.open(as_ann.page.find("a", rel="next")["href"])

    assert "Bob's post 20" in newest
    assert "Cho's post" not in newest
    assert "Bob's post 00" not in newest
    assert "Bob's post 00" in as_ann.text


def test_an_account_is_put_on_lists_from_its_profile(as_ann, bob, list_id, members):
    page = f"/accounts/{bob.id}/lists"
    as_ann.open("/@bob")
    assert as_ann.page.find("a", href=page)
    as_ann.open(page)
    as_ann.submit(f"/lists/{list_id}/members/{bob.id}/add")
    added, path = members(), as_ann.path
    as_ann.submit(f"/lists/{list_id}/members/{bob.id}/remove")

    assert (added, path) == ([bob.id], page)
    assert (members(), as_ann.path) == ([], page)


def test_whom_one_does_not_follow_cannot_be_put_on_lists(as_ann, cho, list_id):
    as_ann.open(f"/accounts/{cho.id}/lists")

    assert "once you follow them" in as_ann.text
    assert not [action for action in as_ann.actions() if action.startswith("/lists/")]


@pytest.mark.parametrize("page", ["", "/members", "/settings"])
def test_lists_are_seen_by_their_owners_only(as_bob, stranger, list_id, page):
    assert as_bob.open(f"/lists/{list_id}{page}").status_code == 404
    stranger.open(f"/lists/{list_id}{page}")
    assert stranger.path == "/login"


@pytest.mark.parametrize("verb", ["delete", "settings", "members/1/add"])
def test_lists_are_changed_by_their_owners_only(as_bob, list_id, own, verb):
    as_bob.open("/settings")
    sent = {"form_token": as_bob.value("form_token"), "title": "Mine"}

    assert as_bob.client.post(f"/lists/{list_id}/{verb}", data=sent).status_code == 404
    assert [one.title for one in own()] == ["Friends"]
