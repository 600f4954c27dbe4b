"""Somebody new, with script: fields that are checked while they are typed, people followed at once, described pages."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from support.pages import log_in, note_what_breaks
from support.scripts import scripts_ready, visit
from support.site_under_test import Site
from twite_common import clock
from twite_common.services.accounts import profiles
from twite_common.services.accounts.profiles import ProfileChanges

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.once]


@pytest.fixture(scope="module")
def site(make_shared_site: Callable[..., Site]) -> Site:
    """A site with Bob, who wants to be found here and elsewhere, and Cho."""
    site = make_shared_site()
    site.start("web")
    bob_id, _token = site.make_account("bob")
    site.make_account("cho")
    with site.database.writing() as db:
        changes = ProfileChanges(discoverable=True, noindex=False, bio="I like </script> birds.")
        profiles.change_profile(db, now=clock.now(), account_id=bob_id, changes=changes)
    return site


@pytest.fixture
def page(chromium: Browser, site: Site) -> Iterator[Page]:
    """A page of a stranger's browser that fails the test when anything is refused or breaks."""
    context = chromium.new_context(base_url=site.base_url)
    context.set_default_timeout(15_000)
    page = context.new_page()
    said: list[str] = []
    note_what_breaks(page, said)
    yield page
    context.close()
    assert said == []


def test_fields_are_checked_once_they_are_filled_in(page: Page) -> None:
    visit(page, "/signup?agreed=1")
    page.get_by_label("Username").fill("bob")
    page.get_by_label("E-mail address").focus()
    expect(page.locator("#username-check")).to_have_text("The name bob is taken.")
    page.get_by_label("Username").fill("dot")
    page.get_by_label("E-mail address").focus()
    expect(page.locator("#username-check")).to_have_text("This name is free.")
    expect(page.get_by_label("Username")).not_to_have_attribute("aria-invalid", "")
    page.get_by_label("Password").fill("password1")
    page.get_by_label("E-mail address").focus()
    expect(page.locator("#password-check")).to_contain_text("too easy to guess")


def test_people_are_followed_at_once_and_stay_in_the_list(page: Page) -> None:
    log_in(page, "cho", at="/login?next=/welcome/people")
    scripts_ready(page)
    page.evaluate("window.stayed = true")
    people = page.get_by_role("main").get_by_role("list")
    with page.expect_response("**/accounts/*?*"):
        people.get_by_role("button", name="Follow @bob", exact=True).click()
    button = people.locator("form[action$='/unfollow']").get_by_role("button", name="Unfollow @bob")
    expect(button).to_be_focused()
    button.click()
    expect(people.get_by_role("button", name="Follow @bob", exact=True)).to_be_visible()
    assert page.evaluate("window.stayed")


def test_a_description_for_search_engines_is_data_that_the_policy_lets_stand(page: Page) -> None:
    page.goto("/@bob")

    data = page.locator('script[type="application/ld+json"]')
    assert data.evaluate("element => JSON.parse(element.textContent).mainEntity.description") == (
        "I like </script> birds."
    )
