"""Catching up: what is shown of the time since somebody was here, and the rules by which it is chosen."""

import pytest
from sqlalchemy import update

from twite_common import clock
from twite_common.services.accounts import follows
from twite_common.services.posts import favourites
from twite_common.tables import preferences


@pytest.fixture
def followed(database, ann, bob, cho):
    with database.writing() as db:
        for other in (bob, cho):
            follows.follow_account(db, now=clock.now(), follower_id=ann.id, followee_id=other.id)


@pytest.fixture
def leave(database, ann):
    """Have Ann's last visit end so long ago, in milliseconds."""

    def leave(ago):
        with database.writing() as db:
            times = {"home_seen_at": clock.now() - ago, "home_left_at": clock.now() - ago}
            db.execute(update(preferences).where(preferences.c.account_id == ann.id).values(times))

    return leave


def shown(browser):
    return [int(post["data-post"]) for post in browser.page.find_all("article")]


def test_it_shows_what_many_took_up_and_each_person_and_then_ends(
    as_ann, followed, leave, database, ann, bob, cho, make_account, make_post
):
    leave(clock.HOUR)
    taken_up, other = make_post(bob, "A wren! #birds"), make_post(cho, "Tea")
    dot = make_account("dot")
    with database.writing() as db:
        follows.follow_account(db, now=clock.now(), follower_id=ann.id, followee_id=dot.id)
        for who in (cho, dot):
            favourites.favourite_post(db, now=clock.now(), account_id=who.id, post_id=taken_up)
    as_ann.open("/catch-up")

    headings = [heading.text for heading in as_ann.page.find("main").find_all("h2")]
    assert headings == ["What many took up", "Who posted"]
    assert shown(as_ann) == [taken_up, other]
    assert "Favourited by dot , cho" in as_ann.text or "Favourited by cho , dot" in as_ann.text
    assert "That is all." in as_ann.text
    assert "2 posts since" in as_ann.text


def test_hashtags_that_many_used_are_shown_with_their_posts(as_ann, followed, leave, bob, cho, make_post):
    leave(clock.HOUR)
    posts = [make_post(who, f"#birds {who.username}") for who in (bob, cho)]
    as_ann.open("/catch-up")

    assert as_ann.page.find("section", class_="shared").find("h3").text == "#birds"
    assert "2 people you follow · 2 posts" in as_ann.text
    assert sorted(shown(as_ann)) == posts


def test_rules_are_switched_on_the_page(as_ann, followed, leave, bob, make_post):
    leave(clock.HOUR)
    post_id = make_post(bob)
    as_ann.open("/catch-up")
    assert shown(as_ann) == [post_id]
    as_ann.submit("/catch-up", {"people": None})
    assert (as_ann.path, shown(as_ann)) == ("/catch-up", [])
    as_ann.submit("/catch-up", {"people": "1"})
    assert shown(as_ann) == [post_id]


def test_another_time_can_be_chosen(as_ann, followed, leave, bob, make_post):
    post_id = make_post(bob)
    leave(0)
    as_ann.open("/catch-up?hours=24")

    assert shown(as_ann) == [post_id]
    assert as_ann.page.find("ul", class_="tabs").find(attrs={"aria-current": "page"}).text == "Last 24 hours"


def test_the_home_page_offers_it_once_when_there_is_something(as_ann, followed, leave, bob, make_post):
    leave(clock.HOUR)
    as_ann.open("/")
    assert as_ann.page.find("a", href="/catch-up") is None
    leave(clock.HOUR)
    make_post(bob)
    as_ann.open("/")
    assert as_ann.page.find("a", href="/catch-up") is not None
    as_ann.open("/")
    assert as_ann.page.find("a", href="/catch-up") is None


def test_a_part_of_the_home_page_is_no_visit(as_ann, followed, leave, bob, make_post):
    leave(clock.HOUR)
    make_post(bob)
    as_ann.client.get("/", headers={"Twite-Part": "1"})
    as_ann.open("/")

    assert as_ann.page.find("a", href="/catch-up") is not None
