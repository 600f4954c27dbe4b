"""Reading and reacting in a real browser: what a script makes livelier, and that nothing needs it."""

import io
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from support.pages import session_cookie
from support.scripts import scripts_ready, visit
from support.site_under_test import Site
from twite_common import clock
from twite_common.drafts import Draft
from twite_common.services.posts import posts

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.once]

SIZE = {"width": 1280, "height": 800}
POSTS = 45
NOTED = """() => {
  const place = history.state?.place;
  // The first page of a list has no address of its own: its place is noted on the way to those further down.
  const entry = place?.page ? document.querySelector(`[data-entry="${place.entry}"]`) : null;
  const top = entry?.getBoundingClientRect().top;
  return entry && top === place.top && top <= innerHeight / 4 && top > -innerHeight / 4;
}"""
"""Whether it is noted what is read."""
IS_AT = """([id, top]) => {
  const post = document.querySelector(`.post[data-post="${id}"]`);
  return Math.abs(post.getBoundingClientRect().top - top) < 3;
}"""
"""Whether a post is as far from the window's top as it was."""
BOOST_AS_SOON_AS_FAVOURITED = """() => new Promise((resolve) => {
  const form = document.querySelector(".post form.actions");
  const observer = new MutationObserver(() => {
    if (form.isConnected) return;
    observer.disconnect();
    addEventListener("submit", (event) => resolve(event.defaultPrevented), { once: true });
    document.querySelector(".post .boost").click();
  });
  observer.observe(document.body, { childList: true, subtree: true });
  form.querySelector(".favourite").click();
})"""
"""Presses the second button when the first one's answer has replaced both; returns whether a script took that."""


class Town:
    """A site with people who post through the API."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.ids: dict[str, int] = {}
        self._tokens: dict[str, str] = {}
        self.client = httpx.Client(base_url=site.base_url, timeout=30)

    def add(self, *names: str) -> None:
        for name in names:
            self.ids[name], self._tokens[name] = self.site.make_account(name)

    def ask(self, name: str, method: str, path: str, **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {self._tokens[name]}"}
        response = self.client.request(method, path, headers=headers, **options)
        assert response.is_success, response.text
        return response.json()

    def post(self, name: str, text: str, **values: Any) -> str:
        return str(self.ask(name, "POST", "/api/v1/statuses", json={"status": text, **values})["id"])

    def write(self, name: str, texts: Iterable[str]) -> list[str]:
        """Publish posts at once."""
        with self.site.database.writing() as db:
            return [
                str(
                    posts.publish(
                        db, self.site.settings, now=clock.now(), author_id=self.ids[name], draft=Draft(text=text)
                    )
                )
                for text in texts
            ]

    def picture(self, name: str, description: str) -> str:
        file = io.BytesIO()
        Image.new("RGB", (600, 400), "teal").save(file, "PNG")
        files = {"file": ("picture.png", file.getvalue(), "image/png")}
        return str(self.ask(name, "POST", "/api/v2/media", files=files, data={"description": description})["id"])


@pytest.fixture(scope="module")
def town(make_shared_site: Callable[..., Site]) -> Iterator[Town]:
    site = make_shared_site()
    site.start("web")
    town = Town(site)
    town.add("ann", "bob", "cho", "dan")
    town.ask("ann", "POST", f"/api/v1/accounts/{town.ids['bob']}/follow")
    town.write("bob", [f"Post number {number} of many" for number in range(POSTS)])
    yield town
    town.client.close()


@pytest.fixture
def open_page(chromium: Browser, town: Town) -> Iterator[Callable[..., Page]]:
    contexts: list[BrowserContext] = []

    def open_page(name: str | None, path: str, **options: Any) -> Page:
        context = chromium.new_context(**{"base_url": town.site.base_url, "viewport": SIZE, **options})
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


def post_of(page: Page, post_id: str) -> Any:
    return page.locator(f'.post[data-post="{post_id}"]').first


def top(page: Page, post_id: str) -> float:
    return float(post_of(page, post_id).bounding_box()["y"])


class TestButtons:
    def test_a_favourite_shows_at_once_and_is_undone_when_the_network_is_cut(self, town: Town, open_page) -> None:
        post_id = town.post("cho", "Favourite me")
        page = open_page("ann", f"/@cho/{post_id}")
        button = post_of(page, post_id).locator(".favourite")
        page.route("**/posts/*/favourite", lambda route: route.abort())

        button.click()

        expect(page.locator(".toast.failed")).to_contain_text("can't be reached")
        expect(button).not_to_have_class(re.compile(r"\bon\b"))
        expect(button).to_have_text("Favourite")
        expect(button).to_be_focused()

        page.unroute("**/posts/*/favourite")
        page.keyboard.press("Enter")

        expect(button).to_have_class(re.compile(r"\bon\b"))
        expect(button).to_contain_text("1")
        expect(button).to_have_attribute("formaction", re.compile("unfavourite"))
        expect(button).to_be_focused()
        assert town.ask("ann", "GET", f"/api/v1/statuses/{post_id}")["favourited"]

    def test_what_the_server_refuses_is_undone_with_its_reason(self, town: Town, open_page) -> None:
        post_id = town.post("cho", "Here for a moment")
        page = open_page("ann", "/public")
        page.route(re.compile(r"/live\?"), lambda route: route.abort())
        page.reload()
        scripts_ready(page)
        button = post_of(page, post_id).locator(".boost")
        town.ask("cho", "DELETE", f"/api/v1/statuses/{post_id}")

        button.click()

        expect(page.locator(".toast.failed")).to_have_text("There is no such post.")
        expect(button).not_to_have_class(re.compile(r"\bon\b"))
        expect(button).to_have_text("Boost")

    def test_a_second_one_is_taken_as_soon_as_the_first_one_is_answered(self, town: Town, open_page) -> None:
        post_id = town.post("cho", "Favourite and boost me")
        page = open_page("ann", f"/@cho/{post_id}")
        scripts_ready(page)

        assert page.evaluate(BOOST_AS_SOON_AS_FAVOURITED)

        expect(post_of(page, post_id).locator(".boost")).to_have_class(re.compile(r"\bon\b"))
        assert town.ask("ann", "GET", f"/api/v1/statuses/{post_id}")["favourited"]

    def test_a_vote_is_counted_without_leaving(self, town: Town, open_page) -> None:
        poll = {"options": ["Tea", "Coffee"], "expires_in": 3600}
        post_id = town.post("cho", "Which?", poll=poll)
        page = open_page("ann", f"/@cho/{post_id}")
        post = post_of(page, post_id)
        page.evaluate("window.stayed = true")

        post.get_by_label("Tea").check()
        post.get_by_role("button", name="Vote").click()

        expect(post.locator(".poll")).to_contain_text("your vote")
        assert page.evaluate("window.stayed")

    def test_following_in_a_list_and_on_a_profile(self, town: Town, open_page) -> None:
        town.ask("dan", "POST", f"/api/v1/accounts/{town.ids['cho']}/follow")
        page = open_page("ann", "/@cho/followers")
        page.evaluate("window.stayed = true")
        row = page.locator("main .list li", has_text="@dan")

        with page.expect_response("**/accounts/*/follow"):
            row.get_by_role("button", name="Follow").click()

        expect(row.get_by_role("button", name="Unfollow")).to_be_focused()
        assert page.evaluate("window.stayed")
        assert town.ask("ann", "GET", f"/api/v1/accounts/relationships?id[]={town.ids['dan']}")[0]["following"]

        visit(page, "/@dan")
        page.evaluate("window.stayed = true")
        page.locator(".profile").get_by_role("button", name="Unfollow").click()
        expect(page.locator(".profile").get_by_role("button", name="Follow @dan", exact=True)).to_be_visible()
        page.locator(".profile").get_by_title("More").click()
        page.locator(".profile").get_by_role("button", name="Mute").click()
        expect(page.locator(".profile")).to_contain_text("Muted")
        assert page.evaluate("window.stayed")
        page.locator(".profile").get_by_title("More").click()
        page.locator(".profile").get_by_role("button", name="Unmute").click()
        expect(page.locator(".profile")).not_to_contain_text("Muted")


class TestNewPosts:
    def test_they_are_announced_and_put_in_without_moving_what_one_reads(self, town: Town, open_page) -> None:
        page = open_page("ann", "/")
        # What is written before the page listens is fetched with one page of posts, and these are more.
        with page.expect_response("**/live?*"):
            page.reload()
        scripts_ready(page)
        read = page.locator(".feed .post").nth(10)
        read.scroll_into_view_if_needed()
        id = read.get_attribute("data-post")
        before = top(page, id)
        new = town.write("bob", [f"News {number}" for number in range(25)])

        button = page.locator(".feed-news button")
        expect(button).to_have_text("New posts: 25")
        assert top(page, id) == before
        button.click()

        expect(page.locator(".feed .post").first).to_have_attribute("data-post", new[-1])
        for post_id in new:
            expect(post_of(page, post_id)).to_be_attached()
        expect(page.locator(".feed .post").nth(25)).not_to_contain_text("News")

    def test_a_hashtags_page_announces_its_own_posts_alone(self, town: Town, open_page) -> None:
        page = open_page("ann", "/tags/harbour")
        scripts_ready(page)
        town.post("bob", "Not for this page")
        post_id = town.post("dan", "Boats in the #harbour")

        button = page.locator(".feed-news button")
        expect(button).to_have_text("New posts: 1")
        button.click()
        expect(post_of(page, post_id)).to_be_visible()

    def test_the_newest_posts_announce_those_of_everybody(self, town: Town, open_page) -> None:
        page = open_page("ann", "/public")
        scripts_ready(page)
        town.post("dan", "Hello everybody")
        expect(page.locator(".feed-news button")).to_have_text("New posts: 1")


class TestPlace:
    @pytest.mark.parametrize("way", ["reload", "back"])
    def test_it_is_kept_after_endless_loading(self, open_page, way: str) -> None:
        page = open_page("ann", "/@bob")
        scripts_ready(page)
        for count in (21, 41):
            page.locator(".feed .post").last.scroll_into_view_if_needed()
            expect(page.locator(".feed .post").nth(count)).to_be_attached()
        read = page.locator(".feed .post").nth(35)
        read.evaluate("element => element.scrollIntoView()")
        id = read.get_attribute("data-post")
        page.wait_for_function(NOTED)
        before = top(page, id)

        if way == "reload":
            page.reload()
        else:
            read.locator("a[data-open]").click()
            expect(page.locator(".thread")).to_be_visible()
            page.go_back()

        expect(post_of(page, id)).to_be_in_viewport()
        page.wait_for_function(IS_AT, arg=[id, before])

    def test_another_device_goes_on_where_one_was(self, town: Town, open_page) -> None:
        page = open_page("dan", "/")
        town.ask("dan", "POST", f"/api/v1/accounts/{town.ids['bob']}/follow")
        first = town.post("bob", "The last that dan reads")
        page.reload()
        with page.expect_response("**/markers/home"):
            page.mouse.wheel(0, 10)
        marker = town.ask("dan", "GET", "/api/v1/markers?timeline[]=home")["home"]["last_read_id"]
        assert int(marker) >= int(first)
        town.write("bob", [f"While dan was away {number}" for number in range(22)])
        page.close()

        other = open_page("dan", "/", java_script_enabled=False)
        other.get_by_role("link", name="Continue where you were").click()

        expect(other.locator("#read-up-to")).to_be_in_viewport()
        expect(post_of(other, first)).to_be_visible()


class TestShowing:
    def test_threads_say_who_answers_whom(self, town: Town, open_page) -> None:
        first = town.post("cho", "One text")
        second = town.post("cho", "in two posts", in_reply_to_id=first)
        answer = town.post("dan", "@cho An answer", in_reply_to_id=first)
        last = answer
        for number in range(7):
            last = town.post("bob", f"@dan Deeper {number}", in_reply_to_id=last)

        page = open_page(None, f"/@cho/{first}", java_script_enabled=False)

        expect(page.locator(f'.thread .joined .post[data-post="{second}"]')).to_be_visible()
        expect(page.locator(f'.answers-tree > .branch > .post[data-post="{answer}"]')).to_be_visible()
        expect(post_of(page, last)).not_to_be_visible()
        page.get_by_text("Show 2 more replies").click()
        expect(post_of(page, last)).to_be_visible()
        for name in ("cho", "dan", "bob"):
            expect(page.get_by_role("complementary")).to_contain_text(f"@{name}")

    def test_pictures_open_in_a_viewer_with_their_descriptions(self, town: Town, open_page) -> None:
        pictures = [town.picture("cho", f"Teal, number {number}") for number in (1, 2)]
        post_id = town.post("cho", "Look", media_ids=pictures)
        page = open_page("ann", f"/@cho/{post_id}")
        scripts_ready(page)
        page.get_by_text("ALT").first.click()
        expect(page.locator(".alt-text p").first).to_be_visible()

        page.locator(".media a").first.click()
        viewer = page.locator("dialog.viewer")
        expect(viewer.get_by_text("Teal, number 1")).to_be_in_viewport()
        page.keyboard.press("ArrowRight")
        expect(viewer.get_by_text("Teal, number 2")).to_be_in_viewport()
        page.keyboard.press("Escape")

        expect(viewer).to_have_count(0)
        expect(page.locator(".media a").first).to_be_focused()

    def test_long_posts_are_folded_only_where_a_script_can_unfold_them(self, town: Town, open_page) -> None:
        town.post("cho", "A line\n" * 60)
        without = open_page("ann", "/@cho", java_script_enabled=False)
        expect(without.get_by_role("button", name="Show more")).to_have_count(0)

        page = open_page("ann", "/@cho")
        text = page.locator(".feed .text").first
        folded = text.bounding_box()["height"]
        page.get_by_role("button", name="Show more").click()
        assert text.bounding_box()["height"] > folded * 2

    def test_cards_come_to_a_mouse_and_to_the_keyboard(self, open_page) -> None:
        page = open_page("ann", "/@bob")
        scripts_ready(page)
        name = page.locator(".feed a.name").first
        name.hover()
        expect(page.locator(".hover-card")).to_contain_text("@bob")
        page.keyboard.press("Escape")
        expect(page.locator(".hover-card")).to_have_count(0)
        page.mouse.move(2, 2)
        page.locator(".feed .post").first.focus()
        while not name.evaluate("element => element === document.activeElement"):
            page.keyboard.press("Tab")
        expect(page.locator(".hover-card")).to_contain_text("@bob")

    def test_filters_apply_to_pages(self, town: Town, open_page) -> None:
        for action, word in (("warn", "marmalade"), ("hide", "treacle")):
            keywords = [{"keyword": word, "whole_word": True}]
            body = {"title": f"No {word}", "context": ["public"], "filter_action": action}
            town.ask("ann", "POST", "/api/v2/filters", json={**body, "keywords_attributes": keywords})
        folded = town.post("dan", "Orange marmalade")
        hidden = town.post("dan", "Black treacle")

        page = open_page("ann", "/public", java_script_enabled=False)

        expect(post_of(page, hidden)).to_have_count(0)
        expect(post_of(page, folded)).not_to_be_visible()
        page.get_by_text("Filtered: No marmalade").click()
        expect(post_of(page, folded)).to_be_visible()
        page.goto("/@dan")
        expect(post_of(page, hidden)).to_be_visible()

    def test_a_followed_hashtag_is_the_reason_that_is_given(self, town: Town, open_page) -> None:
        town.post("cho", "First words on #lighthouses")
        town.ask("ann", "POST", "/api/v1/tags/lighthouses/follow")
        post_id = town.post("cho", "More on #lighthouses")

        page = open_page("ann", "/", java_script_enabled=False)

        expect(post_of(page, post_id).locator(".context")).to_have_text("You follow #lighthouses")


class TestShortcuts:
    def test_posts_are_gone_through_and_acted_upon(self, open_page) -> None:
        page = open_page("ann", "/@bob")
        scripts_ready(page)
        shown = page.locator(".feed .post")
        page.keyboard.press("j")
        page.keyboard.press("j")
        expect(shown.nth(1)).to_be_focused()
        page.keyboard.press("k")
        expect(shown.first).to_be_focused()
        page.keyboard.press("d")
        expect(shown.first.locator(".bookmark")).to_have_class(re.compile(r"\bon\b"))
        page.keyboard.press("o")
        expect(page.locator(".thread")).to_be_visible()
        scripts_ready(page)
        page.keyboard.press("g")
        page.keyboard.press("h")
        page.wait_for_url("/")

    def test_they_are_listed_switched_off_and_leave_typing_alone(self, open_page) -> None:
        page = open_page("ann", "/@bob")
        scripts_ready(page)
        page.keyboard.press("/")
        field = page.locator("input[type=search]")
        expect(field).to_be_focused()
        page.keyboard.type("j?")
        expect(field).to_have_value("j?")
        field.blur()
        page.keyboard.press("?")
        page.get_by_label("Use shortcuts in this browser").uncheck()
        page.keyboard.press("Escape")
        expect(page.locator("dialog")).to_have_count(0)
        page.keyboard.press("j")
        expect(page.locator(".feed .post").first).not_to_be_focused()

    def test_the_page_lists_them_without_script(self, open_page) -> None:
        page = open_page(None, "/shortcuts", java_script_enabled=False)
        expect(page.get_by_text("Next post")).to_be_visible()
