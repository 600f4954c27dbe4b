"""Pinned columns: arranging them, and where they are shown."""

import pytest

from twite_common import clock
from twite_common.queries.timelines import columns as queries
from twite_common.queries.timelines.columns import Column
from twite_common.services.timelines import columns, lists
from twite_common.services.timelines.lists import ListChanges


@pytest.fixture
def pinned(database, ann):
    def pinned():
        with database.reading() as db:
            return [shown.column for shown in queries.of_account(db, ann.id)]

    return pinned


def beside(browser):
    return [(column["data-column"], column.find("h2").text) for column in browser.page.find_all("section", "column")]


def press(browser, action, number):
    """Press one of the buttons that lead to the same address."""
    form = browser.page.find_all("form", action=action)[number]
    fields = {field["name"]: field["value"] for field in form.find_all("input", type="hidden")}
    browser.client.post(action, data=fields)
    browser.open("/settings/columns")


def add_tag(browser, tag):
    """Send the form for a hashtag, which is the last."""
    form = browser.page.find_all("form", action="/settings/columns")[-1]
    fields = {field["name"]: field.get("value", "") for field in form.find_all("input")}
    return browser.client.post("/settings/columns", data=fields | {"tag": tag})


def test_columns_are_pinned_moved_and_removed(as_ann, ann, database, pinned):
    with database.writing() as db:
        list_id = lists.add(db, now=clock.now(), account_id=ann.id, changes=ListChanges(title="Friends"))
    as_ann.open("/settings/columns")
    press(as_ann, "/settings/columns", 1)
    press(as_ann, "/settings/columns", 1)
    add_tag(as_ann, "#Birds")
    as_ann.open("/settings/columns")
    press(as_ann, "/settings/columns/move", 1)
    assert pinned() == [Column("notifications"), Column("tag", tag="Birds"), Column("list", list_id=list_id)]

    as_ann.open("/")
    assert beside(as_ann) == [
        ("/notifications", "Notifications"),
        ("/tags/birds", "#Birds"),
        (f"/lists/{list_id}", "Friends"),
    ]
    as_ann.open("/settings/columns")
    press(as_ann, "/settings/columns/unpin", 0)
    assert pinned() == [Column("tag", tag="Birds"), Column("list", list_id=list_id)]


def test_what_is_no_hashtag_is_refused(as_ann):
    as_ann.open("/settings/columns")
    answer = add_tag(as_ann, "! !")

    assert answer.status_code == 422
    assert "This is no hashtag." in answer.text


def test_a_hashtag_is_pinned_from_its_page(as_ann, pinned):
    as_ann.open("/tags/birds")
    as_ann.submit("/settings/columns")

    assert pinned() == [Column("tag", tag="birds")]
    assert as_ann.path == "/tags/birds"


def test_the_home_page_isnt_beside_itself(as_ann, ann, database):
    with database.writing() as db:
        columns.arrange(db, account_id=ann.id, columns=[Column("home"), Column("tag", tag="birds")])
    as_ann.open("/")

    assert beside(as_ann) == [("/tags/birds", "#birds")]


def test_a_column_of_notifications_leaves_them_unread(as_ann, ann, bob, make_post):
    make_post(bob, "@ann hello")
    as_ann.client.get("/notifications", headers={"Twite-Part": "1"})
    as_ann.open("/")
    assert as_ann.page.find(attrs={"data-unread": True}).text.startswith("1")
    as_ann.open("/notifications")
    as_ann.open("/")

    assert as_ann.page.find(attrs={"data-unread": True}).text == ""
