"""An archive from a real browser: asked for, downloaded, and opened from a folder without any server."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from support.pages import log_in
from support.pictures import picture
from support.site_under_test import Site
from twite_tasks import context, work

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.once]


@pytest.fixture
def browsing(chromium: Browser, running: Site) -> Iterator[BrowserContext]:
    context = chromium.new_context(base_url=running.base_url, accept_downloads=True)
    context.set_default_timeout(15_000)
    yield context
    context.close()


def test_it_is_searched_from_a_folder(running: Site, browsing: BrowserContext, tmp_path: Path) -> None:
    _, token = running.make_account("ann")
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=running.base_url, headers=headers, timeout=60) as ann:
        media = ann.post("/api/v2/media", files={"file": ("wren.png", picture())}, data={"description": "a wren"})
        body = {"status": "Look, <b>a wren</b> #birds", "media_ids[]": [media.json()["id"]]}
        first = ann.post("/api/v1/statuses", data=body).json()["id"]
        ann.post("/api/v1/statuses", data={"status": "It sings", "in_reply_to_id": first})
    page = browsing.new_page()
    log_in(page, "ann")
    page.goto("/settings/archives")
    page.get_by_role("button", name="Make an archive").click()
    expect(page.get_by_text("Being made: 0 %")).to_be_visible()
    assert work.make_next_archive(context.make(running.settings), lambda: True)
    page.get_by_role("link", name="Refresh").click()
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download the archive").click()
    folder = tmp_path / "archive"
    with zipfile.ZipFile(downloading.value.path()) as archive:
        archive.extractall(folder)
    # Without a server: the site is gone before its archive is opened.
    running.stop()
    page.goto((folder / "html" / "index.html").as_uri())
    page.get_by_label("Search your posts").fill("WREN")
    found = page.locator("#search li")
    expect(found).to_have_count(1)
    found.get_by_role("link").click()

    article = page.locator("article").first
    expect(article).to_contain_text("Look, <b>a wren</b>")
    shown = article.get_by_role("img", name="a wren")
    shown.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('article img').naturalWidth > 0")
    page.get_by_role("link", name="Threads").click()
    expect(page.locator("section article")).to_have_count(2)
    page.get_by_role("link", name="Media").click()
    expect(page.get_by_role("img", name="a wren")).to_be_visible()
