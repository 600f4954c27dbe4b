"""The pictures of posts for other sites: for which posts there are some, and when they change."""

import io

import pytest
from PIL import Image

from twite_common.errors import Invalid, Unavailable
from twite_common.media import pictures


def card_of(stranger, path):
    """The address of the picture that a page names."""
    stranger.open(path)
    return stranger.page.find("meta", property="og:image")["content"]


def test_a_post_for_everybody_has_a_picture_that_may_be_kept(stranger, client, ann, make_post):
    address = card_of(stranger, f"/@ann/{make_post(ann, 'Swallows <are> back!')}")
    response = client.get(address)

    assert response.headers["content-type"] == "image/png"
    assert response.headers["cache-control"] == "public, max-age=86400"
    assert Image.open(io.BytesIO(response.content)).size == pictures.SHARE_CARD
    assert client.get(address, headers={"If-None-Match": response.headers["etag"]}).status_code == 304


def test_its_address_changes_with_the_post(stranger, as_ann, ann, make_post):
    id = make_post(ann, "Swallows are back!")
    before = card_of(stranger, f"/@ann/{id}")
    as_ann.open(f"/posts/{id}/edit")
    as_ann.submit(f"/posts/{id}/edit", {"text": "Swifts are back!"})

    assert card_of(stranger, f"/@ann/{id}") != before


@pytest.mark.parametrize("visibility", ["followers", "mentioned"])
def test_other_posts_have_none_also_for_their_author(stranger, as_ann, ann, make_post, visibility):
    path = f"/@ann/{make_post(ann, visibility=visibility)}/card.png"

    assert stranger.open(path).status_code == 404
    assert as_ann.open(path).status_code == 404


def test_while_too_many_are_drawn_the_author_stands_for_it_for_the_moment(client, ann, make_post, monkeypatch):
    def refuse(card):
        raise Unavailable("Too many pictures.")

    path = f"/@ann/{make_post(ann)}/card.png"
    with monkeypatch.context() as patched:
        patched.setattr(pictures, "draw_share_card", refuse)
        busy = client.get(path)

    assert (busy.status_code, busy.headers["cache-control"]) == (302, "public, max-age=0")
    assert client.get(path).status_code == 200


def test_a_picture_that_cannot_be_drawn_is_that_of_the_author(client, ann, make_post, monkeypatch):
    def refuse(card):
        raise Invalid("There is no font for this text.")

    monkeypatch.setattr(pictures, "draw_share_card", refuse)
    response = client.get(f"/@ann/{make_post(ann)}/card.png")

    assert (response.status_code, response.headers["location"]) == (302, "/static/avatar.png")
