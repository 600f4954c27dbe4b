"""A site whose media files come from another address than its own."""

import msgspec
import pytest

from support.pictures import picture

CDN = "https://cdn.example/twite/media"


@pytest.fixture
def settings(settings):
    return msgspec.structs.replace(settings, media_base_url=CDN)


@pytest.fixture
def shown(as_ann, ann, make_post):
    """A post with a picture by somebody with a picture; its API entity."""
    client = as_ann.client
    as_ann.open("/settings/profile")
    as_ann.submit("/settings/profile", {"display_name": "Ann"}, {"avatar": ("a.png", picture(), "image/png")})
    as_ann.open("/compose")
    as_ann.submit("/posts", {"text": "Look", "descriptions[0]": "A wren"}, {"files[0]": ("b.png", picture((90, 60)))})
    [status] = client.get(f"/api/v1/accounts/{ann.id}/statuses").json()
    return status


def test_pages_and_the_api_name_it(shown, stranger, client):
    stranger.open(f"/@ann/{shown['id']}")
    sources = {image["src"] for image in stranger.page.find_all("img")}
    attached, avatar = shown["media_attachments"][0]["preview_url"], shown["account"]["avatar"]

    assert attached.startswith(f"{CDN}/")
    assert avatar.startswith(f"{CDN}/")
    assert {attached, avatar} <= sources
    assert not [source for source in sources if source.startswith("/media/")]


def test_pages_may_load_from_it_and_from_nowhere_else(shown, stranger):
    policy = stranger.open("/@ann").headers["content-security-policy"].split("; ")

    assert "img-src 'self' data: https://cdn.example" in policy
    assert "media-src 'self' https://cdn.example" in policy
    assert "script-src 'self'" in policy
    assert "https://cdn.example" in stranger.open(f"/@ann/{shown['id']}/embed").headers["content-security-policy"]


def test_old_addresses_hold(shown, client):
    address = shown["media_attachments"][0]["url"].replace(CDN, "/media")

    assert client.get(address).status_code == 200


def test_feeds_name_it(shown, client):
    [item] = client.get("/@ann/feed.json").json()["items"]

    assert item["authors"][0]["avatar"] == shown["account"]["avatar"]
    assert CDN in client.get("/@ann/feed.atom").text


def test_the_picture_of_a_post_is_drawn_with_its_authors(shown, client):
    answer = client.get(f"/@ann/{shown['id']}/card.png")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
