"""The site's picture: who chooses it, and where it is shown."""

import io

import pytest
from PIL import Image

from support.pictures import picture

PATH = "/admin/picture"
_written = io.BytesIO()
Image.effect_noise((1200, 630), 50).save(_written, "PNG")
SHARP = _written.getvalue()
"""A picture unlike the one of a single colour."""


@pytest.fixture
def choose(as_admin):
    def choose(description="A weir at dusk", content=None):
        as_admin.open(PATH)
        files = {"picture": ("x", content or picture((800, 600)), "")}
        return as_admin.submit(PATH, {"description": description}, files=files)

    return choose


def shown(stranger):
    """Return the picture that stands for the site in each place: its path and what it shows."""
    apps = stranger.client.get("/api/v2/instance").json()["thumbnail"]
    older = stranger.client.get("/api/v1/instance").json()["thumbnail"]
    stranger.open("/")
    front = stranger.page.find("img", class_="place-cover")
    linked = stranger.page.find("meta", property="og:image")["content"]
    stranger.open("/about")
    about = stranger.page.find("img", class_="about-picture")
    return apps, older, linked, front, about


def test_it_is_shown_to_strangers_apps_and_other_sites(choose, stranger):
    choose()
    apps, older, linked, front, about = shown(stranger)

    assert apps == {"url": linked, "description": "A weir at dusk"}
    assert older == linked == f"http://twite.example{front['src']}"
    assert (front["src"], front["alt"]) == (about["src"], about["alt"])
    assert stranger.client.get(front["src"]).headers["content-type"] == "image/webp"


def test_without_one_the_site_has_its_usual_pictures(stranger):
    apps, older, linked, front, about = shown(stranger)

    assert apps["url"] == older == "http://twite.example/static/header.png"
    assert linked == "http://twite.example/static/icon.png"
    assert (front, about) == (None, None)


def test_it_is_described_anew_replaced_and_taken_away(choose, as_admin, stranger):
    choose()
    first = shown(stranger)[2]
    as_admin.submit(PATH, {"description": "The weir"})
    assert shown(stranger)[0] == {"url": first, "description": "The weir"}

    choose(content=SHARP)
    assert shown(stranger)[2] != first
    as_admin.submit(f"{PATH}/remove")
    assert shown(stranger)[3] is None


@pytest.mark.parametrize(
    ("description", "content", "said"),
    [("x", b"", "Please choose a picture."), ("x", b"nothing", "picture"), ("x" * 1501, b"", "too long")],
)
def test_what_can_not_be_one_is_refused_in_words(as_admin, stranger, description, content, said):
    as_admin.open(PATH)
    files = {"picture": ("x", content, "")} if content else {}
    response = as_admin.submit(PATH, {"description": description}, files=files)

    assert response.status_code == 422
    assert said in as_admin.text
    assert as_admin.value("description") == description
    assert shown(stranger)[3] is None


@pytest.mark.parametrize("path", [PATH, f"{PATH}/remove"])
def test_members_choose_none(as_bob, path):
    as_bob.open("/settings")
    sent = {"form_token": as_bob.value("form_token"), "description": "mine"}

    assert as_bob.open(PATH).status_code == 403
    as_bob.open("/settings")
    assert as_bob.client.post(path, data=sent).status_code == 403
