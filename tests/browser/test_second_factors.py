"""The second factor in a real browser, with script and without, on a phone and a desktop."""

import re
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from support import working
from support.authenticator import Authenticator
from support.mails import link_in_mail
from support.pages import log_in
from support.site_under_test import PASSWORD, Site
from twite_common.tables import session

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.once]

PHONE: dict[str, Any] = {
    "viewport": {"width": 320, "height": 640},
    "is_mobile": True,
    "has_touch": True,
    "color_scheme": "dark",
}
DESKTOP: dict[str, Any] = {
    "viewport": {"width": 1280, "height": 900},
    "permissions": ["clipboard-read", "clipboard-write"],
}
_NUMBERS = count(1)


@pytest.fixture
def name(site: Site) -> str:
    """The name of an account of the test's own."""
    name = f"ann{next(_NUMBERS)}"
    site.make_account(name)
    return name


@pytest.fixture
def open_page(chromium: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Open a browser of somebody's own; a page that breaks its own rules fails the test."""
    contexts, refused = [], []

    def open_page(**options: Any) -> Page:
        context = chromium.new_context(base_url=site.base_url, **options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: refused.append(message.text) if "Security" in message.text else None)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert refused == []


def type_password(page: Page, name: str) -> None:
    page.goto("/login?next=/settings")
    page.get_by_label("Username or e-mail address").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter your code")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_from_setting_it_up_to_turning_it_off(
    site: Site, open_page: Callable[..., Page], name: str, device: dict[str, Any], script: bool
) -> None:
    page, other = (open_page(java_script_enabled=script, **device) for _ in range(2))
    log_in(page, name)
    page.goto("/settings")
    page.get_by_role("link", name="Security").click()
    page.get_by_role("link", name="Set up a second factor").click()
    picture = page.get_by_role("img", name="QR code with the key below")
    expect(picture).to_be_visible()
    assert picture.evaluate("svg => getComputedStyle(svg).backgroundColor") == "rgb(255, 255, 255)"
    app = Authenticator(page.locator("code").inner_text().replace(" ", ""), [])
    page.get_by_label("Code from your app").fill(app.code())
    page.get_by_role("button", name="Turn it on").click()
    expect(page.locator(".recovery-codes code")).to_have_count(10)
    codes = page.locator(".recovery-codes code").all_inner_texts()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    written = Path(download.value.path()).read_text()
    assert len(codes) == 10
    assert written.splitlines()[2:] == codes
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if script and device is DESKTOP:
        page.get_by_role("button", name="Copy").click()
        expect(page.locator(".toast")).to_have_text("The codes have been copied.")
        assert page.evaluate("navigator.clipboard.readText()").splitlines() == codes
    expect(page.get_by_role("button", name="Print")).to_have_count(int(script))

    type_password(other, name)
    field = other.get_by_label("Code from your app")
    expect(field).to_be_focused()
    field.fill(app.code(ahead=1))
    other.keyboard.press("Enter")
    expect(other).to_have_url(re.compile("/settings$"))
    other.goto("/settings/security")
    expect(other.get_by_role("main")).to_contain_text("Login with your password and a code")
    other.get_by_role("link", name="Make new recovery codes").click()
    expect(other.get_by_label("Code from your app")).to_have_count(0)

    with site.database.writing() as db:
        db.execute(update(session).values(authenticated_at=None))
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_role("link", name="Turn it off").click()
    page.get_by_label("Code from your app").fill("000000")
    page.get_by_role("button", name="Turn it off").click()
    expect(page.locator("#current_code-problem")).to_contain_text("This code is wrong or was used before.")
    page.get_by_label("Code from your app").fill(codes[0])
    page.get_by_role("button", name="Turn it off").click()
    expect(page.locator(".notice")).to_have_text("Your account has no second factor any more.")


def test_who_reads_that_it_was_not_them_gets_their_account_back(
    site: Site, open_page: Callable[..., Page], name: str
) -> None:
    thief, page = open_page(**DESKTOP), open_page(**PHONE)
    log_in(thief, name)
    thief.goto("/settings/account/password")
    thief.get_by_label("New password").fill("what a thief would take")
    thief.get_by_role("button", name="Change password").click()
    expect(thief.locator(".notice")).to_contain_text("Your password has been changed.")
    working.do_what_is_due(site)
    page.goto(link_in_mail(site, "/not-me/", to=f"{name}@mail.example"))
    page.get_by_role("button", name="Log everyone out").click()
    expect(page.locator(".notice")).to_have_text("Everyone is logged out of your account. Now set a new password.")
    page.get_by_label("New password").fill("another good password")
    page.get_by_role("button", name="Change password").click()
    expect(page.locator(".notice")).to_contain_text("Your password has been changed.")
    log_in(page, name, "another good password")
    thief.goto("/settings")

    expect(thief).to_have_url(re.compile("/login"))
