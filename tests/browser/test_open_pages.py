"""Pages that stay open: what somebody does shows at once in another's browser, and a cut network loses nothing."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect
from sqlalchemy import select

from support.pages import session_cookie
from support.pictures import picture
from support.scripts import scripts_ready
from support.site_under_test import Site
from twite_common import clock
from twite_common.drafts import Draft
from twite_common.services.accounts import follows
from twite_common.services.posts import posts
from twite_common.tables import post

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.once]

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
PNG: Any = {"name": "heron.png", "mimeType": "image/png", "buffer": picture((300, 200))}
OFFLINE = "can't be reached"
LISTENING = re.compile(r"/live(\?|$)")
"""The address at which a page listens."""


class Town:
    """A site with people whose browsers are logged in."""

    def __init__(self, site: Site, chromium: Browser) -> None:
        self.site = site
        self.ids: dict[str, int] = {}
        self._chromium = chromium
        self._contexts: list[BrowserContext] = []

    def add(self, *names: str) -> None:
        for name in names:
            self.ids[name] = self.site.make_account(name)[0]

    def open(self, name: str, path: str, device: dict[str, Any] = DESKTOP) -> Page:
        """Open a page that listens in a browser of somebody's own."""
        context = self._chromium.new_context(base_url=self.site.base_url, service_workers="block", **device)
        context.set_default_timeout(15_000)
        context.add_cookies([session_cookie(self.site, self.ids[name])])
        self._contexts.append(context)
        page = context.new_page()
        with page.expect_response(LISTENING):
            page.goto(path)
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()
        self._contexts.clear()

    def follow(self, name: str, other: str) -> None:
        with self.site.database.writing() as db:
            follows.follow_account(db, now=clock.now(), follower_id=self.ids[name], followee_id=self.ids[other])

    def write(self, name: str, *texts: str) -> list[str]:
        with self.site.database.writing() as db:
            return [
                str(
                    posts.publish(
                        db, self.site.settings, now=clock.now(), author_id=self.ids[name], draft=Draft(text=text)
                    )
                )
                for text in texts
            ]

    def texts(self, name: str) -> list[str]:
        with self.site.database.reading() as db:
            return list(db.scalars(select(post.c.text).where(post.c.account_id == self.ids[name]).order_by(post.c.id)))


@pytest.fixture(scope="module")
def shared_town(make_shared_site: Callable[..., Site], chromium: Browser) -> Town:
    site = make_shared_site()
    site.start("web")
    return Town(site, chromium)


@pytest.fixture
def town(shared_town: Town) -> Iterator[Town]:
    yield shared_town
    shared_town.close()


def entry(page: Page, post_id: str) -> Locator:
    return page.locator(f'.post[data-post="{post_id}"]').first


def composer(page: Page) -> Locator:
    # What script replaces goes once it has the form.
    expect(page.locator("[data-files]")).to_have_count(0)
    return page.locator(".composer-home").get_by_label("What's new?")


def answer_lost(route: Route) -> None:
    """Let the server do what it was asked for, and the network be cut before its answer comes."""
    route.fetch(max_redirects=0)
    route.abort()


class TestWatchingEachOther:
    def test_a_follow_a_post_a_favourite_and_an_answer_show_at_once(self, town: Town) -> None:
        town.add("ann", "bob")
        ann, bob = town.open("ann", "/"), town.open("bob", "/@ann", PHONE)
        unread = ann.get_by_role("navigation", name="Main").locator("[data-unread]")

        bob.get_by_role("button", name="Follow @ann", exact=True).click()
        expect(unread).to_have_text("1")
        with bob.expect_response(LISTENING):
            bob.goto("/")
        composer(ann).fill("The heron is back")
        ann.get_by_role("button", name="Publish").click()
        bob.get_by_role("button", name="New posts: 1").click()
        seen = bob.get_by_role("article", name="Post by ann")
        expect(seen).to_contain_text("The heron is back")

        seen.get_by_role("button", name="Favourite").click()
        expect(unread).to_have_text("2")
        own = ann.get_by_role("article", name="Post by ann")
        expect(own.get_by_role("button", name=re.compile("^Favourite"))).to_contain_text("1")
        seen.get_by_role("link", name="Reply").click()
        dialog = bob.get_by_role("dialog")
        dialog.get_by_label("Your reply").fill("@ann Where?")
        dialog.get_by_role("button", name="Reply", exact=True).click()
        expect(unread).to_have_text("3")
        expect(own.get_by_role("link", name=re.compile("^Reply"))).to_contain_text("1")

    def test_the_list_of_notifications_is_brought_up_to_date_where_it_is_open(self, town: Town) -> None:
        town.add("cho", "dan")
        cho, dan = town.open("cho", "/notifications"), town.open("dan", "/@cho")
        cho.evaluate("window.stayed = true")
        dan.get_by_role("button", name="Follow @cho", exact=True).click()
        cho.get_by_role("button", name="Show new notifications").click()

        expect(cho.get_by_role("main")).to_contain_text("dan followed you")
        assert cho.evaluate("window.stayed")

    def test_what_is_unread_stays_marked_when_more_comes_and_is_read_then(self, town: Town) -> None:
        town.add("joe", "kim")
        town.write("kim", "@joe Hello")
        joe = town.open("joe", "/notifications")
        expect(joe.locator(".notification.unread")).to_have_count(1)
        town.write("kim", "@joe And another thing")
        joe.get_by_role("button", name="Show new notifications").click()

        expect(joe.locator(".notification.unread")).to_have_count(2)
        expect(joe.locator("[data-unread]").first).to_be_empty()
        joe.reload()
        expect(joe.locator(".notification")).to_have_count(2)
        expect(joe.locator(".notification.unread")).to_have_count(0)
        expect(joe.locator("[data-unread]").first).to_be_empty()

    def test_what_is_changed_and_deleted_changes_and_goes_in_front_of_its_reader(self, town: Town) -> None:
        town.add("eve", "fay")
        town.follow("fay", "eve")
        (post_id,) = town.write("eve", "Tea is fine")
        fay, eve = town.open("fay", "/", PHONE), town.open("eve", f"/posts/{post_id}/edit")

        eve.get_by_label("Your post").fill("Tea is good")
        eve.get_by_role("button", name="Save").click()
        expect(eve.locator(".notice")).to_have_text("Your changes have been published.")
        expect(entry(fay, post_id)).to_contain_text("Tea is good")
        eve.goto(f"/posts/{post_id}/delete")
        eve.get_by_role("main").get_by_role("button", name="Delete").click()
        expect(entry(fay, post_id)).to_have_count(0)

    def test_a_page_listens_again_after_the_site_was_away(self, town: Town) -> None:
        town.add("gus", "hal")
        town.follow("gus", "hal")
        gus = town.open("gus", "/")
        gus.route(LISTENING, lambda route: route.fulfill(status=502), times=1)
        with gus.expect_request(LISTENING):
            gus.reload()
        town.write("hal", "Good morning")

        expect(gus.get_by_role("button", name="New posts: 1")).to_be_visible()

    @pytest.mark.parametrize("path", ["/", "/public", "/tags/herons"])
    def test_what_is_posted_before_a_page_listens_is_announced(self, town: Town, path: str) -> None:
        lee, mia = f"lee{len(path)}", f"mia{len(path)}"
        town.add(lee, mia)
        town.follow(lee, mia)
        town.write(mia, "The first of #herons")
        page = town.open(lee, path)

        def post_meanwhile(route: Route) -> None:
            town.write(mia, "The second of #herons")
            route.continue_()

        page.route(LISTENING, post_meanwhile, times=1)
        page.reload()

        expect(page.get_by_role("button", name="New posts: 1")).to_be_visible()


class TestNetworkCut:
    def test_a_post_whose_answer_got_lost_is_published_once(self, town: Town) -> None:
        town.add("ida")
        page = town.open("ida", "/", PHONE)
        page.get_by_role("link", name="New post").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.locator("[data-files]")).to_have_count(0)
        dialog.get_by_label("What's new?").fill("From a tunnel")
        page.route("**/posts", answer_lost, times=1)
        dialog.get_by_role("button", name="Publish").click()
        expect(page.locator(".toast.failed")).to_contain_text("kept in this browser")
        expect(dialog.get_by_label("What's new?")).to_have_value("From a tunnel")
        dialog.get_by_role("button", name="Publish").click()

        expect(dialog).to_be_hidden()
        assert town.texts("ida") == ["From a tunnel"]

    @pytest.mark.parametrize("button", ["favourite", "boost", "bookmark"])
    def test_a_button_whose_answer_got_lost_can_be_pressed_again(self, town: Town, button: str) -> None:
        town.add(f"jo_{button}", f"kim_{button}")
        (post_id,) = town.write(f"jo_{button}", "Press me")
        page = town.open(f"kim_{button}", f"/@jo_{button}", PHONE)
        pressed = entry(page, post_id).locator(f".{button}")
        page.route(f"**/{button}", answer_lost, times=1)
        pressed.click()
        expect(page.locator(".toast.failed")).to_contain_text(OFFLINE)
        expect(pressed).not_to_have_class(re.compile(r"\bon\b"))
        pressed.click()

        expect(pressed).to_have_attribute("formaction", re.compile(f"/un{button}$"))
        if button != "bookmark":
            expect(pressed).to_contain_text("1")

    def test_nothing_is_published_without_the_picture_that_did_not_arrive(self, town: Town) -> None:
        town.add("lea")
        page = town.open("lea", "/")
        composer(page).fill("Look, a heron")
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)

        page.route("**/compose/media", hold, times=1)
        choice = page.locator(".composer-home [data-choice][multiple]")
        with page.expect_request("**/compose/media"):
            choice.set_input_files([PNG])
        page.get_by_role("button", name="Publish").click()
        expect(page.locator(".attachment-upload")).to_contain_text("heron.png")
        held[0].abort()
        expect(page.locator(".toast.failed")).to_contain_text(OFFLINE)
        expect(composer(page)).to_have_value("Look, a heron")
        expect(page.locator(".composer-home form[aria-busy]")).to_have_count(0)
        assert town.texts("lea") == []

        choice.set_input_files([PNG])
        page.locator("[data-attachment]").get_by_role("textbox").fill("A heron")
        page.get_by_role("button", name="Publish").click()
        expect(page.locator(".feed .post").first.get_by_alt_text("A heron")).to_be_visible()
        assert town.texts("lea") == ["Look, a heron"]

    def test_older_posts_come_once_the_network_is_back(self, town: Town) -> None:
        town.add("max", "ned")
        town.write("max", *[f"Number {number}" for number in range(25)])
        page = town.open("ned", "/@max", PHONE)
        shown = page.locator(".feed .post")
        count = shown.count()
        page.route("**/@max?*", lambda route: route.abort())
        page.get_by_role("link", name="Older").scroll_into_view_if_needed()
        expect(page.locator(".toast.failed")).to_contain_text(OFFLINE)
        expect(shown).to_have_count(count)
        page.unroute("**/@max?*")
        page.evaluate("scrollTo(0, 0)")
        page.wait_for_function("scrollY === 0")
        shown.last.scroll_into_view_if_needed()

        expect(shown).to_have_count(25)
        expect(page.get_by_role("link", name="Older")).to_have_count(0)

    def test_a_message_waits_for_the_network(self, town: Town) -> None:
        town.add("oma", "pat")
        page = town.open("oma", "/messages/new?to=pat", PHONE)
        page.get_by_label("Your message").fill("Are you there?")
        page.get_by_role("button", name="Send").click()
        page.wait_for_url(re.compile(r"/messages/\d+"))
        scripts_ready(page)
        field = page.get_by_label("Your message")
        page.context.set_offline(True)
        field.fill("Hello?")
        page.get_by_role("button", name="Send").click()
        expect(page.locator(".toast.failed")).to_contain_text(OFFLINE)
        expect(field).to_have_value("Hello?")
        page.context.set_offline(False)
        page.get_by_role("button", name="Send").click()

        expect(page.locator(".message.own")).to_have_count(2)
        expect(field).to_have_value("")
