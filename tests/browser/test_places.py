"""The first page, the ways in and the administration in a real browser: with script and without, and by keyboard."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select, update

from support.pages import note_what_breaks, session_cookie
from support.site_under_test import PASSWORD, Site
from twite_common import clock
from twite_common.services.accounts import accounts
from twite_common.tables import account

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.once]


@pytest.fixture(scope="module")
def site(make_shared_site: Callable[..., Site]) -> Site:
    """A site with Ann, who administrates it, and others who want to be listed."""
    site = make_shared_site()
    site.start("web")
    ann_id, _token = site.make_account("ann")
    for name in ("bob", "cho", "dot"):
        site.make_account(name)
    with site.database.writing() as db:
        accounts.set_role(db, account_id=ann_id, role="admin")
        db.execute(update(account).values(discoverable=True, last_post_at=clock.now()))
    return site


@pytest.fixture
def open_page(chromium: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Open a window of a stranger, or of an account's owner; nothing in it may be refused or break."""
    contexts = []
    said: list[str] = []

    def open_page(*, account_id: int | None = None, script: bool = True, width: int = 1280) -> Page:
        context = chromium.new_context(
            base_url=site.base_url, java_script_enabled=script, viewport={"width": width, "height": 800}
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        if account_id is not None:
            context.add_cookies([session_cookie(site, account_id)])
        page = context.new_page()
        note_what_breaks(page, said)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert said == []


@pytest.fixture
def ann_id(site: Site) -> int:
    """Id of whoever administrates the site."""
    with site.database.reading() as db:
        return db.scalars(select(account.c.id).where(account.c.username == "ann")).one()


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_the_first_page_leads_in_and_fits_a_small_phone(open_page: Callable[..., Page], script: bool) -> None:
    page = open_page(script=script, width=320)
    page.goto("/")
    faces = page.get_by_role("group", name="Some of the people here")
    expect(faces.get_by_role("link")).to_have_count(4)
    if script:
        assert page.evaluate("document.documentElement.scrollWidth") == 320
    expect(page.get_by_role("link", name="Log in")).to_have_count(1)
    page.get_by_role("link", name="Create account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Join Twite")


@pytest.mark.parametrize("language", ["de", "es", "ar"])
def test_the_bar_of_a_phone_breaks_no_word_however_long(open_page: Callable[..., Page], language: str) -> None:
    page = open_page(width=320)
    page.goto(f"/about?lang={language}")
    links = page.get_by_role("banner").get_by_role("navigation").get_by_role("link")
    boxes = [link.bounding_box() for link in links.all() if link.is_visible()]

    assert len(boxes) == 3
    assert all(box is not None and box["height"] < 50 for box in boxes), boxes
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_what_is_typed_as_a_password_can_be_shown(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.goto("/login")
    field = page.get_by_label("Password")
    button = page.get_by_role("button", name="Show the password")
    expect(button).to_be_visible()
    field.fill("secret words")
    page.keyboard.press("Tab")
    expect(button).to_be_focused()
    page.keyboard.press("Space")
    expect(field).to_have_attribute("type", "text")
    expect(button).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Space")
    expect(field).to_have_attribute("type", "password")


def test_without_script_there_is_no_button_that_does_nothing(open_page: Callable[..., Page]) -> None:
    page = open_page(script=False)
    page.goto("/login")

    expect(page.get_by_role("button")).to_have_count(1)


def test_who_comes_in_with_a_shown_password_sends_a_password(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.goto("/login")
    page.get_by_label("Username or e-mail address").fill("bob")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Show the password").click()
    page.get_by_label("Password").press("Enter")

    expect(page.locator("body[data-member=bob]")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_somebody_is_suspended_from_the_menu_of_their_row_by_keyboard(
    open_page: Callable[..., Page], ann_id: int, script: bool
) -> None:
    page = open_page(account_id=ann_id, script=script, width=390)
    page.goto("/admin/accounts?q=dot")
    page.get_by_role("main").locator("summary", has_text="More about @dot").focus()
    page.keyboard.press("Enter")
    suspend = page.get_by_role("button", name="Suspend @dot")
    expect(suspend).to_be_visible()
    suspend.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The account has been suspended.")).to_be_visible()
    expect(page.locator(".records .mark")).to_have_text("suspended")
    page.get_by_role("main").locator("summary", has_text="More about @dot").click()
    page.get_by_role("button", name="Unsuspend @dot").click()

    expect(page.locator(".records .mark")).to_have_count(0)


def test_the_menu_of_the_last_row_is_not_cut_off(open_page: Callable[..., Page], ann_id: int) -> None:
    page = open_page(account_id=ann_id, script=False)
    page.goto("/admin/accounts")
    page.locator(".records > li").last.locator("summary").click()

    # Nothing lies over it, and nothing cuts it off: it can be pressed.
    page.locator(".records > li").last.get_by_role("link", name="Profile").click(trial=True)


@pytest.mark.parametrize(("width", "beside"), [(1280, True), (1000, False), (390, False)])
def test_the_administration_has_its_menu_beside_or_above_the_page(
    open_page: Callable[..., Page], ann_id: int, width: int, beside: bool
) -> None:
    page = open_page(account_id=ann_id, width=width)
    page.goto("/admin/emojis")
    menu = page.get_by_role("navigation", name="Administration")
    current = menu.get_by_role("link", name="Custom emoji")
    main = page.get_by_role("main").bounding_box()
    box = menu.bounding_box()
    assert main
    assert box

    assert (box["x"] >= main["x"] + main["width"]) == beside
    assert (box["y"] + box["height"] <= main["y"]) != beside
    # The row is drawn along to the page that is shown.
    expect(current).to_be_in_viewport(ratio=0.9)
    expect(current).to_have_attribute("aria-current", "page")


@pytest.mark.parametrize(("width", "beside"), [(1280, True), (390, False)])
def test_settings_have_a_menu_where_there_is_room_and_else_the_way_back(
    open_page: Callable[..., Page], ann_id: int, width: int, beside: bool
) -> None:
    page = open_page(account_id=ann_id, width=width)
    page.goto("/settings/mail")
    menu, back = page.get_by_role("navigation", name="Settings"), page.locator(".back a")

    expect(menu).to_be_visible(visible=beside)
    expect(back).to_be_visible(visible=not beside)
