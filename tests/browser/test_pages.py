"""Every page of the website, on the demonstration's content: nothing keeps anybody from it, and its HTML is valid."""

import json
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import httpx
import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from support import demo_site, node_packages
from support.demo_site import DemoSite, PageOfSite, Visitor

pytestmark = [pytest.mark.needs("chromium", "npm"), pytest.mark.usefixtures("integration")]

ROOT = Path(__file__).parents[2]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1440, "height": 900}
VIEWS: list[tuple[ViewportSize, Literal["light", "dark"]]] = [(PHONE, "light"), (DESKTOP, "dark")]
VISITORS: list[Visitor] = ["stranger", "member", "admin"]
PARTS = 2
"""In how many tests the pages of one visitor are looked at, none of which is to take minutes."""
FOR_STAFF = ("/admin", "/@", "/notifications")
"""Where pages begin that are only for staff, or have more for them."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoSite]:
    """A site with the demonstration's content, which is made once for all who test it."""
    with demo_site.running(tmp_path_factory.mktemp("demo"), ROOT / "build" / "demo") as site:
        yield site


@pytest.fixture
def window(demo: DemoSite, chromium: Browser) -> Iterator[Page]:
    """A window of a browser, without motion, in which scripts of ours may run too: a page's own policy refuses them."""
    context = chromium.new_context(base_url=demo.base_url, reduced_motion="reduce", bypass_csp=True)
    yield context.new_page()
    context.close()


def pages_of(demo: DemoSite, visitor: Visitor, cookies: dict[str, str]) -> list[PageOfSite]:
    """Return the pages that nobody else sees as a visitor does; staff see most as every member does."""
    pages = demo.pages(visitor, cookies=cookies)
    return [page for page in pages if visitor != "admin" or page.path.startswith(FOR_STAFF)]


# What Swagger UI draws in #docs isn't ours.
RUN = "rules => axe.run({ exclude: ['#docs'] }, { runOnly: rules }).then(found => found.violations)"


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("visitor", VISITORS)
def test_nothing_keeps_anybody_from_a_page(demo: DemoSite, window: Page, visitor: Visitor, part: int) -> None:
    axe = (node_packages.install() / "axe-core" / "axe.min.js").read_text()
    cookies = demo.cookies(visitor)
    window.context.add_cookies(demo.browser_cookies(cookies))
    wrong = defaultdict(list)
    for page in pages_of(demo, visitor, cookies)[part::PARTS]:
        window.goto(page.path)
        window.evaluate(axe)
        for size, scheme in VIEWS:
            window.set_viewport_size(size)
            window.emulate_media(color_scheme=scheme)
            for violation in window.evaluate(RUN, RULES):
                element = violation["nodes"][0]["html"][:100]
                wrong[page.path].append(f"{size['width']} px, {scheme}: {violation['id']}: {element}")

    assert dict(wrong) == {}


@pytest.mark.parametrize("visitor", VISITORS)
def test_the_html_of_every_page_is_valid(demo: DemoSite, visitor: Visitor, tmp_path: Path) -> None:
    program = node_packages.install() / ".bin" / "html-validate"
    cookies = demo.cookies(visitor)
    with httpx.Client(base_url=demo.base_url, cookies=cookies, timeout=60) as client:
        for page in pages_of(demo, visitor, cookies):
            (tmp_path / f"{page.name}.html").write_text(client.get(page.path).text)
    # To a file, because the program ends before all of it has gone through a pipe.
    with (tmp_path / "found.json").open("w") as found:
        command = (program, "--config", ROOT / ".htmlvalidate.json", "--formatter", "json", tmp_path)
        checked = subprocess.run(command, stdout=found, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    assert checked.returncode in {0, 1}, checked.stderr
    wrong = {
        Path(result["filePath"]).stem: sorted({f"{one['ruleId']}: {one['message']}" for one in result["messages"]})
        for result in json.loads((tmp_path / "found.json").read_text())
        if result["messages"]
    }

    assert wrong == {}
