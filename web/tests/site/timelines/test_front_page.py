"""What strangers see first: the site as a place, one pair of buttons, and the newest posts."""

import msgspec
import pytest
from sqlalchemy import update

from twite_common import clock
from twite_common.queries import viewers
from twite_common.services.moderation import site_texts
from twite_common.tables import account


@pytest.fixture
def settings(settings, request):
    return msgspec.structs.replace(settings, **getattr(request, "param", {}))


def ways_in(browser):
    """The links with which one comes in, wherever they stand on the page."""
    links = browser.page.find_all("a", href=lambda href: href in {"/signup", "/login"})
    return {link.get_text(strip=True): link["href"] for link in links}, len(links)


@pytest.fixture
def listed(database, ann):
    """Ann, who wants to be listed."""
    with database.writing() as db:
        db.execute(update(account).where(account.c.id == ann.id).values(discoverable=True, last_post_at=clock.now()))


@pytest.fixture
def about(database, make_account):
    """The site's text about itself, which is longer than the first page has room for."""
    admin = make_account("boss", role="admin")
    with database.writing() as db:
        site_texts.write(
            db,
            now=clock.now(),
            viewer=viewers.by_account(db, admin.id),
            name="about",
            words="We are <b>four</b> streets and a river. " + "More of it. " * 50,
            effective_at=None,
        )


def test_the_site_says_what_it_is_who_is_there_and_how_much(stranger, ann, bob, make_post, listed, about):
    make_post(ann, "A first post")
    stranger.open("/")
    place = stranger.page.select_one(".place")

    assert "We are <b>four</b> streets and a river." in place.text
    assert len(place.select_one(".place-about").text) <= 281
    assert [link["href"] for link in place.select(".place-faces a")] == ["/@ann"]
    assert [item.get_text(" ", strip=True) for item in place.select(".figures li")] == ["3 members", "1 post"]
    assert "A first post" in stranger.text


def test_who_does_not_want_to_be_listed_is_not_shown(stranger, ann, bob, make_post):
    make_post(ann, "A first post")
    stranger.open("/")

    assert stranger.page.select(".place-faces") == []


@pytest.mark.parametrize(
    ("settings", "expected", "said"),
    [
        ({"registration": "open"}, {"Create account": "/signup", "Log in": "/login"}, ""),
        (
            {"registration": "approval"},
            {"Ask for an account": "/signup", "Log in": "/login"},
            "Staff read each request",
        ),
        ({"registration": "invitation"}, {"Log in": "/login"}, "You need an invitation"),
        ({"registration": "closed"}, {"Log in": "/login"}, "isn't accepting new accounts"),
    ],
    indirect=["settings"],
)
def test_the_ways_in_stand_on_the_page_once(stranger, expected, said):
    stranger.open("/")

    assert ways_in(stranger) == (expected, len(expected))
    assert said in stranger.page.select_one(".place").text


def test_older_posts_need_no_introduction_but_the_ways_in(stranger, ann, make_post):
    post_ids = [make_post(ann, f"Post {number}") for number in range(3)]
    stranger.open(f"/?max_id={post_ids[-1]}")

    assert stranger.page.select(".place") == []
    assert ways_in(stranger) == ({"Log in": "/login", "Sign up": "/signup"}, 2)
    assert "Post 1" in stranger.text


def test_the_page_may_be_kept_for_all_strangers_and_has_a_tag(stranger, ann, listed, about):
    first = stranger.open("/")
    again = stranger.client.get("/", headers={"If-None-Match": first.headers["etag"]})

    assert "public" in first.headers["cache-control"]
    assert "set-cookie" not in first.headers
    assert again.status_code == 304
