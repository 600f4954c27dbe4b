"""The npm packages that web applications are built with, against a running site."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from support import javascript_clients
from support.chromium import launched
from support.site_under_test import PASSWORD, Site

pytestmark = [pytest.mark.needs("npm"), pytest.mark.once]


class Files(SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[str]:
    """The origin of a page that holds an application."""
    folder = tmp_path / "page"
    folder.mkdir()
    javascript_clients.bundle("page.mjs", folder).rename(folder / "page.js")
    (folder / "index.html").write_text('<!doctype html><script type="module" src="/page.js"></script>')
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


@pytest.fixture
def page() -> Iterator[Page]:
    with launched() as browser:
        yield browser.new_page()


@pytest.mark.parametrize("client", ["masto", "megalodon"])
def test_a_client_does_what_its_users_do(running: Site, tmp_path: Path, client: str) -> None:
    _, token = running.make_account("ann")
    _, other = running.make_account("bob")
    picture = tmp_path / "wren.png"
    Image.new("RGB", (300, 200), (40, 90, 160)).save(picture)
    ran = javascript_clients.run(
        f"{client}.mjs", BASE=running.base_url, TOKEN=token, OTHER_TOKEN=other, PICTURE=str(picture)
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.needs("chromium")
def test_an_application_on_a_page_elsewhere_logs_in_posts_reads_and_listens(
    running: Site, elsewhere: str, page: Page
) -> None:
    running.make_account("ann")
    _, token = running.make_account("bob")
    page.goto(f"{elsewhere}/?site={running.base_url}")
    page.get_by_label("Username or e-mail address").fill("ann")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Authorize").click()

    def said(what: str) -> str:
        line = page.locator(f"[data-of={what}]").first
        expect(line.or_(page.locator("[data-of=error]")).first).to_be_visible(timeout=15_000)
        assert page.locator("[data-of=error]").all_inner_texts() == []
        return line.inner_text()

    assert page.url.startswith(elsewhere)
    assert (said("state"), said("name")) == ("the page's own", "ann")
    assert said("home") == "<p>Second</p> <p>First</p>"
    assert said("pages") == "not readable"
    said("listening")
    sent = {"status": "@ann a streamed post"}
    httpx.post(f"{running.base_url}/api/v1/statuses", json=sent, headers={"Authorization": f"Bearer {token}"})
    assert said("notification") == "mention"
