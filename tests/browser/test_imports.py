"""An import from a real browser: a table of people is uploaded, looked at, brought and undone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from support.pages import log_in
from support.site_under_test import Site
from twite_tasks import context, work

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.once]


@pytest.fixture
def browsing(chromium: Browser, running: Site) -> Iterator[BrowserContext]:
    context = chromium.new_context(base_url=running.base_url)
    context.set_default_timeout(15_000)
    yield context
    context.close()


def test_people_come_and_go_again(running: Site, browsing: BrowserContext) -> None:
    running.make_account("ann")
    running.make_account("bob")
    equipment = context.make(running.settings)
    page = browsing.new_page()
    log_in(page, "ann")
    page.goto("/settings/import")
    page.get_by_label("What the file has").select_option("follows")
    table = b"Account address,Show boosts\nbob,true\neve@elsewhere.example,true\n"
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "following_accounts.csv", "mimeType": "text/csv", "buffer": table}
    )
    page.get_by_role("button", name="Upload and look at it").click()
    expect(page.get_by_text("Being read: 0 %")).to_be_visible()
    assert work.work_at_next_import(equipment, lambda: True)
    page.get_by_role("link", name="Refresh").click()
    expect(page.get_by_text("1 will come.")).to_be_visible()
    page.get_by_text("Show each").click()
    expect(page.get_by_text("eve@elsewhere.example")).to_be_visible()
    page.get_by_role("button", name="Add to what I have").click()
    expect(page.get_by_text("The import has begun.")).to_be_visible()
    assert work.work_at_next_import(equipment, lambda: True)
    page.get_by_role("link", name="Refresh").click()
    expect(page.get_by_text("1 has come.")).to_be_visible()
    page.goto("/@bob")
    expect(page.get_by_role("button", name="Unfollow")).to_be_visible()
    page.goto("/settings/import")
    page.get_by_role("link", name="People you follow").click()
    page.get_by_role("button", name="Undo the import").click()
    expect(page.get_by_text("What the import brought is being taken back.")).to_be_visible()
    assert work.work_at_next_import(equipment, lambda: True)
    page.goto("/@bob")
    expect(page.get_by_role("button", name="Unfollow")).to_have_count(0)
    expect(page.get_by_role("button", name="Follow")).to_be_visible()
