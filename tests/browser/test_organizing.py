"""Lists, hashtags, the profile's preview and the search in settings, where script removes the waiting."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from support import demo_site
from support.demo_site import DemoSite
from support.scripts import scripts_ready, visit

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.usefixtures("integration")]

ROOT = Path(__file__).parents[2]
STAYED = "window.stayed = true"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoSite]:
    with demo_site.running(tmp_path_factory.mktemp("demo"), ROOT / "build" / "demo") as site:
        yield site


@pytest.fixture(scope="module")
def window(demo: DemoSite, chromium: Browser) -> Iterator[Page]:
    """Mira's browser."""
    context = chromium.new_context(base_url=demo.base_url, reduced_motion="reduce")
    context.set_default_timeout(15_000)
    context.add_cookies(demo.browser_cookies(demo.cookies("admin")))
    yield context.new_page()
    context.close()


def stayed(window: Page) -> bool:
    """Say whether the page that was open is still the same."""
    return bool(window.evaluate("window.stayed === true"))


def test_settings_are_found_while_one_types(window: Page) -> None:
    visit(window, "/settings")
    window.evaluate(STAYED)
    main = window.get_by_role("main")
    search = main.get_by_role("searchbox", name="Search the settings")
    search.fill("quiet HOURS")
    expect(main.get_by_role("listitem")).to_have_count(1)
    expect(main.get_by_role("link", name="E-mail notifications")).to_be_visible()
    search.fill("no such thing")
    expect(main.get_by_text("No setting has these words.")).to_be_visible()
    expect(main.get_by_role("listitem")).to_have_count(0)
    search.fill("")

    expect(main.get_by_role("link", name="Profile Your name")).to_be_visible()
    expect(main.get_by_text("No setting has these words.")).to_be_hidden()
    assert stayed(window)


def test_words_typed_before_the_script_is_there_count(demo: DemoSite, chromium: Browser) -> None:
    # A script that the service worker has kept isn't waited for.
    context = chromium.new_context(base_url=demo.base_url, service_workers="block")
    context.add_cookies(demo.browser_cookies(demo.cookies("admin")))
    page = context.new_page()
    main = page.get_by_role("main")
    search = main.get_by_role("searchbox", name="Search the settings")

    def type_meanwhile(route: Route) -> None:
        search.fill("quiet HOURS")
        route.continue_()

    page.route("**/filter.js", type_meanwhile)
    page.goto("/settings")

    expect(main.get_by_role("listitem")).to_have_count(1)
    expect(search).to_have_value("quiet HOURS")
    context.close()


def test_what_was_searched_without_script_can_be_widened(window: Page) -> None:
    visit(window, "/settings?q=quiet")
    main = window.get_by_role("main")
    expect(main.get_by_role("listitem")).to_have_count(1)
    main.get_by_role("searchbox", name="Search the settings").fill("")

    expect(main.get_by_role("link", name="Profile Your name")).to_be_visible()


def test_the_profile_is_shown_as_one_types(window: Page) -> None:
    visit(window, "/settings/profile")
    window.evaluate(STAYED)
    preview = window.locator(".profile-preview")
    expect(window.get_by_role("button", name="Preview")).to_be_hidden()
    window.get_by_label("Name", exact=True).fill("Mira of the Weir")
    expect(preview).to_contain_text("Mira of the Weir")
    window.get_by_label("About you").fill("Now with #herons")
    expect(preview.get_by_role("link", name="#herons")).to_be_visible()

    assert stayed(window)
    visit(window, "/@mira")
    expect(window.get_by_role("heading", level=1)).to_have_text("Mira Lindqvist")


def test_a_hashtag_is_followed_at_once(window: Page) -> None:
    visit(window, "/tags/bypass")
    window.evaluate(STAYED)
    main = window.get_by_role("main")
    main.get_by_role("button", name="Follow", exact=True).click()
    expect(main.get_by_role("button", name="Unfollow")).to_be_visible()
    main.get_by_role("button", name="Show on my profile").click()
    expect(main.get_by_role("button", name="Remove from my profile")).to_be_visible()
    expect(main.get_by_role("button", name="Unfollow")).to_be_visible()

    assert stayed(window)


def test_somebody_is_put_on_a_list_at_once_from_their_profile(window: Page) -> None:
    visit(window, "/@amal")
    window.get_by_role("main").locator("summary[title=More]").click()
    window.get_by_role("link", name="Add to lists").click()
    window.wait_for_url("**/lists")
    scripts_ready(window)
    window.evaluate(STAYED)
    item = window.get_by_role("listitem").filter(has_text="Neighbours")
    item.get_by_role("button", name="Add").click()
    expect(item.get_by_role("button", name="Remove")).to_be_visible()

    assert stayed(window)
    window.get_by_role("link", name="Neighbours").click()
    window.get_by_role("main").locator("summary[title=More]").click()
    window.get_by_role("link", name="Members").click()
    expect(window.get_by_role("main")).to_contain_text("@amal")


def test_a_list_is_made_in_a_dialog_and_filled_while_one_types(window: Page) -> None:
    visit(window, "/lists")
    window.evaluate(STAYED)
    window.get_by_role("link", name="New list").click()
    dialog = window.get_by_role("dialog", name="New list")
    expect(dialog.get_by_label("Name")).to_be_focused()
    assert stayed(window)
    dialog.get_by_label("Name").fill("Rowers")
    dialog.get_by_label("Name").press("Enter")
    window.wait_for_url("**/members?*")
    scripts_ready(window)
    window.evaluate(STAYED)
    # What is found takes the place of what was offered before, with the button.
    window.locator("[data-found]").evaluate("found => { found.dataset.before = '' }")
    window.get_by_label("Search people you follow").fill("tom")
    expect(window.locator("[data-found]:not([data-before])")).to_be_attached()
    window.get_by_role("button", name="Add @tomas").click()
    expect(window.get_by_role("button", name="Remove @tomas")).to_have_count(2)
    assert stayed(window)
    visit(window, "/lists")

    expect(window.get_by_role("listitem").filter(has_text="Rowers")).to_contain_text("1 member")
