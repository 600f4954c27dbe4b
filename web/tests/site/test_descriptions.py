"""What pages say of themselves to search engines and to sites that link to them, and pages that aren't there."""

import json

import pytest

from twite_common import clock
from twite_common.services.accounts import profiles
from twite_common.services.accounts.profiles import ProfileChanges


@pytest.fixture
def found(database, ann):
    """Ann wants to be found by search engines."""
    with database.writing() as db:
        profiles.change_profile(db, now=clock.now(), account_id=ann.id, changes=ProfileChanges(noindex=False))
    return ann


def described(browser):
    """What the open page says: its properties, and what it is as JSON-LD."""
    properties = {
        meta.get("property") or meta.get("name"): meta["content"]
        for meta in browser.page.find_all("meta", content=True)
    }
    script = browser.page.find("script", type="application/ld+json")
    return properties, json.loads(script.string) if script else None


def test_a_post_says_whose_it_is_and_what_it_says(stranger, found, make_post):
    id = make_post(found, 'Say "hello" </script><b>!')
    stranger.open(f"/@ann/{id}")
    properties, data = described(stranger)
    address = f"http://twite.example/@ann/{id}"

    assert properties["description"] == properties["og:description"] == 'Say "hello" </script><b>!'
    assert (properties["og:type"], properties["og:url"]) == ("article", address)
    assert properties["og:title"] == "ann (@ann)"
    assert properties["twitter:card"] == "summary_large_image"
    assert properties["og:image"].startswith(f"{address}/card.png?v=")
    assert data["@type"] == "SocialMediaPosting"
    assert (data["url"], data["text"]) == (address, 'Say "hello" </script><b>!')
    assert data["author"]["url"] == "http://twite.example/@ann"


def test_a_content_warning_stands_for_the_text(stranger, found, make_post):
    stranger.open(f"/@ann/{make_post(found, 'He dies', spoiler_text='Film')}")
    properties, data = described(stranger)

    assert properties["description"] == data["text"] == "Film"
    assert "He dies" not in json.dumps([properties, data])


def test_an_account_says_who_it_is(stranger, found):
    stranger.open("/@ann")
    properties, data = described(stranger)

    assert (properties["og:type"], properties["twitter:card"]) == ("profile", "summary")
    assert (data["@type"], data["mainEntity"]["@type"]) == ("ProfilePage", "Person")
    assert data["mainEntity"]["alternateName"] == "@ann@twite.example"


def test_who_does_not_ask_to_be_found_is_not_described(stranger, ann, make_post):
    id = make_post(ann)
    for path in ("/@ann", f"/@ann/{id}"):
        stranger.open(path)
        properties, data = described(stranger)
        assert (properties["robots"], data) == ("noindex", None)


@pytest.mark.parametrize(("path", "title"), [("/about", "About"), ("/public", "Newest posts")])
def test_other_pages_say_what_the_site_is(stranger, settings, path, title):
    stranger.open(path)
    properties, _ = described(stranger)

    assert (properties["og:type"], properties["og:title"]) == ("website", title)
    assert properties["description"] == settings.site_description


def test_the_first_page_says_how_to_search_and_names_its_feeds(stranger):
    stranger.open("/")
    _, data = described(stranger)

    assert data["potentialAction"]["target"]["urlTemplate"] == "http://twite.example/search?q={query}"
    assert len(stranger.page.find_all("link", rel="alternate")) == 3


def test_members_pages_are_not_described(as_ann, found, make_post):
    as_ann.open(f"/@ann/{make_post(found)}")

    assert described(as_ann)[1] is None


@pytest.mark.parametrize("path", ["/nothing-here", "/@nobody", "/@ann/1"])
def test_a_page_that_is_not_there_offers_others(stranger, ann, path):
    response = stranger.open(path)

    assert response.status_code == 404
    assert stranger.page.find("main").find("input", attrs={"name": "q"})
    assert stranger.page.find("main").find("a", href="/explore")
    assert described(stranger)[0]["robots"] == "noindex"
