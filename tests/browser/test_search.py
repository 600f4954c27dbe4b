"""Searching, folders, suggested people and pinned columns in a real browser, as script makes them livelier."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from support.pages import session_cookie
from support.scripts import visit
from support.site_under_test import Site, wait_for
from twite_common import clock
from twite_common.queries.timelines.columns import Column
from twite_common.services.accounts import profiles
from twite_common.services.accounts.profiles import ProfileChanges
from twite_common.services.timelines import columns

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.once]

WIDE: dict[str, int] = {"width": 1920, "height": 1000}
NARROW: dict[str, int] = {"width": 1280, "height": 800}


class Town:
    """A site with Ann, who looks, and people who post through the API."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.ids: dict[str, int] = {}
        self._tokens: dict[str, str] = {}
        for name in ("ann", "bob", "bobbie", "cho"):
            self.ids[name], self._tokens[name] = site.make_account(name)

    def post(self, name: str, text: str) -> str:
        headers = {"Authorization": f"Bearer {self._tokens[name]}"}
        address = f"{self.site.base_url}/api/v1/statuses"
        response = httpx.post(address, headers=headers, json={"status": text}, timeout=30)
        assert response.is_success, response.text
        return str(response.json()["id"])


@pytest.fixture(scope="module")
def town(make_shared_site: Callable[..., Site]) -> Town:
    site = make_shared_site()
    site.start("worker")
    site.start("web")
    return Town(site)


@pytest.fixture
def open_page(town: Town, chromium: Browser) -> Iterator[Callable[[dict[str, int]], Page]]:
    contexts = []

    def open_page(size: dict[str, int]) -> Page:
        context: Any = chromium.new_context(base_url=town.site.base_url, viewport=size, reduced_motion="reduce")
        context.set_default_timeout(15_000)
        context.add_cookies([session_cookie(town.site, town.ids["ann"])])
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


def test_suggestions_are_chosen_by_keyboard(town: Town, open_page: Callable[[dict[str, int]], Page]) -> None:
    page = open_page(NARROW)
    visit(page, "/search")
    box = page.get_by_role("main").get_by_role("combobox")
    box.press_sequentially("bo")
    options = page.get_by_role("option")
    expect(options).to_have_count(2)
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("ArrowDown")
    box.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", str(options.nth(1).get_attribute("id")))
    box.press("Escape")
    expect(options).to_have_count(0)
    expect(box).to_have_value("bo")

    box.press("ArrowDown")
    expect(options).to_have_count(2)
    box.press("ArrowDown")
    name = options.first.locator(".handle").inner_text()
    box.press("Enter")
    page.wait_for_url(f"**/{name}")


def test_the_box_beside_pages_suggests_too(town: Town, open_page: Callable[[dict[str, int]], Page]) -> None:
    page = open_page(NARROW)
    visit(page, "/explore")
    page.get_by_role("complementary").get_by_role("combobox").fill("cho")
    page.get_by_role("option").first.click()
    page.wait_for_url("**/@cho")


def test_an_operator_is_written_into_the_box(town: Town, open_page: Callable[[dict[str, int]], Page]) -> None:
    page = open_page(NARROW)
    visit(page, "/search")
    box = page.get_by_role("main").get_by_role("combobox")
    box.fill("wren")
    page.get_by_text("Search more exactly").click()
    page.get_by_role("button", name="from:me").click()

    expect(box).to_have_value("wren from:")
    expect(box).to_be_focused()


def test_a_bookmark_is_filed_from_the_list(town: Town, open_page: Callable[[dict[str, int]], Page]) -> None:
    page = open_page(NARROW)
    town.post("bob", "A soup of leeks")
    visit(page, "/@bob")
    page.get_by_role("button", name="Bookmark").first.click()
    expect(page.get_by_role("button", name="Remove bookmark").first).to_be_visible()
    visit(page, "/bookmarks/new")
    page.get_by_label("Name", exact=True).fill("Recipes")
    page.get_by_role("button", name="Create folder").click()
    expect(page.get_by_role("heading", level=2, name="Recipes")).to_be_visible()
    visit(page, "/bookmarks")
    page.get_by_role("link", name="Put into a folder").click()
    page.get_by_role("button", name="Recipes").click()
    expect(page.get_by_role("status").first).to_have_text("The bookmark has been put there.")

    page.get_by_role("navigation", name="Folders").get_by_role("link", name="Recipes").click()
    expect(page.get_by_role("article", name="Post by bob")).to_contain_text("leeks")


def test_who_is_followed_gives_way_to_others(town: Town, open_page: Callable[[dict[str, int]], Page]) -> None:
    with town.site.database.writing() as db:
        for name in ("bobbie", "cho"):
            changes = ProfileChanges(discoverable=True)
            profiles.change_profile(db, account_id=town.ids[name], changes=changes, now=clock.now())
    page = open_page(NARROW)
    visit(page, "/explore/people")
    suggested = page.get_by_role("main").locator(".suggested")
    expect(suggested.get_by_role("listitem")).to_have_count(2)
    suggested.get_by_role("button", name="Follow @cho").click()
    expect(suggested.get_by_role("listitem")).to_have_count(1)
    suggested.get_by_role("button", name="Don't suggest @bobbie").click()
    expect(suggested).to_contain_text("Nobody at the moment.")


def calls(town: Town, column: Locator) -> bool:
    """Have Bob call Ann, and say whether a column shows it soon."""
    town.post("bob", "Good morning @ann")
    try:
        expect(column).to_contain_text("Good morning @ann", timeout=6_000)
    except AssertionError:
        return False
    return True


def test_columns_are_filled_in_wide_windows_and_stay_fresh(
    town: Town, open_page: Callable[[dict[str, int]], Page]
) -> None:
    town.post("bob", "The first of #birds")
    with town.site.database.writing() as db:
        pinned = [Column("tag", tag="birds"), Column("notifications")]
        columns.arrange(db, account_id=town.ids["ann"], columns=pinned)
    narrow = open_page(NARROW)
    visit(narrow, "/")
    expect(narrow.get_by_role("region", name="#birds")).to_be_hidden()

    page = open_page(WIDE)
    visit(page, "/")
    birds, told = page.get_by_role("region", name="#birds"), page.get_by_role("region", name="Notifications")
    expect(birds.get_by_role("article")).to_have_count(1)
    expect(birds).to_contain_text("The first of #birds")
    # Nobody says when the page has begun to listen: whoever isn't heard calls again.
    wait_for(lambda: calls(town, told), town.site.printed)
    birds.get_by_role("button", name="Favourite").click()
    expect(birds.get_by_role("button", name="Remove favourite")).to_contain_text("1")
