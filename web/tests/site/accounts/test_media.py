"""The tab of a profile that shows what an account attached to its posts."""

import io

import pytest
from PIL import Image


@pytest.fixture
def post_picture(as_ann):
    """Publish a picture and return its post's page."""

    def post_picture(description, number=1, **values):
        content = io.BytesIO()
        Image.new("RGB", (40, 30), "teal").save(content, "PNG")
        files = {f"files[{n}]": (f"{n}.png", content.getvalue(), "image/png") for n in range(number)}
        described = {f"descriptions[{n}]": f"{description} {n}" for n in range(number)}
        as_ann.open("/compose")
        as_ann.submit("/posts", {"text": "Look", **described, **values}, files)
        return as_ann.path

    return post_picture


@pytest.fixture(params=["as_bob", "stranger"])
def browser(request):
    return request.getfixturevalue(request.param)


def tiles(browser):
    return [
        (tile["href"], tile.img["alt"] if tile.img else tile.select_one(".visually-hidden").text)
        for tile in browser.page.select(".gallery .media-tile")
    ]


def test_there_is_a_tile_for_each_post_that_has_something_attached(make_post, ann, post_picture, browser):
    make_post(ann, "Only words")
    pond, frogs = post_picture("A pond"), post_picture("A frog", 2)
    browser.open("/@ann/media")

    assert tiles(browser) == [(frogs, "A frog 0"), (pond, "A pond 0")]
    assert browser.page.select_one(".media-mark").text == "+1"
    assert browser.page.select_one(".profile-tabs [aria-current]").text == "Media"


def test_what_is_sensitive_is_not_shown_as_a_tile(post_picture, browser):
    page = post_picture("A spider", spoiler_text="a spider")
    browser.open("/@ann/media")

    assert tiles(browser) == [(page, "Sensitive media")]
    assert browser.page.select(".media-tile img") == []


def test_where_nothing_is_attached_it_says_so(ann, browser):
    browser.open("/@ann/media")

    assert "There is nothing you can see here." in browser.text


def test_it_stands_beside_the_profile_and_leads_there_without_script(ann, browser):
    browser.open("/@ann")

    box = browser.page.select_one(".aside [data-load='/@ann/media']")
    assert box.find_previous("a")["href"] == "/@ann/media"
