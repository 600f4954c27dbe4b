"""Messages in two browsers that have them open: what one sends, the other sees at once."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from support.pages import session_cookie
from support.pictures import picture
from support.site_under_test import Site

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.once]

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
_NUMBERS = count(1)
HERON: Any = {"name": "heron.png", "mimeType": "image/png", "buffer": picture((300, 200))}


@pytest.fixture
def prefix() -> str:
    """How the names of a test's own accounts begin."""
    return f"n{next(_NUMBERS)}x"


@pytest.fixture
def open_page(chromium: Browser, site: Site, prefix: str) -> Iterator[Callable[..., Page]]:
    """Open a browser of somebody's own, in which they are logged in."""
    contexts = []

    def open_page(name: str, *, script: bool = True, device: dict[str, Any] | None = None) -> Page:
        account_id, _ = site.make_account(prefix + name)
        context = chromium.new_context(base_url=site.base_url, java_script_enabled=script, **(device or {}))
        contexts.append(context)
        context.add_cookies([session_cookie(site, account_id)])
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


def test_what_is_sent_appears_at_the_other_end(open_page: Callable[..., Page], prefix: str) -> None:
    ann, bob = open_page("ann"), open_page("bob")
    with bob.expect_response("**/live?*"):
        bob.goto("/messages")
    ann.goto(f"/messages/new?to={prefix}bob")
    ann.get_by_label("Your message").fill("Are you there?")
    with ann.expect_response("**/live?*"):
        ann.get_by_role("button", name="Send").click()

    expect(bob.locator(".conversation .excerpt")).to_have_text("Are you there?")
    with bob.expect_response("**/live?*"):
        bob.locator(".conversation .name").click()
    bob.get_by_label("Your message").fill("Yes!")
    bob.get_by_role("button", name="Send").click()
    expect(bob.get_by_label("Your message")).to_have_value("")
    expect(bob.locator(".message.own .text")).to_have_text("Yes!")
    expect(ann.locator(".message:not(.own) .text")).to_have_text("Yes!")


def test_the_newest_message_is_in_view_and_the_line_below_it(
    site: Site, open_page: Callable[..., Page], prefix: str
) -> None:
    ann = open_page("ann", script=False, device=PHONE)
    site.make_account(f"{prefix}bob")
    ann.goto(f"/messages/new?to={prefix}bob")
    for number in range(12):
        ann.get_by_label("Your message").fill(f"Message {number}\n\n…")
        ann.get_by_role("button", name="Send").click()
        ann.wait_for_url("**/messages/*")

    expect(ann.locator(".message")).to_have_count(12)
    expect(ann.locator(".message").last).to_be_in_viewport(ratio=1)
    expect(ann.locator(".message").first).not_to_be_in_viewport()
    expect(ann.get_by_label("Your message")).to_be_in_viewport(ratio=1)
    assert ann.evaluate("document.documentElement.scrollHeight <= innerHeight")
    expect(ann.get_by_role("link", name="New post")).to_have_count(0)


def test_enter_sends_and_a_picture_goes_with_what_it_shows(
    site: Site, open_page: Callable[..., Page], prefix: str
) -> None:
    ann = open_page("ann")
    site.make_account(f"{prefix}bob")
    ann.goto(f"/messages/new?to={prefix}bob")
    ann.get_by_label("Your message").fill("Look")
    ann.get_by_role("button", name="Send").click()
    line = ann.get_by_label("Your message")
    expect(line).to_have_attribute("enterkeyhint", "send")
    with ann.expect_file_chooser() as choosing:
        ann.get_by_title("Add a picture").click()
    choosing.value.set_files(HERON)
    expect(ann.get_by_role("img", name="heron.png")).to_be_visible()
    ann.get_by_label("Description").fill("A heron")
    line.fill("One")
    line.press("Shift+Enter")
    line.press_sequentially("two")
    line.press("Enter")

    expect(line).to_have_value("")
    expect(ann.locator(".message")).to_have_count(2)
    expect(ann.locator(".message").last.get_by_role("img")).to_have_attribute("alt", "A heron")
    expect(ann.locator(".message").last).to_contain_text("two")
    expect(ann.locator(".message").last).to_have_class("message own follows")
    expect(ann.get_by_label("Description")).to_be_hidden()


@pytest.mark.parametrize("script", [True, False])
def test_people_are_found_and_chosen(site: Site, open_page: Callable[..., Page], prefix: str, script: bool) -> None:
    ann = open_page("ann", script=script)
    for name in ("bob", "bobby", "cho"):
        site.make_account(prefix + name)
    ann.goto("/messages/new")
    search = ann.get_by_role("button", name="Search people")
    if script:
        expect(search).to_be_hidden()
    ann.get_by_label("Your message").fill("Shall we meet?")
    for typed, wanted, number in (("bob", "bobby", 2), ("ch", "cho", 1)):
        field = ann.get_by_label("Who is it for?")
        field.fill(prefix + typed)
        if not script:
            search.click()
        people = ann.locator("[data-found] button")
        expect(people).to_have_count(number)
        if script and number == 1:
            field.press("Enter")
        else:
            people.filter(has_text=wanted).press("Enter")
        expect(ann.locator("[data-picks]").filter(has_text=wanted)).to_have_attribute("name", "remove")
    ann.get_by_title(f"Remove @{prefix}cho").click()
    expect(ann.get_by_title(f"Remove @{prefix}cho")).to_have_count(0)
    ann.get_by_role("button", name="Send").click()

    expect(ann.get_by_role("heading", level=1)).to_contain_text(f"{prefix}bobby")
    expect(ann.locator(".message .text")).to_have_text("Shall we meet?")


def test_a_conversation_is_removed_by_its_menu(site: Site, open_page: Callable[..., Page], prefix: str) -> None:
    ann = open_page("ann")
    site.make_account(f"{prefix}bob")
    ann.goto(f"/messages/new?to={prefix}bob")
    ann.get_by_label("Your message").fill("Hello")
    ann.get_by_role("button", name="Send").click()
    expect(ann.get_by_label("Your message")).to_have_attribute("enterkeyhint", "send")
    ann.locator(".chat summary[title=More]").press("Enter")
    ann.get_by_role("button", name="Remove from the list").press("Enter")

    expect(ann.get_by_role("heading", name="No messages yet")).to_be_visible()
    expect(ann.get_by_role("link", name="New message")).to_be_visible()
