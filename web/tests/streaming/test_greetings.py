"""What a page is told first when it begins to listen."""

import pytest

from twite_common import clock
from twite_common.services.accounts import follows
from twite_common.services.timelines import lists
from twite_common.services.timelines.lists import ListChanges
from twite_web.core import Core
from twite_web.streaming import channels, greetings


@pytest.fixture
def core(bare, client) -> Core:
    return bare.state["core"]


@pytest.fixture
def newest(core, database, ann):
    """Return which entry a page of Ann's is told to be the newest above the first of what it shows."""

    def newest(above=0, **parameters):
        with database.reading() as db:
            shown = channels.shown(db, ann.id, parameters)
        lines = greetings.greeting(core, ann.id, shown, above).decode().split("\n")
        return int(lines[lines.index("event: newer") + 1].removeprefix("data: ")) if "event: newer" in lines else None

    return newest


def test_a_page_is_told_how_many_notifications_are_unread(core, ann, bob, make_post):
    make_post(bob, "@ann Hello")
    make_post(bob, "@ann And another thing")
    id, event, data, *_rest = greetings.greeting(core, ann.id, None, None).decode().split("\n")
    assert id.removeprefix("id: ").isdigit()
    assert (event, data) == ("event: unread", "data: 2")


def test_a_page_is_told_that_what_it_shows_has_newer_posts(database, ann, bob, cho, make_post, newest):
    with database.writing() as db:
        follows.follow_account(db, now=clock.now(), follower_id=ann.id, followee_id=bob.id)
        list_id = lists.add(db, now=clock.now(), account_id=ann.id, changes=ListChanges(title="Friends"))
        lists.add_members(db, now=clock.now(), account_id=ann.id, list_id=list_id, member_ids=[bob.id])
    assert newest() is None

    of_list = make_post(bob, "Of the list")
    own = make_post(ann, "My own")
    tagged = make_post(cho, "With #herons")
    public = make_post(cho, "Public")
    make_post(cho, "For followers", visibility="followers")

    assert newest() == own
    assert newest(list=str(list_id)) == of_list
    assert newest(tag="herons") == tagged
    assert newest(show="public") == public
    assert [newest(own), newest(of_list, list=str(list_id)), newest(public, show="public")] == [None, None, None]


def test_a_page_names_the_first_of_its_entries_even_where_that_is_hidden(ann, make_post, logged_in):
    browser = logged_in(ann)
    browser.open("/")
    assert browser.page.find(class_="feed")["data-newest"] == "0"

    post_ids = [make_post(ann, f"Number {number}") for number in range(21)]
    browser.open("/")
    assert browser.page.find(class_="feed")["data-newest"] == str(post_ids[-1])
    browser.open(f"/?max_id={post_ids[-1]}")
    assert "data-newest" not in browser.page.find(class_="feed").attrs
