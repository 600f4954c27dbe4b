"""How much a browser loads before the first page is there, and that nothing moves while it comes."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import brotli
import pytest
from playwright.sync_api import Browser, CDPSession, Page

from support import demo_site
from support.demo_site import DemoSite, Visitor
from twite_web.core import STATIC

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.usefixtures("integration")]

ROOT = Path(__file__).parents[2]
MAX_SCRIPT_BYTES = 40_000
MAX_FIRST_LOAD_BYTES = 60_000
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
"""A phone's network: 150 ms, and 1.6 Mbit/s."""
PAGES: list[tuple[Visitor, str]] = [
    ("stranger", "front"),
    ("stranger", "profile"),
    ("stranger", "post"),
    ("member", "home"),
]
NOTE_SHIFTS = """
window.shifted = [];
new PerformanceObserver((list) => {
  for (const shift of list.getEntries()) {
    for (const { node, previousRect, currentRect } of shift.sources) {
      const element = node?.nodeType === Node.TEXT_NODE ? node.parentElement : node;
      const moved = `from ${previousRect.x},${previousRect.y} to ${currentRect.x},${currentRect.y}`;
      // What moves inside the browser's own controls of a video has no element of ours.
      if (element) window.shifted.push(`${element.outerHTML.slice(0, 120)} ${moved}`);
    }
  }
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoSite]:
    with demo_site.running(tmp_path_factory.mktemp("demo"), ROOT / "build" / "demo") as site:
        yield site


@pytest.fixture
def phone(demo: DemoSite, chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(base_url=demo.base_url, viewport={"width": 390, "height": 844})
    context.add_init_script(NOTE_SHIFTS)
    yield context.new_page()
    context.close()


def test_all_scripts_together_are_small() -> None:
    scripts = sorted((STATIC / "scripts").rglob("*.js"))
    compressed_bytes = {script.name: len(brotli.compress(script.read_bytes())) for script in scripts}

    assert sum(compressed_bytes.values()) < MAX_SCRIPT_BYTES, compressed_bytes


def test_the_first_page_is_small_without_its_pictures(phone: Page) -> None:
    network = watched(phone)
    loaded: dict[str, float] = {}
    kinds: dict[str, tuple[str, str]] = {}
    network.on(
        "Network.responseReceived",
        lambda event: kinds.update({event["requestId"]: (event["type"], event["response"]["url"])}),
    )
    network.on(
        "Network.loadingFinished",
        lambda event: loaded.update({event["requestId"]: event["encodedDataLength"]}),
    )
    phone.goto("/", wait_until="networkidle")
    bytes_by_file = {
        urlsplit(address).path: loaded.get(request, 0)
        for request, (kind, address) in kinds.items()
        if kind not in {"Image", "Media"}
    }

    assert "/" in bytes_by_file
    assert sum(bytes_by_file.values()) < MAX_FIRST_LOAD_BYTES, bytes_by_file


@pytest.mark.parametrize(("visitor", "name"), PAGES)
def test_nothing_moves_while_a_page_comes(demo: DemoSite, phone: Page, visitor: Visitor, name: str) -> None:
    cookies = demo.cookies(visitor)
    phone.context.add_cookies(demo.browser_cookies(cookies))
    [path] = [page.path for page in demo.pages(visitor, cookies=cookies) if page.name == name]
    network = watched(phone)
    network.send("Network.emulateNetworkConditions", SLOW)
    # How long it takes on a busy machine isn't asked.
    phone.goto(path, wait_until="load", timeout=120_000)
    phone.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")

    assert phone.evaluate("window.shifted") == []


def watched(page: Page) -> CDPSession:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    return session
