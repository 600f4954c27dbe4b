"""The site's own emojis on its pages, and where they are looked after."""

import io

import pytest
from PIL import Image

from support.pictures import picture


@pytest.fixture
def add(as_admin):
    def add(shortcode, size=(64, 64)):
        written = io.BytesIO()
        Image.new("RGB", size, (40, 90, 160)).save(written, "PNG")
        as_admin.open("/admin/emojis")
        return as_admin.submit(
            "/admin/emojis", {"shortcode": shortcode}, files={"picture": ("x.png", written.getvalue(), "image/png")}
        )

    return add


def test_an_emoji_is_added_and_shown_wherever_it_is_named(add, as_admin, as_bob, bob, stranger):
    add("wren")
    as_bob.open("/settings/profile")
    as_bob.submit("/settings/profile", {"display_name": "Bob <b> :wren:", "bio": "A :wren: & more"})
    as_bob.open("/compose")
    as_bob.submit("/posts", {"text": "one :wren: two :none:", "spoiler_text": "about :wren:"})
    stranger.open("/@bob")
    pictures = stranger.page.find_all("img", class_="emoji")

    assert {one["alt"] for one in pictures} == {":wren:"}
    assert len(pictures) == 5
    assert "Bob <b>" in stranger.text
    assert ":none:" in stranger.text
    assert stranger.client.get(pictures[0]["src"]).headers["content-type"] == "image/webp"


@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
def test_an_emoji_may_be_what_phones_make(as_admin, stranger, kind):
    as_admin.open("/admin/emojis")
    as_admin.submit("/admin/emojis", {"shortcode": "wren"}, files={"picture": ("x", picture((64, 64), kind), "")})
    [made] = stranger.client.get("/api/v1/custom_emojis").json()

    assert stranger.client.get(made["url"]).headers["content-type"] == "image/webp"


def test_an_emoji_is_switched_off_and_removed(add, as_admin, stranger):
    add("wren")
    listed = "/api/v1/custom_emojis"
    actions = [one for one in as_admin.actions() if one.startswith("/admin/emojis/")]
    as_admin.submit(next(one for one in actions if one.endswith("/disable")))
    off = stranger.client.get(listed).json()
    as_admin.submit(next(one for one in as_admin.actions() if one.endswith("/enable")))
    as_admin.submit(next(one for one in as_admin.actions() if one.endswith("/withhold")))
    [withheld] = stranger.client.get(listed).json()
    as_admin.submit(next(one for one in as_admin.actions() if one.endswith("/remove")))

    assert (off, withheld["visible_in_picker"], stranger.client.get(listed).json()) == ([], False, [])
    assert "The emoji has been removed." in as_admin.text


def test_what_is_wrong_is_said_beside_the_field(add, as_admin):
    add("w")
    short = as_admin.text
    add("wren")
    add("wren")

    assert "2 to 64 letters" in short
    assert "There is already an emoji with this name." in as_admin.text


def test_nobody_else_looks_after_emojis(as_bob):
    as_bob.open("/settings")
    sent = {"form_token": as_bob.value("form_token"), "shortcode": "wren"}

    assert as_bob.open("/admin/emojis").status_code == 403
    for path in ("/admin/emojis", "/admin/emojis/1/disable", "/admin/emojis/1/remove"):
        assert as_bob.client.post(path, data=sent).status_code == 403
