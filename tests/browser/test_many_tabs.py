"""Tabs of one browser, which has six connections to a site for all of them: only those that are seen listen."""

from collections.abc import Iterator
from itertools import count

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from support.pages import log_in
from support.site_under_test import Site
from twite_common import clock
from twite_common.drafts import Draft
from twite_common.services.accounts import follows
from twite_common.services.posts import posts

pytestmark = pytest.mark.needs("chromium")

TABS = 8
"""More than a browser has connections to one site."""
_NUMBERS = count(1)
SEEN = """(seen) => {
    Object.defineProperty(document, "hidden", { value: !seen, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
}"""
"""A browser without windows takes all its tabs for seen."""


@pytest.fixture
def name(site: Site) -> str:
    """The name of somebody of the test's own."""
    return f"ann{next(_NUMBERS)}"


@pytest.fixture
def author(site: Site, name: str) -> int:
    """Somebody whom they follow."""
    ann_id, _ = site.make_account(name)
    bob_id, _ = site.make_account(f"bob_of_{name}")
    with site.database.writing() as db:
        follows.follow_account(db, now=clock.now(), follower_id=ann_id, followee_id=bob_id)
    return bob_id


@pytest.fixture
def context(chromium: Browser, site: Site, name: str, author: int) -> Iterator[BrowserContext]:
    """Their browser."""
    context = chromium.new_context(base_url=site.base_url)
    context.set_default_timeout(20_000)
    page = context.new_page()
    log_in(page, name)
    page.close()
    yield context
    context.close()


def open_tab(context: BrowserContext, path: str) -> Page:
    """Open a tab, until it listens."""
    page = context.new_page()
    with page.expect_response("**/live?*"):
        page.goto(path)
    return page


def look_at(page: Page, seen: bool) -> None:
    page.evaluate(SEEN, seen)


def test_many_tabs_can_be_open(context: BrowserContext) -> None:
    for _ in range(TABS):
        look_at(open_tab(context, "/settings"), False)


def test_whoever_comes_back_to_a_tab_finds_what_happened_meanwhile(
    site: Site, context: BrowserContext, name: str, author: int
) -> None:
    tabs = [open_tab(context, path) for path in ("/", "/notifications", "/messages")]
    for tab in tabs:
        look_at(tab, False)
    for text, visibility in (("Good morning", "public"), (f"@{name} are you there?", "mentioned")):
        with site.database.writing() as db:
            draft = Draft(text=text, visibility=visibility)
            posts.publish(db, site.settings, now=clock.now(), author_id=author, draft=draft)
    for tab in tabs:
        look_at(tab, True)
    home, notifications, messages = tabs

    expect(home.locator(".feed-news")).to_have_text("New posts: 2")
    expect(home.locator("[data-unread]").first).to_have_text("1")
    expect(notifications.locator(".feed-news button")).to_be_visible()
    expect(messages.locator(".conversation .excerpt")).to_have_text("are you there?")
