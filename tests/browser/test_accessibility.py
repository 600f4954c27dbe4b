"""What axe-core (Deque) finds on the website's pages: nothing, on a phone in the dark and on a desktop in the light."""

from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from support import node_packages
from support.site_under_test import PASSWORD, Site
from twite_common import clock
from twite_common.drafts import Draft
from twite_common.services.accounts import follows
from twite_common.services.posts import posts

pytestmark = pytest.mark.needs("chromium", "npm")

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIZES: dict[str, ViewportSize] = {"phone": {"width": 375, "height": 800}, "desktop": {"width": 1600, "height": 1000}}
PAGES = ("/", "/notifications", "/@bob", "/@bob/{post}", "/search?q=nothing", "/about/statistics", "/settings/profile")


@pytest.fixture
def post_id(running: Site) -> int:
    """A post by Bob that Ann, who follows him, is named in several times over."""
    ann, _ = running.make_account("ann")
    bob, _ = running.make_account("bob")
    with running.database.writing() as db:
        follows.follow_account(db, now=clock.now(), follower_id=ann, followee_id=bob)
        for _ in range(3):
            text = "@ann, look at https://example.org/page and #heath: it is a fine day."
            id = posts.publish(db, running.settings, now=clock.now(), author_id=bob, draft=Draft(text=text))
    return int(id)


@pytest.mark.parametrize(("size", "scheme"), [("phone", "dark"), ("desktop", "light")])
def test_nothing_keeps_anybody_from_a_page(
    running: Site, chromium: Browser, post_id: int, size: str, scheme: Literal["dark", "light"]
) -> None:
    axe = (node_packages.install() / "axe-core" / "axe.min.js").read_text()
    # The page's own policy would refuse a script that isn't the site's.
    context = chromium.new_context(
        base_url=running.base_url, viewport=SIZES[size], color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    page.goto("/login")
    page.get_by_label("Username or e-mail address").fill("ann")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    wrong = {path: problems for path in PAGES if (problems := found(page, path.format(post=post_id), axe))}
    context.close()

    assert wrong == {}


def found(page: Page, path: str, axe: str) -> list[str]:
    page.goto(path)
    page.evaluate(axe)
    violations = page.evaluate("rules => axe.run({runOnly: rules}).then(result => result.violations)", RULES)
    return [f"{one['id']}: {one['nodes'][0]['html'][:100]}" for one in violations]
