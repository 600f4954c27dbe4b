"""Writing posts in a real browser, with and without script."""

import re
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import func, insert, select

from support.pages import log_in
from support.pictures import picture
from support.scripts import scripts_ready, visit
from support.site_under_test import Site, wait_for
from twite_common import clock, ids
from twite_common.services.identity import sessions
from twite_common.tables import account, draft, emoji, media, post

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.once]

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
CONTROLLED = """
new Promise((resolve) => {
  if (navigator.serviceWorker.controller) resolve();
  navigator.serviceWorker.addEventListener("controllerchange", () => resolve(), { once: true });
})
"""
"""Waits until the service worker has taken a page over."""
_NUMBERS = count(1)


@pytest.fixture
def name(site: Site) -> str:
    """The name of an account of the test's own."""
    name = f"writer{next(_NUMBERS):02}"
    site.make_account(name)
    return name


@pytest.fixture
def open_page(chromium: Browser, site: Site, name: str) -> Iterator[Callable[..., Page]]:
    """Open a browser of the account's, on its home page."""
    contexts = []

    def open_page(*, script: bool = True, device: dict[str, Any] = DESKTOP) -> Page:
        context = chromium.new_context(base_url=site.base_url, java_script_enabled=script, **device)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        log_in(page, name)
        if script:
            scripts_ready(page)
        return page

    yield open_page
    for context in contexts:
        context.close()


def published(site: Site, name: str) -> list[tuple[str, int | None]]:
    """Return the texts of an account's posts with whether they answer one, in order."""
    with site.database.reading() as db:
        rows = db.execute(select(post.c.text, post.c.in_reply_to_id).order_by(post.c.id)).all()
    return [(text, parent) for text, parent in rows if name in text]


def drafts(site: Site, text: str) -> int:
    with site.database.reading() as db:
        return db.scalar(select(func.count()).select_from(draft).where(draft.c.parts.contains(text))) or 0


def home_text(page: Page) -> Locator:
    return page.locator(".composer-home").get_by_label("What's new?")


class TestWithScript:
    def test_a_post_is_published_with_the_keyboard_and_home_shows_it(self, open_page, name):
        page = open_page()
        home_text(page).fill(f"Good morning from {name}")
        page.keyboard.press("Control+Enter")

        expect(page.locator(".toast")).to_contain_text("Your post has been published.")
        expect(page.locator(".feed .post").first).to_contain_text(f"Good morning from {name}")
        expect(home_text(page)).to_have_value("")
        assert page.url.split("?")[0].endswith("/")

    def test_a_dialog_opens_where_one_is_on_the_phone(self, open_page, name):
        page = open_page(device=PHONE)
        expect(page.locator(".composer-home")).to_be_hidden()
        page.get_by_role("link", name="New post").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("What's new?").fill(f"On the way, {name}")
        chip = dialog.get_by_role("button", name="Who can read it and reply")
        chip.click()
        dialog.get_by_role("radio", name="Followers").check()
        dialog.get_by_role("button", name="Done").click()
        expect(chip).to_contain_text("Followers")
        dialog.get_by_role("button", name="Publish").click()

        expect(dialog).to_be_hidden()
        expect(page.locator(".feed .post").first).to_contain_text(f"On the way, {name}")
        expect(page.locator(".feed .post").first).to_contain_text("Followers")

    def test_what_the_phone_shows_is_cancelled_and_kept(self, open_page, site, name):
        page = open_page(device=PHONE)
        page.get_by_role("link", name="New post").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("What's new?").fill(f"Never mind, {name}")
        places = [dialog.get_by_text(word, exact=True).last.bounding_box() for word in ("Cancel", "Publish")]
        assert [place["y"] < 60 for place in places] == [True, True]
        dialog.get_by_role("link", name="Cancel").click()

        expect(dialog).to_be_hidden()
        expect(page.locator(".toast")).to_contain_text("Draft saved")
        assert drafts(site, f"Never mind, {name}") == 1

    def test_the_keyboard_chooses_who_reads_and_replies(self, open_page, site, name):
        page = open_page()
        home_text(page).fill(f"For a few, {name}")
        chip = page.get_by_role("button", name="Who can read it and reply")
        chip.press("Enter")
        page.get_by_role("radio", name="Public", exact=False).first.focus()
        page.keyboard.press("ArrowDown")
        page.get_by_role("radio", name="Nobody").press("Space")
        page.keyboard.press("Escape")
        expect(chip).to_be_focused()
        expect(chip).to_contain_text("Quiet public")
        expect(chip).to_contain_text("Nobody")
        page.get_by_role("button", name="Publish").click()

        expect(page.locator(".feed .post").first.locator(".audience")).to_have_text("Quiet public")
        with site.database.reading() as db:
            chosen = db.execute(select(post.c.visibility, post.c.reply_policy).where(post.c.text.contains(name))).all()
        assert [tuple(row) for row in chosen] == [("unlisted", "nobody")]

    def test_characters_are_counted_as_the_server_counts_them(self, open_page):
        page = open_page()
        home_text(page).fill("https://example.org/" + "long/" * 60 + " @ann@example.org 👩‍👩‍👧")

        expect(page.locator("[data-number]").first).to_have_text(str(500 - 23 - 1 - 4 - 1 - 1))

    def test_what_is_typed_is_kept_and_found_again(self, open_page, site, name):
        page = open_page()
        # A page that has a service worker sends through it.
        page.evaluate(CONTROLLED)
        home_text(page).fill(f"Half a thought of {name}")
        expect(page.locator("[data-status]")).to_have_text("Draft saved")
        # Else, while a slow site leads on, it saves itself and is cut off, and the text stays in the browser.
        page.evaluate("window.setTimeout = () => 0")
        home_text(page).fill(f"Half a thought of {name}, and more")
        page.goto("/drafts")
        # What is sent while a page is left may arrive after the next one was asked for.
        wait_for(lambda: drafts(site, "and more"), site.printed)
        page.reload()
        expect(page.get_by_role("main").get_by_role("heading", level=2)).to_contain_text("and more")
        page.get_by_role("link", name="Go on writing").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_label("What's new?")).to_have_value(f"Half a thought of {name}, and more")
        # Until script has the form, Publish leads to the post.
        expect(dialog.locator("[data-files]")).to_have_count(0)
        dialog.get_by_role("button", name="Publish").click()

        expect(page.locator(".toast")).to_contain_text("published")
        assert drafts(site, name) == 0
        assert published(site, name) == [(f"Half a thought of {name}, and more", None)]

    def test_nothing_is_lost_without_a_network(self, open_page, site, name):
        page = open_page()
        page.context.set_offline(True)
        home_text(page).fill(f"In a tunnel, {name}")
        page.keyboard.press("Control+Enter")
        expect(page.locator(".toast.failed")).to_contain_text("kept in this browser")
        expect(home_text(page)).to_have_value(f"In a tunnel, {name}")
        page.context.set_offline(False)
        page.goto("/menu")
        page.goto("/compose")

        page.wait_for_url("**/drafts/*")
        expect(page.get_by_label("What's new?")).to_have_value(f"In a tunnel, {name}")
        assert drafts(site, name) == 1

    def test_nothing_is_lost_when_the_session_ends(self, open_page, site, name):
        page = open_page()
        visit(page, "/compose")
        with site.database.writing() as db:
            sessions.end_others(db, account_id=account_id(site, name))
        page.get_by_label("What's new?").fill(f"A long letter by {name}")
        expect(page.locator("[data-status]")).to_contain_text("kept in this browser")
        log_in(page, name, at="/login?next=/compose")

        page.wait_for_url("**/drafts/*")
        expect(page.get_by_label("What's new?")).to_have_value(f"A long letter by {name}")

    def test_pictures_are_uploaded_described_ordered_and_published(self, open_page, site, name):
        page = open_page()
        home_text(page).fill(f"Two pictures by {name}")
        files = [
            {"name": f"{size}.png", "mimeType": "image/png", "buffer": picture((size, 200))} for size in (300, 100)
        ]
        page.locator("[data-choice][multiple]").set_input_files(files)
        items = page.locator("[data-attachment]")
        expect(items).to_have_count(2)
        expect(page.locator("[data-status]")).to_have_text("Draft saved")
        expect(items.nth(0).get_by_role("textbox")).to_be_visible()
        page.get_by_role("button", name="Publish").click()
        expect(page.get_by_role("alert")).to_contain_text("has a description")
        items.nth(0).get_by_role("textbox").fill("The first")
        items.nth(1).get_by_role("textbox").fill("The second")
        items.nth(1).get_by_role("button", name="Move forward").click()
        expect(items.nth(0).get_by_role("textbox")).to_have_value("The second")
        items.nth(0).locator("[data-focal]").press("ArrowRight")
        items.nth(0).locator("[data-focal]").press("ArrowUp")
        page.get_by_role("button", name="Publish").click()

        expect(page.locator(".toast")).to_contain_text("published")
        with site.database.reading() as db:
            columns = (media.c.description, media.c.focus_x, media.c.focus_y)
            of_account = media.c.account_id == account_id(site, name)
            rows = db.execute(select(*columns).where(of_account).order_by(media.c.position)).all()
        assert [tuple(row) for row in rows] == [("The second", 0.1, 0.1), ("The first", None, None)]

    def test_a_thread_is_published_in_order(self, open_page, site, name):
        page = open_page()
        home_text(page).fill(f"First, {name}")
        page.get_by_role("button", name="Add another post").click()
        second = page.get_by_label("Post 2 of the thread")
        expect(second).to_be_focused()
        second.fill(f"Second, {name}")
        page.keyboard.press("Control+Enter")

        expect(page.locator(".toast")).to_contain_text("published")
        (first, first_parent), (then, then_parent) = published(site, name)
        assert (first, then, first_parent) == (f"First, {name}", f"Second, {name}", None)
        assert then_parent is not None

    def test_a_form_that_is_made_anew_has_every_letter_that_was_typed(self, open_page, name):
        text = f'\nThe form\'s "compose-text" is what {name} means.'
        page = open_page()
        home_text(page).fill(text)
        page.get_by_role("button", name="Add another post").click()
        expect(page.get_by_label("Post 2 of the thread")).to_be_focused()

        expect(home_text(page)).to_have_value(text)

    def test_names_and_emojis_are_completed_with_the_keyboard(self, open_page, site, name):
        site.make_account(f"zoe_{name}")
        add_emoji(site, f"blob_{name}")
        page = open_page()
        home_text(page).click()
        page.keyboard.type(f"Hello @zoe_{name}")
        expect(page.locator(".completions li")).to_have_count(1)
        page.keyboard.press("Enter")
        page.keyboard.type(f":blob_{name}")
        expect(page.locator(".completions li")).to_have_count(1)
        page.keyboard.press("Tab")

        expect(home_text(page)).to_have_value(f"Hello @zoe_{name} :blob_{name}: ")
        page.get_by_role("button", name="Emojis of this site").click()
        page.get_by_role("button", name=f":blob_{name}:").click()
        expect(home_text(page)).to_have_value(f"Hello @zoe_{name} :blob_{name}: :blob_{name}: ")

    def test_what_is_wrong_is_said_in_place(self, open_page, name):
        page = open_page()
        home_text(page).fill(f"{name} " + "x" * 500)
        page.keyboard.press("Control+Enter")

        expect(page.locator(".composer-home .problem").first).to_contain_text("only 500 are allowed")
        expect(home_text(page)).to_have_value(f"{name} " + "x" * 500)


class TestWithoutScript:
    def test_a_thread_with_a_picture_is_written_and_published(self, open_page, site, name):
        page = open_page(script=False, device=PHONE)
        page.get_by_role("link", name="New post").click()
        page.get_by_label("What's new?").fill(f"First, {name}")
        page.get_by_text("Pictures, video, audio").click()
        page.get_by_label("File 1").set_input_files(
            {"name": "a.png", "mimeType": "image/png", "buffer": picture((300, 200))}
        )
        page.get_by_role("button", name="Add another post").click()
        expect(page.get_by_label("What's new?")).to_have_value(f"First, {name}")
        page.get_by_label("Post 2 of the thread").fill(f"Second, {name}")
        page.get_by_role("button", name="Publish").click()
        page.get_by_label("Publish without descriptions").check()
        page.get_by_role("button", name="Publish").click()

        expect(page.get_by_role("status").first).to_have_text("Your post has been published.")
        assert [text for text, _ in published(site, name)] == [f"First, {name}", f"Second, {name}"]
        expect(page.locator(".media img")).to_have_count(1)

    def test_a_draft_is_saved_opened_scheduled_moved_and_given_up(self, open_page, site, name):
        page = open_page(script=False)
        page.goto("/compose?title=A+page&url=https://example.org/page")
        expect(page.get_by_label("What's new?")).to_have_value("A page\n\nhttps://example.org/page")
        page.get_by_label("What's new?").fill(f"Later, {name}")
        page.get_by_role("button", name="Save draft").click()
        page.get_by_role("link", name="Go on writing").click()
        page.locator("summary", has_text="Schedule and expiry").click()
        page.get_by_label("Publish it later").fill("2037-01-31T18:30")
        page.get_by_role("button", name="Who can read it and reply").click()
        page.get_by_role("radio", name="Nobody").check()
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Publish").click()
        expect(page.get_by_role("status").first).to_have_text("Your post has been scheduled.")
        expect(page.get_by_label("To be published")).to_have_value("2037-01-31T18:30")
        page.get_by_label("To be published").fill("2037-02-01T09:00")
        page.get_by_role("button", name="Change the time").click()
        expect(page.get_by_label("To be published")).to_have_value("2037-02-01T09:00")
        page.get_by_role("button", name="Delete").click()

        expect(page.get_by_role("heading", level=2).first).to_have_text("Nothing is scheduled")
        assert drafts(site, name) == 0

    def test_a_post_is_edited_compared_and_written_anew(self, open_page, name):
        page = open_page(script=False)
        home_text(page).fill(f"Tea is fine, {name}")
        page.get_by_role("button", name="Publish").click()
        page.get_by_role("link", name="More").click()
        page.get_by_role("link", name="Edit").click()
        page.get_by_label("Your post").fill(f"Tea is good, {name}")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("status").first).to_have_text("Your changes have been published.")
        page.goto(page.url.split("?")[0] + "/history")
        expect(page.locator("del")).to_have_text("fine")
        expect(page.locator("ins")).to_have_text("good")
        page.goto("/")
        page.get_by_role("link", name="More").click()
        page.get_by_role("link", name="Delete and write anew").click()
        page.get_by_role("button", name="Delete and write anew").click()

        expect(page.get_by_label("What's new?")).to_have_value(f"Tea is good, {name}")
        assert re.search(r"/drafts/\d+", page.url)


def account_id(site: Site, name: str) -> int:
    with site.database.reading() as db:
        return db.execute(select(account.c.id).where(account.c.username == name)).scalar_one()


def add_emoji(site: Site, shortcode: str) -> None:
    with site.database.writing() as db:
        db.execute(
            insert(emoji),
            {
                "id": ids.new(clock.now()),
                "shortcode": shortcode,
                "picture": "00/none.webp",
                "still_picture": "00/none.webp",
            },
        )
