"""People to follow: following them from there, and having them suggested no more."""

import pytest
from sqlalchemy import update

from twite_common import clock
from twite_common.services.accounts import follows
from twite_common.tables import account


@pytest.fixture
def discoverable(database, ann, bob, cho):
    with database.writing() as db:
        db.execute(update(account).values(discoverable=True))
        follows.follow_account(db, now=clock.now(), follower_id=bob.id, followee_id=cho.id)


def suggested(browser):
    names = browser.page.find("main").find("ul", class_="suggested").find_all("span", class_="handle")
    return [name.text for name in names]


def test_who_is_followed_is_suggested_no_more(as_ann, discoverable, bob, cho):
    as_ann.open("/explore/people")
    assert suggested(as_ann) == ["@cho", "@bob"]
    as_ann.submit(f"/explore/people/{bob.id}/follow")
    assert (as_ann.path, suggested(as_ann)) == ("/explore/people", ["@cho"])
    assert "1 person you follow follows them" in as_ann.text


def test_who_is_dismissed_is_suggested_no_more(as_ann, discoverable, cho):
    as_ann.open("/explore/people")
    as_ann.submit(f"/explore/people/{cho.id}/dismiss")

    assert suggested(as_ann) == ["@bob"]


def test_the_box_beside_pages_leads_back_to_itself(as_ann, discoverable, cho):
    as_ann.open("/explore/now")
    as_ann.submit(f"/explore/people/{cho.id}/follow")

    assert (as_ann.path, suggested(as_ann)) == ("/explore/now", ["@bob"])


def test_beside_somebodys_page_they_are_not_suggested(as_ann, discoverable, ann, cho):
    as_ann.open("/@cho")
    box = as_ann.page.select_one(".aside [data-load^='/explore/now']")["data-load"]
    as_ann.open(box)

    assert box == f"/explore/now?on={cho.id}"
    assert suggested(as_ann) == ["@bob"]


def test_strangers_log_in_first(stranger):
    stranger.open("/explore/people")

    assert stranger.path == "/login"
