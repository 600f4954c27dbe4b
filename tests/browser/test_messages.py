"""Messages in two browsers that have them open: what one sends, the other sees at once."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from support.pages import log_in
from support.site_under_test import Site

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.once]


@pytest.fixture
def open_page(chromium: Browser, running: Site) -> Iterator[Callable[[str], Page]]:
    """Open a browser of somebody's own, in which they are logged in."""
    contexts = []

    def open_page(name: str) -> Page:
        running.make_account(name)
        context = chromium.new_context(base_url=running.base_url)
        contexts.append(context)
        page = context.new_page()
        log_in(page, name)
        return page

    yield open_page
    for context in contexts:
        context.close()


def test_what_is_sent_appears_at_the_other_end(open_page: Callable[[str], Page]) -> None:
    ann, bob = open_page("ann"), open_page("bob")
    with bob.expect_response("**/live"):
        bob.goto("/messages")
    ann.goto("/messages/new?to=bob")
    ann.get_by_label("Your message").fill("Are you there?")
    ann.get_by_role("button", name="Send").click()

    expect(bob.locator(".conversation .excerpt")).to_have_text("Are you there?")
    with bob.expect_response("**/live"):
        bob.locator(".conversation .name").click()
    bob.get_by_label("Your message").fill("Yes!")
    bob.get_by_role("button", name="Send").click()
    expect(bob.get_by_label("Your message")).to_have_value("")
    expect(bob.locator(".message.own .text")).to_have_text("Yes!")
    expect(ann.locator(".message:not(.own) .text")).to_have_text("Yes!")
