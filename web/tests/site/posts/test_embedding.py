"""The page with one post that other sites show in a frame."""

import pytest


def test_a_post_is_framed_without_scripts_forms_or_whoever_looks(as_bob, stranger, ann, make_post):
    id = make_post(ann, "Hello, other sites")
    shown = as_bob.open(f"/@ann/{id}/embed")
    policy = dict(part.split(" ", 1) for part in shown.headers["content-security-policy"].split("; "))

    assert "Hello, other sites" in as_bob.text
    assert (policy["frame-ancestors"], policy["script-src"]) == ("*", "'none'")
    assert shown.headers["x-frame-options"] == "ALLOWALL"
    assert as_bob.page.find(["form", "script"]) is None
    assert shown.text == stranger.open(f"/@ann/{id}/embed").text


def test_other_pages_can_not_be_framed(stranger, ann, make_post):
    shown = stranger.open(f"/@ann/{make_post(ann)}")

    assert "frame-ancestors 'none'" in shown.headers["content-security-policy"]
    assert shown.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("visibility", ["followers", "mentioned"])
def test_what_strangers_may_not_read_is_not_framed_for_its_author_either(logged_in, ann, make_post, visibility):
    id = make_post(ann, "quiet", visibility=visibility)
    browser = logged_in(ann)

    assert browser.open(f"/@ann/{id}/embed").status_code == 404
    assert browser.open(f"/@ann/{id}").status_code == 200
    assert browser.page.find("link", type="application/json+oembed") is None


def test_the_page_of_another_account_frames_nothing(stranger, ann, bob, make_post):
    assert stranger.open(f"/@bob/{make_post(ann)}/embed").status_code == 404


def test_a_posts_page_names_how_others_show_it(stranger, ann, make_post):
    id = make_post(ann)
    stranger.open(f"/@ann/{id}")
    link = stranger.page.find("link", type="application/json+oembed")

    assert stranger.client.get(link["href"]).json()["author_url"] == "http://twite.example/@ann"
