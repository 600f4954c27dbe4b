"""Take a picture of every page, on the demonstration's content, into build/screens: `make screens`.

Each page is shown as a stranger, a member and an administrator see it, on a phone and a desktop, light and dark.
`index.html` beside the pictures shows them all.
"""

import argparse
import html
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Collection
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, ViewportSize

from support import chromium, demo_site, services
from support.demo_site import DemoSite, PageOfSite, Visitor

BUILD = Path(__file__).resolve().parent.parent / "build"
SCREENS = BUILD / "screens"
SIZES: dict[str, ViewportSize] = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1440, "height": 900}}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
VISITORS: tuple[Visitor, ...] = ("stranger", "member", "admin")


def main(arguments: list[str]) -> int:
    """Fill a site, take the pictures, write the index; return the exit status."""
    parser = argparse.ArgumentParser(prog="make screens", description=__doc__)
    parser.add_argument("--only", type=lambda text: text.split(","), help="names of pages, such as home,profile")
    parser.add_argument("--as", dest="visitors", type=lambda text: text.split(","), default=VISITORS)
    parser.add_argument("--language", default="en-GB", help="the browser's language")
    parser.add_argument("--whole", action="store_true", help="whole pages, not just what the window shows")
    options = parser.parse_args(arguments)
    missing = services.prepare({"chromium", "ffmpeg"}, BUILD / "services.log")
    if "chromium" in missing:
        print(f"Pictures of pages need Chromium, but {missing['chromium']}.", file=sys.stderr)
        return 1
    shutil.rmtree(SCREENS, ignore_errors=True)
    SCREENS.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder, demo_site.running(Path(folder), BUILD / "demo") as site:
        taken = take_all(site, options)
    (SCREENS / "index.html").write_text(index(taken))
    print(f"{sum(map(len, taken.values()))} pictures in {SCREENS.relative_to(BUILD.parent)}, shown by index.html there")
    return 0 if taken else 1


def take_all(site: DemoSite, options: argparse.Namespace) -> dict[PageOfSite, list[str]]:
    """Take the pictures and return their names by page."""
    taken: dict[PageOfSite, list[str]] = defaultdict(list)
    with chromium.launched() as browser:
        for visitor in options.visitors:
            cookies = site.cookies(visitor)
            pages = wanted(site.pages(visitor, cookies=cookies), options.only, taken)
            for size in SIZES:
                for scheme in SCHEMES:
                    take(browser, site, pages, cookies, size, scheme, options, taken)
            print(f"{visitor}: {len(pages)} pages", flush=True)
    return taken


def wanted(
    pages: Collection[PageOfSite], only: Collection[str] | None, taken: Collection[PageOfSite]
) -> list[PageOfSite]:
    """Return the pages to show: the named ones or, without names, all; an administrator's are those of staff alone."""
    if only:
        return [page for page in pages if page.name in only]
    seen = {page.name for page in taken if page.visitor == "member"}
    return [page for page in pages if page.visitor != "admin" or page.name not in seen or page.name == "home"]


def take(
    browser: Browser,
    site: DemoSite,
    pages: Collection[PageOfSite],
    cookies: dict[str, str],
    size: str,
    scheme: Literal["light", "dark"],
    options: argparse.Namespace,
    taken: dict[PageOfSite, list[str]],
) -> None:
    """Take a picture of each page in a window of one size and scheme."""
    context = browser.new_context(
        base_url=site.base_url,
        viewport=SIZES[size],
        color_scheme=scheme,
        locale=options.language,
        device_scale_factor=2 if size == "phone" else 1,
        has_touch=size == "phone",
        reduced_motion="reduce",
    )
    context.add_cookies(site.browser_cookies(cookies))
    window = context.new_page()
    for page in pages:
        name = f"{page.visitor}-{page.name}-{size}-{scheme}.png"
        window.goto(page.path, wait_until="load")
        window.evaluate("document.fonts.ready")
        window.screenshot(path=SCREENS / name, full_page=options.whole, animations="disabled")
        taken[page].append(name)
    context.close()


def index(taken: dict[PageOfSite, list[str]]) -> str:
    """Return a page that shows all pictures, those of a page beside each other."""
    rows = [
        f"<h2>{html.escape(f'{page.name} ({page.visitor})')}</h2>\n<p>"
        + "\n".join(f'<a href="{name}"><img loading="lazy" src="{name}" alt="{name}"></a>' for name in names)
        + "</p>"
        for page, names in taken.items()
    ]
    style = "body{font:16px system-ui}p{display:flex;gap:1rem;overflow:auto}img{height:420px;border:1px solid #999}"
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Screens</title><style>{style}</style>'
    return "\n".join([head, "<h1>Screens</h1>", *rows])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
