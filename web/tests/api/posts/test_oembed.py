"""oEmbed: how other sites show a post."""

from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup

PATH = "/api/oembed"
BASE = "http://twite.example/@ann"


@pytest.mark.parametrize("visibility", ["public", "unlisted"])
def test_other_sites_frame_what_everybody_may_read(ann, make_post, stranger, visibility):
    id = make_post(ann, "a <treasure> & more", visibility=visibility)
    shown = stranger.get(PATH, params={"url": f"{BASE}/{id}", "maxwidth": 320, "maxheight": 200}).json()
    frame = BeautifulSoup(shown["html"], "html.parser").iframe
    framed = stranger.get(urlsplit(str(frame["src"])).path)

    assert (shown["type"], shown["author_url"], shown["title"]) == ("rich", BASE, "ann: a <treasure> & more")
    assert (shown["width"], shown["height"], frame["width"], frame["height"]) == (320, 200, "320", "200")
    assert frame["title"] == shown["title"]
    assert "a &lt;treasure&gt; &amp; more" in framed.text


def test_a_post_that_nobody_or_not_everybody_may_read_is_not_found(ann, bob, as_bob, make_post, stranger):
    secret = [make_post(ann, visibility=visibility) for visibility in ("followers", "mentioned")]
    boost = as_bob.post(f"/api/v1/statuses/{make_post(ann)}/reblog").json()["id"]
    elsewhere = f"https://other.example/@ann/{make_post(ann)}"
    wrong = [*(f"{BASE}/{id}" for id in [*secret, 17, "x"]), f"http://twite.example/@bob/{boost}", elsewhere, BASE, ""]

    assert {url: stranger.get(PATH, params={"url": url}).status_code for url in wrong} == dict.fromkeys(wrong, 404)
    assert stranger.get(PATH).json() == {"error": "Record not found"}
