"""A post's page, its menu and what is attached to it in a real browser, with and without script, and by keyboard."""

import re
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from support.pages import session_cookie
from support.pictures import picture
from support.scripts import scripts_ready, visit
from support.site_under_test import Site, wait_for

pytestmark = [pytest.mark.needs("chromium", "ffmpeg"), pytest.mark.once]

DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
PLAYS = "video => !video.paused"


class Town:
    """A site with people who post through the API."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.ids: dict[str, int] = {}
        self.clients: dict[str, httpx.Client] = {}

    def add(self, *names: str) -> None:
        for name in names:
            self.ids[name], token = self.site.make_account(name)
            headers = {"Authorization": f"Bearer {token}"}
            self.clients[name] = httpx.Client(base_url=self.site.base_url, headers=headers, timeout=60)

    def post(self, name: str, text: str, **values: Any) -> str:
        """Publish a post and return its id."""
        made = self.clients[name].post("/api/v1/statuses", json={"status": text, **values})
        assert made.is_success, made.text
        return str(made.json()["id"])

    def upload(self, name: str, file: tuple[str, bytes], description: str = "") -> str:
        """Upload a file, wait until it is prepared, and return its id."""
        client = self.clients[name]
        made = client.post("/api/v2/media", files={"file": file}, data={"description": description}).json()
        wait_for(lambda: client.get(f"/api/v1/media/{made['id']}").status_code == 200, self.site.printed)
        return str(made["id"])


@pytest.fixture(scope="module")
def town(make_shared_site: Callable[..., Site]) -> Iterator[Town]:
    site = make_shared_site()
    site.start("run")
    town = Town(site)
    town.add("ann", "bob")
    yield town
    for client in town.clients.values():
        client.close()


@pytest.fixture
def open_page(chromium: Browser, town: Town) -> Iterator[Callable[..., Page]]:
    contexts: list[BrowserContext] = []

    def open_page(name: str | None, path: str, device: dict[str, Any] = DESKTOP, **options: Any) -> Page:
        context = chromium.new_context(base_url=town.site.base_url, service_workers="block", **device, **options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        if name is not None:
            context.add_cookies([session_cookie(town.site, town.ids[name])])
        page = context.new_page()
        visit(page, path, script=options.get("java_script_enabled", True))
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def films(town: Town, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Posts with a video that has sound, and a short one without, by what they are."""
    folder = tmp_path_factory.mktemp("films")
    look = ["-f", "lavfi", "-i", "testsrc=s=320x240:r=10:d=3"]
    sound = ["-f", "lavfi", "-i", "sine=d=3", "-shortest"]
    posts = {}
    for kind, ending, sources in (("video", "mp4", [*look, *sound, "-pix_fmt", "yuv420p"]), ("gifv", "gif", look)):
        file = folder / f"{kind}.{ending}"
        subprocess.run(["ffmpeg", "-loglevel", "error", *sources, str(file)], check=True)
        media_id = town.upload("bob", (file.name, file.read_bytes()), "A test card")
        posts[kind] = town.post("bob", kind, media_ids=[media_id])
    return posts


def post_of(page: Page, post_id: str) -> Locator:
    return page.locator(f'.post[data-post="{post_id}"]')


def box(locator: Locator) -> dict[str, float]:
    found = locator.bounding_box()
    assert found is not None
    return dict(found)


class TestLooking:
    def test_what_goes_on_is_read_like_every_post_and_nothing_strikes_it_through(self, town: Town, open_page) -> None:
        first = town.post("ann", "One text")
        second = town.post("ann", "in two posts", in_reply_to_id=first)
        page = open_page(None, f"/@ann/{first}", PHONE)
        size = "element => getComputedStyle(element).fontSize"
        color = "element => getComputedStyle(element).color"
        line = "element => getComputedStyle(element, '::before').content"
        text = post_of(page, second).locator(".text")

        assert text.evaluate(size) == "16px"
        assert text.evaluate(color) == page.locator("body").evaluate(color)
        assert page.locator(".focus").evaluate(line) == "none"
        page.goto(f"/@ann/{second}")
        assert page.locator(".thread > .link").first.evaluate(line) == '""'

    @pytest.mark.parametrize("name", ["Search", "Messages"])
    def test_phones_lead_to_the_search_and_to_messages_from_everywhere(self, open_page, name: str) -> None:
        page = open_page("ann", "/", PHONE, java_script_enabled=False)
        link = page.get_by_role("banner").get_by_role("link", name=name, exact=True)

        assert min(box(link)["width"], box(link)["height"]) >= 36
        link.click()
        expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
        expect(link).to_have_attribute("aria-current", "page")

    def test_the_bar_of_small_phones_breaks_no_word(self, open_page) -> None:
        small = {**PHONE, "viewport": {"width": 320, "height": 640}}
        page = open_page(None, "/explore", small, locale="de")

        assert box(page.get_by_role("banner"))["height"] < 70
        assert page.evaluate("document.documentElement.scrollWidth") == 320

    def test_the_form_without_script_breaks_no_button(self, open_page) -> None:
        page = open_page("ann", "/compose", PHONE, locale="es", java_script_enabled=False)

        for button in page.locator(".composer-buttons > :is(a, button)").all():
            assert box(button)["height"] < 45


class TestReplying:
    def test_in_the_field_below_the_post_without_leaving(self, town: Town, open_page) -> None:
        post_id = town.post("bob", "Where do herons sleep?")
        page = open_page("ann", f"/@bob/{post_id}")
        page.evaluate("window.stayed = true")
        field = page.get_by_placeholder("Reply to bob…")
        expect(page.get_by_role("button", name="Reply", exact=True)).to_be_hidden()
        field.fill("Standing up")
        page.get_by_role("button", name="Reply", exact=True).click()

        reply = page.locator(".answers-tree .post")
        expect(reply).to_contain_text("@bob Standing up")
        expect(reply).to_be_focused()
        expect(field).to_have_value("")
        assert page.evaluate("window.stayed")

    def test_with_the_keyboard_alone(self, town: Town, open_page) -> None:
        post_id = town.post("bob", "Ask me")
        page = open_page("ann", f"/@bob/{post_id}")
        page.get_by_placeholder("Reply to bob…").focus()
        page.keyboard.type("What?")
        page.keyboard.press("Control+Enter")

        expect(page.locator(".answers-tree .post")).to_contain_text("@bob What?")

    def test_what_is_typed_outlasts_the_page(self, town: Town, open_page) -> None:
        post_id = town.post("bob", "A long story")
        page = open_page("ann", f"/@bob/{post_id}")
        page.get_by_placeholder("Reply to bob…").fill("A long answer")
        visit(page, "/")
        visit(page, f"/@bob/{post_id}")

        expect(page.get_by_placeholder("Reply to bob…")).to_have_value("A long answer")

    def test_in_the_whole_form_which_has_what_was_typed(self, town: Town, open_page) -> None:
        post_id = town.post("bob", "Show me a heron")
        page = open_page("ann", f"/@bob/{post_id}")
        page.get_by_placeholder("Reply to bob…").fill("Look")
        page.get_by_role("button", name="More options").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_label("Your reply")).to_have_value("@bob Look")
        dialog.get_by_label("Your reply").fill("@bob Look there")
        dialog.get_by_role("button", name="Reply", exact=True).click()

        expect(page.locator(".answers-tree .post")).to_contain_text("@bob Look there")
        expect(page.get_by_placeholder("Reply to bob…")).to_have_value("")

    def test_without_script(self, town: Town, open_page) -> None:
        post_id = town.post("bob", "No script needed")
        page = open_page("ann", f"/@bob/{post_id}", java_script_enabled=False)
        page.get_by_placeholder("Reply to bob…").fill("None")
        page.get_by_role("button", name="Reply", exact=True).click()

        expect(page.locator(".answers-tree .post")).to_contain_text("@bob None")


class TestGoingToAndFro:
    def test_a_click_on_a_post_opens_it_and_the_arrow_leads_back(self, town: Town, open_page) -> None:
        post_id = town.post("bob", "Click anywhere on me")
        page = open_page("ann", "/public")
        post_of(page, post_id).locator(".text").click()
        page.wait_for_url(f"**/@bob/{post_id}")
        scripts_ready(page)
        page.get_by_role("link", name="Back").click()

        page.wait_for_url("**/public")

    def test_whoever_comes_from_elsewhere_is_led_to_the_author(self, town: Town, open_page) -> None:
        page = open_page(None, f"/@bob/{town.post('bob', 'Found elsewhere')}")
        page.get_by_role("link", name="Back").click()

        page.wait_for_url("**/@bob")

    def test_text_can_still_be_selected(self, town: Town, open_page) -> None:
        post_id = town.post("bob", "Words to select")
        page = open_page("ann", "/public")
        text = box(post_of(page, post_id).locator(".text"))
        page.mouse.move(text["x"] + 2, text["y"] + 10)
        page.mouse.down()
        page.mouse.move(text["x"] + 60, text["y"] + 10)
        page.mouse.up()

        assert page.evaluate("String(getSelection())")
        expect(page).to_have_url(town.site.base_url + "/public")


class TestMenus:
    def test_it_opens_beside_its_button_and_is_used_by_keyboard(self, town: Town, open_page) -> None:
        post_id = town.post("bob", "What else?")
        page = open_page("ann", f"/@bob/{post_id}")
        button = post_of(page, post_id).get_by_role("link", name="More")
        button.press("Enter")
        menu = page.locator(".floating")
        items = menu.locator("a, button")
        expect(items.first).to_be_focused()
        assert abs(box(menu)["x"] + box(menu)["width"] - box(button)["x"] - box(button)["width"]) < 2

        for key, item in (("ArrowDown", items.nth(1)), ("End", items.last), ("ArrowDown", items.first)):
            page.keyboard.press(key)
            expect(item).to_be_focused()
        expect(button).to_have_attribute("aria-expanded", "true")
        page.keyboard.press("Escape")
        expect(menu).to_have_count(0)
        expect(button).to_be_focused()
        expect(button).to_have_attribute("aria-expanded", "false")

    def test_its_buttons_do_what_they_say(self, town: Town, open_page) -> None:
        post_id = town.post("bob", "Mute me")
        page = open_page("ann", f"/@bob/{post_id}")
        post_of(page, post_id).get_by_role("link", name="More").click()
        page.locator(".floating").get_by_role("button", name="Follow @bob").click()

        expect(page.locator(".notice, .toast")).to_be_visible()
        following = town.clients["ann"].get(f"/api/v1/accounts/relationships?id[]={town.ids['bob']}").json()
        assert following[0]["following"]

    def test_it_is_a_sheet_at_the_bottom_of_a_phone(self, town: Town, open_page) -> None:
        page = open_page("ann", f"/@bob/{town.post('bob', 'On a phone')}", PHONE)
        for name in ("More", "Menu"):
            page.get_by_role("link", name=name).last.click()
            sheet = page.locator(".floating")
            expect(sheet).to_be_visible()
            page.wait_for_function(
                "() => Math.round(document.querySelector('.floating').getBoundingClientRect().bottom) === 844"
            )
            assert (box(sheet)["x"], box(sheet)["width"]) == (0, 390)
            page.keyboard.press("Escape")
            expect(sheet).to_have_count(0)

    def test_the_sites_own_menu_opens_where_one_is(self, town: Town, open_page) -> None:
        page = open_page("ann", "/public")
        page.get_by_role("link", name="Menu").click()
        page.locator(".floating").get_by_role("link", name="Drafts").click()

        page.wait_for_url("**/drafts")

    def test_they_are_pages_without_script(self, town: Town, open_page) -> None:
        post_id = town.post("bob", "A page of its own")
        page = open_page("ann", f"/@bob/{post_id}", java_script_enabled=False)
        post_of(page, post_id).get_by_role("link", name="More").click()
        page.wait_for_url(re.compile(f"/posts/{post_id}/menu"))
        page.get_by_role("link", name="Menu").click()
        page.wait_for_url("**/menu")


class TestNotifications:
    @pytest.mark.parametrize("script", [True, False])
    def test_one_is_dismissed_in_its_menu(self, town: Town, open_page, script: bool) -> None:
        name = f"reader{int(script)}"
        town.add(name)
        town.post("bob", f"@{name} Hello")
        page = open_page(name, "/notifications", java_script_enabled=script)
        notification = page.locator(".notification")
        expect(notification.get_by_role("button", name="Dismiss")).to_be_hidden()
        notification.locator("summary", has_text="More").click()
        notification.get_by_role("button", name="Dismiss").click()

        expect(notification).to_have_count(0)


class TestMedia:
    def test_a_video_has_one_large_button_and_then_the_browsers_own(self, films, open_page) -> None:
        page = open_page(None, f"/@bob/{films['video']}")
        player, video = page.locator(".player"), page.locator("video")
        before = box(player)["width"], box(player)["height"]
        expect(player.locator(".media-mark")).to_have_text("0:03")
        assert not video.evaluate("video => video.controls")
        player.get_by_role("button", name="Play").press("Enter")

        expect(player.get_by_role("button", name="Play")).to_be_hidden()
        page.wait_for_function("() => document.querySelector('video').currentTime > 0")
        assert video.evaluate("video => video.controls")
        assert (box(player)["width"], box(player)["height"]) == before
        player.get_by_text("ALT").click()
        expect(player.get_by_text("A test card")).to_be_visible()

    def test_a_short_silent_one_plays_by_itself_and_stops_when_pressed(self, films, open_page) -> None:
        page = open_page(None, f"/@bob/{films['gifv']}")
        player, video = page.locator(".player"), page.locator("video")
        expect(player.locator(".media-mark")).to_have_text("GIF")
        button = player.get_by_role("button", name="Play")
        expect(button).to_have_attribute("aria-pressed", "true")
        assert video.evaluate(PLAYS)
        button.click()
        expect(button).to_have_attribute("aria-pressed", "false")
        assert not video.evaluate(PLAYS)

    def test_where_less_motion_is_wanted_nothing_plays_by_itself(self, films, open_page) -> None:
        page = open_page(None, f"/@bob/{films['gifv']}", reduced_motion="reduce")
        button = page.locator(".player").get_by_role("button", name="Play")
        expect(button).to_be_visible()
        assert not page.locator("video").evaluate(PLAYS)
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")

    def test_without_script_the_browsers_own_controls_are_there(self, films, open_page) -> None:
        page = open_page(None, f"/@bob/{films['video']}", java_script_enabled=False)

        expect(page.locator("video[controls]")).to_be_visible()
        expect(page.locator(".play")).to_be_hidden()


class TestEditing:
    @pytest.fixture
    def page(self, town: Town, open_page) -> Page:
        ids = [town.upload("ann", ("a.png", picture((60, 40))), name) for name in ("A pond", "A frog")]
        post_id = town.post("ann", "Two pictures", media_ids=ids)
        page = open_page("ann", f"/@ann/{post_id}")
        post_of(page, post_id).get_by_role("link", name="More").click()
        page.locator(".floating").get_by_role("link", name="Edit", exact=True).click()
        return page

    def test_pictures_are_ordered_removed_and_added(self, page: Page) -> None:
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("button", name="Move back").first.click()
        dialog.get_by_role("button", name="Remove").last.click()
        with page.expect_file_chooser() as chooser:
            dialog.get_by_role("button", name="Add pictures, video or audio").click()
        file: Any = {"name": "heron.png", "mimeType": "image/png", "buffer": picture((60, 40))}
        chooser.value.set_files(file)
        dialog.get_by_label("Description for people who can't see it").nth(1).fill("A heron")
        dialog.get_by_role("button", name="Save").click()

        expect(page.locator(".notice")).to_be_visible()
        pictures = page.locator(".focus .media img")
        expect(pictures).to_have_count(2)
        assert [one.get_attribute("alt") for one in pictures.all()] == ["A frog", "A heron"]
