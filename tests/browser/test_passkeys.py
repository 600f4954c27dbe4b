"""Passkeys in a real browser, whose authenticator is a virtual one (WebAuthn Level 3, section 11)."""

import re
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect
from sqlalchemy import update

from support import working
from support.mails import link_in_mail
from support.site_under_test import PASSWORD, Site
from twite_common.tables import session

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.once]

DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
PHONE: dict[str, Any] = {"viewport": {"width": 320, "height": 640}, "is_mobile": True, "has_touch": True}
LOGIN = "/login?next=/settings/security"
_NUMBERS = count(1)


@pytest.fixture(scope="module")
def site(make_shared_site: Callable[..., Site]) -> Site:
    """A site with a name, without which browsers make no passkeys."""
    site = make_shared_site(login_links="true")
    site.base_url = f"http://localhost:{site.port}"
    site.start("web", base_url=site.base_url)
    return site


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
        context = chromium.new_context(base_url=site.base_url, **{**DESKTOP, **options})
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: refused.append(message.text) if "Security" in message.text else None)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert refused == []


class Authenticator:
    """What a browser asks for passkeys: a phone's own, say, that checks who holds it."""

    def __init__(self, page: Page, **options: Any) -> None:
        self._devtools: CDPSession = page.context.new_cdp_session(page)
        self._devtools.send("WebAuthn.enable", {"enableUI": False})
        standard = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        made = self._devtools.send("WebAuthn.addVirtualAuthenticator", {"options": standard | options})
        self._id = made["authenticatorId"]

    def present(self, present: bool) -> None:
        """Have its owner touch it when it asks, or leave it alone."""
        self._devtools.send(
            "WebAuthn.setAutomaticPresenceSimulation", {"authenticatorId": self._id, "enabled": present}
        )

    def credentials(self) -> list[dict[str, Any]]:
        """Return what it keeps."""
        found: list[dict[str, Any]] = self._devtools.send("WebAuthn.getCredentials", {"authenticatorId": self._id})[
            "credentials"
        ]
        return found

    def give(self, credential: dict[str, Any]) -> None:
        """Have it keep what another keeps, as a copy."""
        self._devtools.send("WebAuthn.addCredential", {"authenticatorId": self._id, "credential": credential})


def type_password(page: Page, name: str) -> None:
    page.goto(LOGIN)
    page.get_by_label("Username or e-mail address").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in", exact=True).click()


def logged_in(page: Page) -> None:
    page.locator("body[data-member]").wait_for()


def add(page: Page, name: str) -> list[str]:
    """Add a passkey with the pages, as somebody who has just logged in; return the recovery codes."""
    page.goto("/settings/security")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name of the passkey").fill(name)
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("heading", level=1, name=re.compile("Recovery codes|Security")).wait_for()
    page.wait_for_load_state()
    return page.locator(".recovery-codes code").all_inner_texts()


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_from_adding_one_to_removing_it(
    site: Site, open_page: Callable[..., Page], name: str, device: dict[str, Any]
) -> None:
    page = open_page(**device)
    authenticator = Authenticator(page)
    type_password(page, name)
    assert len(add(page, "my phone")) == 10
    [kept] = authenticator.credentials()
    assert (kept["rpId"], kept["isResidentCredential"]) == ("localhost", True)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    # It is offered in the field for names, and nothing is typed.
    page.context.clear_cookies()
    page.goto(LOGIN)
    logged_in(page)
    expect(page.get_by_role("main")).to_contain_text("Login with a passkey")
    expect(page.get_by_role("main")).to_contain_text("last used a moment ago")

    # Its owner does nothing at first, then presses the button.
    page.context.clear_cookies()
    authenticator.present(False)
    page.goto(LOGIN)
    button = page.get_by_role("button", name="Log in with a passkey")
    expect(button).to_be_visible()
    assert page.get_by_label("Username or e-mail address").get_attribute("autocomplete") == "username webauthn"
    authenticator.present(True)
    button.click()
    logged_in(page)

    with site.database.writing() as db:
        db.execute(update(session).values(authenticated_at=None))
    page.get_by_role("link", name="Remove the passkey my phone").click()
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.locator(".notice")).to_have_text("The passkey has been removed. It no longer opens your account.")

    page.context.clear_cookies()
    page.goto(LOGIN)
    expect(page.get_by_role("alert")).to_have_text("This passkey isn't known here, or was removed.")


def test_after_the_password_and_before_what_cannot_be_undone(
    site: Site, open_page: Callable[..., Page], name: str
) -> None:
    page = open_page()
    authenticator = Authenticator(page)
    type_password(page, name)
    codes = add(page, "key")
    authenticator.present(False)
    page.context.clear_cookies()
    type_password(page, name)
    expect(page.get_by_role("heading", level=1)).to_have_text("Use your passkey")
    authenticator.present(True)
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.get_by_role("main")).to_contain_text("Login with your password and a passkey")

    with site.database.writing() as db:
        db.execute(update(session).values(authenticated_at=None))
    page.get_by_role("link", name="Do without a password").click()
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.locator(".notice")).to_have_text("Your account has no password any more. You log in with your passkey.")

    other = open_page(java_script_enabled=False)
    other.goto("/login")
    # Playwright leaves the text of such elements out.
    expect(other.locator("main noscript p")).to_be_visible()
    expect(other.get_by_role("button", name="Log in with a passkey")).to_have_count(0)
    other.get_by_role("link", name="Log in with a link by e-mail").click()
    other.get_by_label("E-mail address").fill(f"{name}@mail.example")
    other.get_by_role("button", name="Send the link").click()
    other.wait_for_url("**/login/link/sent")
    working.do_what_is_due(site)
    link = link_in_mail(site, "/login/link/", to=f"{name}@mail.example").replace("127.0.0.1", "localhost")
    page.goto(link)
    expect(page.get_by_role("main")).to_contain_text("You asked for this link in another browser")
    other.goto(link)
    other.get_by_role("button", name="Log in", exact=True).click()
    other.get_by_label("Recovery code").fill(codes[0])
    other.get_by_role("button", name="Log in", exact=True).click()
    logged_in(other)
    other.goto("/settings/security")
    expect(other.get_by_role("main")).to_contain_text("Login with a link from an e-mail and a recovery code")
    other.goto("/settings/security/passkeys/new")
    expect(other.get_by_role("main")).to_contain_text("This needs JavaScript, and a browser that knows passkeys.")


def test_a_copy_of_a_passkey_is_refused(open_page: Callable[..., Page], name: str) -> None:
    page, thief = open_page(), open_page()
    authenticator, copies = Authenticator(page), Authenticator(thief)
    type_password(page, name)
    add(page, "key")
    copies.give(authenticator.credentials()[0])
    page.context.clear_cookies()
    page.goto(LOGIN)
    logged_in(page)
    thief.goto("/login")

    expect(thief.get_by_role("alert")).to_have_text("This passkey didn't work. Please try again, or another way.")


def test_who_leaves_it_alone_is_told_and_types_instead(open_page: Callable[..., Page], name: str) -> None:
    page = open_page()
    authenticator = Authenticator(page, hasUserVerification=False, isUserVerified=False)
    type_password(page, name)
    add(page, "key")
    page.context.clear_cookies()
    page.goto("/login")
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.locator(".toast")).to_have_text("Your browser gave no passkey. Please try again, or another way.")
    assert len(authenticator.credentials()) == 1
    page.get_by_label("Username or e-mail address").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Use your passkey")
