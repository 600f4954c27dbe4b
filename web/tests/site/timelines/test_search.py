"""Search on the website: kinds, operators, suggestions, what was looked for, and why nothing was found."""

import pytest
from sqlalchemy import update

from twite_common import clock
from twite_common.services.timelines import trends
from twite_common.tables import account


@pytest.fixture
def trending(database, ann, bob, make_post):
    """Have a hashtag that several people use."""
    for who in (ann, bob):
        make_post(who, "Seen a #wren today")
    with database.writing() as db:
        db.execute(update(account).values(discoverable=True))
        trends.compute(db, now=clock.now())


def found(browser):
    return [link["href"] for link in browser.page.find("ul", class_="suggestions").find_all("a")]


def test_people_hashtags_and_posts_are_found_together_and_alone(as_ann, bob, make_post, ann):
    post_id = make_post(ann, "about bob #bobbing")
    as_ann.open("/search?q=bob")

    hrefs = {link["href"] for link in as_ann.page.find("main").find_all("a", href=True)}
    assert {"/@bob", "/tags/bobbing", f"/@ann/{post_id}"} <= hrefs
    tabs = [tab["href"] for tab in as_ann.page.find("ul", class_="tabs").find_all("a")]
    assert tabs == ["/search?q=bob", *(f"/search?q=bob&type={kind}" for kind in ("people", "hashtags", "posts"))]
    for kind, expected in (("people", "/@bob"), ("hashtags", "/tags/bobbing"), ("posts", f"/@ann/{post_id}")):
        as_ann.open(f"/search?q=bob&type={kind}")
        lists = as_ann.page.find("main").find_all(class_=["list", "chips", "feed"])
        assert len(lists) == 1
        assert expected in {link["href"] for link in lists[0].find_all("a", href=True)}


def test_operators_are_buttons_of_the_form(as_ann, ann, make_post):
    make_post(ann, "a wren")
    as_ann.open("/search?q=wren")
    buttons = {button["value"] for button in as_ann.page.find_all("button", attrs={"name": "add"})}
    assert {"from:", "has:image", "is:reply", "in:library", "before:"} <= buttons

    as_ann.open("/search?q=wren&add=from:")
    assert as_ann.page.find("input", id="q")["value"] == "wren from:"
    assert as_ann.page.find("article") is None

    as_ann.open("/search?q=wren&add=in:library")
    assert as_ann.page.find("input", id="q")["value"] == "wren in:library"
    assert as_ann.page.find("article") is not None


def test_an_empty_result_says_why_and_offers_the_search_without_that(as_ann, ann, make_post):
    make_post(ann, "a wren")
    as_ann.open("/search?q=wren has:image")

    assert "Without “has:image” there are results." in as_ann.text
    as_ann.open(as_ann.page.find("a", string="Search without it")["href"])
    assert as_ann.page.find("article") is not None


def test_strangers_are_asked_to_log_in_to_search_posts(stranger, ann, make_post):
    make_post(ann, "a wren")
    stranger.open("/search?q=wren")

    assert stranger.page.find("article") is None
    assert stranger.page.find("main").find("a", href=lambda href: href.startswith("/login?next=/search%3Fq%3Dwren"))


def test_strangers_are_shown_what_there_is_to_look_for(stranger, trending):
    stranger.open("/search")
    main = stranger.page.find("main")
    examples = {link.text: link["href"] for link in main.select(".examples a")}

    assert [link["href"] for link in main.select(".chips a")] == ["/tags/wren"]
    assert {"/directory", "/explore"} <= {link["href"] for link in main.select(".searchable a")}
    assert examples["has:image"] == "/login?next=%2Fsearch%3Fq%3Dhas%253Aimage"


def test_members_and_who_looks_for_something_are_not_shown_it(stranger, as_ann, trending):
    for browser, path in ((stranger, "/search?q=wren"), (as_ann, "/search")):
        browser.open(path)
        assert browser.page.select(".examples") == []


def test_what_was_looked_for_is_listed_and_can_be_forgotten(as_ann, ann):
    for query in ("wren", "robin", "wren"):
        as_ann.open(f"/search?q={query}")
    as_ann.open("/search")
    assert [link.text for link in as_ann.page.find_all("a", class_="recent-search")] == ["wren", "robin"]

    forgetting = [action for action in as_ann.actions() if action.endswith("/forget")]
    as_ann.submit(forgetting[1])
    assert [link.text for link in as_ann.page.find_all("a", class_="recent-search")] == ["robin"]
    as_ann.submit("/search/recent/forget")
    assert "Your searches have been forgotten." in as_ann.text
    assert as_ann.page.find("a", class_="recent-search") is None


def test_nothing_is_remembered_for_those_who_dont_want_that(as_ann, ann):
    as_ann.open("/search?q=wren")
    as_ann.open("/search")
    as_ann.submit("/search/recent/keep")
    as_ann.open("/search?q=robin")
    as_ann.open("/search")
    assert "Your searches aren't remembered." in as_ann.text

    as_ann.client.post("/search/recent/keep", data={"form_token": as_ann.value("form_token"), "wanted": "1"})
    as_ann.open("/search?q=robin")
    as_ann.open("/search")
    assert [link.text for link in as_ann.page.find_all("a", class_="recent-search")] == ["robin"]


def test_suggestions_are_links_to_what_was_meant(as_ann, bob, ann, make_post):
    make_post(bob, "#bobbing")
    as_ann.open("/search?q=bob")
    as_ann.open("/search/suggestions?q=bo")
    assert found(as_ann) == ["/search?q=bob", "/@bob", "/tags/bobbing"]
    as_ann.open("/search/suggestions?q=%23bo")
    assert found(as_ann) == ["/tags/bobbing"]


@pytest.mark.parametrize(("typed", "expected"), [("bo", []), ("bob", ["/@bob"])])
def test_strangers_must_have_typed_some_letters(stranger, bob, typed, expected):
    stranger.open(f"/search/suggestions?q={typed}")

    assert found(stranger) == expected
