"""The puzzle of a sign-up in a real browser: solved by script, replaced by a question without it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import insert

from support.site_under_test import Site
from twite_common.tables import sign_up_question

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.once]


@pytest.fixture(scope="module")
def site(make_shared_site: Callable[..., Site]) -> Site:
    site = make_shared_site(sign_up_puzzle="always")
    site.start("web")
    with site.database.writing() as db:
        db.execute(insert(sign_up_question), {"id": 1, "question": "Which bird sings here?", "answers": "a finch"})
    return site


@pytest.fixture
def open_form(chromium: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    contexts = []

    def open_form(name: str, **options: Any) -> Page:
        contexts.append(chromium.new_context(base_url=site.base_url, **options))
        page = contexts[-1].new_page()
        page.goto("/signup?agreed=1")
        page.get_by_label("Username").fill(name)
        page.get_by_label("E-mail address").fill(f"{name}@mail.example")
        page.get_by_label("Password", exact=True).fill("a long enough one")
        return page

    yield open_form
    for context in contexts:
        context.close()


def test_a_browser_solves_it_by_itself(open_form):
    page = open_form("dot", viewport={"width": 390, "height": 844})
    expect(page.get_by_label("Which bird sings here?")).to_be_hidden()
    page.get_by_role("button", name="Create account").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Check your e-mail")


def test_without_script_the_question_is_there(open_form):
    page = open_form("dora", java_script_enabled=False)
    page.get_by_label("Which bird sings here?").fill("A finch")
    page.get_by_role("button", name="Create account").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Check your e-mail")
