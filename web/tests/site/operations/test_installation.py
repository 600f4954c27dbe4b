"""Installing the site as an application."""

import io

from PIL import Image


def test_the_manifest_says_what_is_installed(stranger):
    stranger.open("/")
    address = stranger.page.find("link", rel="manifest")["href"]
    manifest = stranger.client.get(address).json()

    assert manifest["name"]
    assert manifest["display"] == "standalone"
    assert {shortcut["url"] for shortcut in manifest["shortcuts"]} >= {"/compose", "/notifications"}
    assert manifest["share_target"]["action"] == "/compose"
    assert "maskable" in {icon.get("purpose") for icon in manifest["icons"]}


def test_icons_are_as_large_as_the_manifest_says(stranger):
    icons = stranger.client.get("/manifest.webmanifest").json()["icons"]
    sizes = {
        icon["sizes"]: "{}x{}".format(*Image.open(io.BytesIO(stranger.client.get(icon["src"]).content)).size)
        for icon in icons
        if icon["type"] == "image/png"
    }

    assert sizes
    assert all(said == found for said, found in sizes.items())


def test_the_service_worker_may_serve_all_pages_and_is_asked_for_anew(stranger):
    answer = stranger.client.get("/sw.js?v=1")

    assert answer.headers["content-type"].startswith("text/javascript")
    assert "max-age=0" in answer.headers["cache-control"]


def test_the_page_for_no_network_is_the_same_for_all(as_ann):
    as_ann.open("/offline")

    assert "You are offline" in as_ann.text
    assert "ann" not in as_ann.text.split()
