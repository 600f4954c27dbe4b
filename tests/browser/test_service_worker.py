"""The service worker in a real browser: pages without a network, what is pushed, and a newer version."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from support.chromium import launched
from support.pages import log_in
from support.site_under_test import Site, wait_for

pytestmark = [pytest.mark.needs("whole-chromium"), pytest.mark.once]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser with windows: others show no notifications."""
    expect.set_options(timeout=15_000)
    with launched("whole-chromium") as browser:
        yield browser


@pytest.fixture(scope="module")
def site(make_shared_site: Callable[..., Site]) -> Site:
    """A site on which Ann and Bob have accounts."""
    site = make_shared_site()
    site.start("web")
    site.make_account("ann")
    site.make_account("bob")
    return site


@pytest.fixture
def context(chromium: Browser, site: Site) -> Iterator[BrowserContext]:
    """A browser of somebody's own, that lets the site send notifications."""
    context = chromium.new_context(base_url=site.base_url, service_workers="allow")
    context.grant_permissions(["notifications"])
    context.set_default_timeout(20_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """Ann's browser, whose pages the service worker serves."""
    page = context.new_page()
    log_in(page, "ann")
    until(page, "navigator.serviceWorker.controller !== null")
    return page


def until(page: Page, condition: str) -> Any:
    """Return what an expression gives in a page, once that is something. Pages may not evaluate texts themselves."""
    return wait_for(lambda: page.evaluate(condition), page.content)


@pytest.fixture
def read(page: Page) -> Callable[[str], None]:
    """Read a page, until it is kept."""

    def read(path: str) -> None:
        page.goto(path)
        until(page, "caches.match(location.href).then(Boolean)")

    return read


def kept(page: Page) -> list[str]:
    """Return the paths of the pages that are kept, whoever read them."""
    paths: list[str] = page.evaluate(
        """async () => {
            const names = (await caches.keys()).filter((name) => name.startsWith("pages"));
            const found = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
            return found.flat().map(({ url }) => new URL(url).pathname);
        }"""
    )
    return paths


def until_nothing_is_kept(page: Page) -> None:
    wait_for(lambda: not kept(page), page.content)


def test_logging_out_leaves_nothing_to_be_read(page: Page, read: Callable[[str], None]) -> None:
    read("/@ann")
    before = kept(page)
    page.goto("/menu")
    page.get_by_role("button", name="Log out @ann").click()
    expect(page.get_by_role("status").first).to_have_text("You are logged out.")
    until_nothing_is_kept(page)

    assert "/@ann" in before


@pytest.mark.parametrize("path", ["/", "/login", "/settings"])
def test_a_session_that_ended_elsewhere_leaves_nothing_either(
    context: BrowserContext, page: Page, read: Callable[[str], None], path: str
) -> None:
    read("/@ann")
    context.clear_cookies()
    page.goto(path)

    until_nothing_is_kept(page)


def test_whoever_logs_in_next_finds_nothing_of_who_was_there_before(
    site: Site, chromium: Browser, context: BrowserContext, page: Page, read: Callable[[str], None]
) -> None:
    read("/messages")
    with chromium.new_context(base_url=site.base_url) as elsewhere:
        log_in(elsewhere.new_page(), "bob")
        context.add_cookies(elsewhere.cookies())
    read("/@bob")

    assert kept(page) == ["/@bob"]


def test_a_newer_worker_waits_until_it_is_wanted(page: Page) -> None:
    page.goto("/@ann")
    # The page registers its own once more, at a moment that can't be seen: until it offers the newer one, ask again.
    newer = "navigator.serviceWorker.register('/sw.js?v=newer')"
    until(page, f"{newer}.then(() => document.querySelector('.toast button') !== null)")
    before = page.evaluate("navigator.serviceWorker.controller.scriptURL")
    with page.expect_navigation():
        page.get_by_role("button", name="Reload").last.click()

    assert "newer" not in before


def test_what_is_pushed_is_shown(site: Site, context: BrowserContext, page: Page) -> None:
    client = context.new_cdp_session(page)
    registrations: list[dict[str, Any]] = []
    client.on("ServiceWorker.workerRegistrationUpdated", lambda event: registrations.extend(event["registrations"]))
    client.send("ServiceWorker.enable")
    wait_for(lambda: page.evaluate("1") and registrations, page.content)
    told = {
        "title": "Bob mentioned you",
        "body": "Hello",
        "notification_id": 7,
        "url": f"{site.base_url}/posts/7",
    }
    parameters = {
        "origin": site.base_url,
        "registrationId": registrations[-1]["registrationId"],
        "data": json.dumps(told),
    }
    client.send("ServiceWorker.deliverPushMessage", parameters)
    shown = until(
        page,
        """navigator.serviceWorker.ready
            .then((registration) => registration.getNotifications())
            .then(([first]) => first && { title: first.title, body: first.body, tag: first.tag, url: first.data.url })
        """,
    )

    assert shown == {"title": "Bob mentioned you", "body": "Hello", "tag": "7", "url": told["url"]}


def test_the_button_asks_the_browser_and_sends_what_its_push_service_gave(page: Page) -> None:
    keys = {"p256dh": base64.urlsafe_b64encode(b"\\4" + b"p" * 64).decode(), "auth": "a" * 22}
    page.goto("/settings/push")
    expect(page.get_by_role("button", name="Turn on")).to_be_visible()
    # The push service can't be reached from here: what it would give is given instead.
    page.evaluate(
        """(keys) => {
            PushManager.prototype.subscribe = async (options) => {
                globalThis.asked = options;
                return { toJSON: () => ({ endpoint: "https://push.example/ann", keys }) };
            };
            HTMLFormElement.prototype.submit = function () { globalThis.sent = [...new FormData(this)]; };
        }""",
        keys,
    )
    page.get_by_role("button", name="Turn on").click()
    sent = dict(until(page, "globalThis.sent"))

    assert {name: sent[name] for name in ("endpoint", "p256dh", "auth")} == {
        "endpoint": "https://push.example/ann",
        **keys,
    }
    assert page.evaluate("globalThis.asked.userVisibleOnly")
    assert sent["mention"] == "1"


# The last one, since it stops the site.
def test_what_was_read_opens_without_a_network_and_the_rest_says_so(
    site: Site, page: Page, read: Callable[[str], None]
) -> None:
    read("/@ann")
    page.goto("/settings")
    site.stop()

    page.goto("/@ann")
    expect(page.get_by_role("heading", level=1)).to_have_text("ann")
    expect(page.locator("[data-toasts]")).to_contain_text("You are offline.")
    page.goto("/bookmarks")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are offline")
    page.goto("/settings")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are offline")
