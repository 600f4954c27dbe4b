"""A real browser, without JavaScript, against a running site: everything from signing up to logging out."""

import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from support import working
from support.mails import link_in_mail
from support.pages import log_in, session_cookie
from support.site_under_test import PASSWORD, Site

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.once]

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 720}, "is_mobile": True, "has_touch": True}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1200, "height": 800}}


@pytest.fixture
def open_page(chromium: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Open a browser of somebody's own."""
    contexts = []

    def open_page(**options: Any) -> Page:
        context = chromium.new_context(base_url=site.base_url, java_script_enabled=False, **{**DESKTOP, **options})
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize(
    ("device", "dot", "bob"), [(DESKTOP, "dot", "bob"), (PHONE, "dora", "ben")], ids=["desktop", "phone"]
)
def test_from_signing_up_to_logging_out(
    site: Site, open_page: Callable[..., Page], device: dict[str, object], dot: str, bob: str
) -> None:
    site.make_account(bob)
    page, bobs = open_page(**device), open_page()
    log_in(bobs, bob)
    bobs.get_by_label("What's new?").fill("Good morning, this is Bob.")
    bobs.get_by_role("button", name="Publish").click()
    expect(bobs.locator(".notice")).to_have_text("Your post has been published.")

    page.goto("/signup")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Username").fill(dot)
    page.get_by_label("E-mail address").fill(f"{dot}@mail.example")
    page.get_by_label("Password").fill("a long enough one")
    page.get_by_role("main").get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your e-mail")

    working.do_what_is_due(site)
    page.goto(link_in_mail(site, "/confirm/", to=f"{dot}@mail.example"))
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator(".notice")).to_have_text("Your e-mail address has been confirmed. You can log in now.")

    log_in(page, dot, "a long enough one")
    page.goto("/compose")
    page.get_by_label("What's new?").fill(f"Hello from @{dot}, with a #first tag")
    page.get_by_role("button", name="Publish").click()
    expect(page.locator(".notice")).to_have_text("Your post has been published.")
    expect(page.get_by_role("article", name=f"Post by {dot}")).to_contain_text(f"Hello from @{dot}")

    page.goto(f"/@{bob}")
    page.get_by_role("button", name=f"Follow @{bob}", exact=True).click()
    expect(page.locator(".notice")).to_have_text("You now follow this account.")
    post = page.get_by_role("article", name=f"Post by {bob}")
    post.get_by_role("button", name=re.compile("^Favourite")).click()
    post.get_by_role("button", name=re.compile("^Boost")).click()
    expect(post.get_by_role("button", name=re.compile("^Remove favourite"))).to_contain_text("1")
    expect(post.get_by_role("button", name=re.compile("^Undo boost"))).to_contain_text("1")
    post.get_by_role("link", name=re.compile("^Reply")).click()
    expect(page.get_by_label("Your reply")).to_have_value(f"@{bob} ")
    page.get_by_label("Your reply").fill(f"@{bob} Good morning!")
    page.get_by_role("button", name="Reply", exact=True).click()
    expect(page.get_by_role("article").last).to_contain_text(f"@{bob} Good morning!")

    page.goto("/settings/profile")
    page.get_by_label("Name", exact=True).fill("Dot Dash")
    page.get_by_label("About you").fill("Telegraphist")
    picture = io.BytesIO()
    Image.new("RGB", (300, 200), "teal").save(picture, "PNG")
    page.get_by_label("Profile picture", exact=True).set_input_files(
        {"name": "me.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    )
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".notice")).to_have_text("Your changes have been saved.")
    shown = page.get_by_alt_text("Your profile picture")
    expect(shown).to_have_attribute("src", re.compile("/media/"))
    assert page.request.get(str(shown.get_attribute("src"))).ok

    bobs.goto("/notifications")
    for sentence in ("followed you", "favourited your post", "boosted your post", "mentioned you"):
        expect(bobs.get_by_role("main")).to_contain_text(sentence)

    page.get_by_role("link", name="Menu").click()
    page.get_by_role("button", name=f"Log out @{dot}").click()
    expect(page.locator(".notice")).to_have_text("You are logged out.")
    page.goto("/settings")
    assert page.url.endswith("/login?next=/settings")


def test_logging_in_and_posting_with_the_keyboard_alone(site: Site, open_page: Callable[..., Page]) -> None:
    site.make_account("ann")
    page = open_page()
    page.goto("/login")

    def move_to(role: str, name: str) -> None:
        """Press Tab until something has the focus, as seen by assistive technology."""
        wanted = page.get_by_role(role, name=name)
        for _ in range(60):
            page.keyboard.press("Tab")
            if wanted.and_(page.locator(":focus")).count():
                return
        raise AssertionError(f"Tab never reached the {role} {name!r}")

    move_to("link", "Skip to content")
    expect(page.locator(":focus")).to_be_in_viewport()
    page.keyboard.press("Enter")
    move_to("textbox", "Username or e-mail address")
    page.keyboard.type("ann")
    move_to("textbox", "Password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    move_to("textbox", "What's new?")
    page.keyboard.type("By hand")
    move_to("button", "Publish")
    page.keyboard.press("Enter")
    move_to("button", "Favourite")
    page.keyboard.press("Enter")
    move_to("link", "Menu")
    page.keyboard.press("Enter")
    move_to("button", "Log out @ann")
    page.keyboard.press("Enter")

    expect(page.locator(".notice")).to_have_text("You are logged out.")


@pytest.mark.parametrize(("screen", "name"), [(PHONE, "cho"), (DESKTOP, "cleo")], ids=["phone", "desktop"])
def test_a_posts_buttons_stand_in_a_row_and_nothing_is_wider_than_the_screen(
    screen: dict[str, Any], name: str, site: Site, open_page: Callable[..., Page]
) -> None:
    account_id, _ = site.make_account(name)
    page = open_page(**screen)
    page.context.add_cookies([session_cookie(site, account_id)])
    page.goto("/compose")
    page.get_by_label("What's new?").fill("A post with a link to https://example.org/" + "long/" * 40)
    page.get_by_role("button", name="Publish").click()
    expect(page.locator(".notice")).to_be_visible()
    page.wait_for_load_state()
    buttons = page.get_by_role("article").first.locator(".actions").locator("a, button")
    boxes = [one.bounding_box() for one in buttons.all()]

    assert len(boxes) >= 5
    assert len({round(box["y"] + box["height"] / 2) for box in boxes if box}) == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= screen["viewport"]["width"]
