"""Measure the pages that people see first with Lighthouse, on the demonstration's content: `make lighthouse`.

Beside the scores it measures when the text is there on a throttled phone: a processor four times slower, 1.6 Mbit/s and
150 ms. Both depend on how fast this machine is, which must have nothing else to do; so they are no part of `make test`.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from support import chromium, demo_site, node_packages, services
from support.demo_site import DemoSite, Visitor

BUILD = Path(__file__).resolve().parent.parent / "build"
REPORTS = BUILD / "lighthouse"
PAGES: tuple[tuple[Visitor, str], ...] = (
    ("stranger", "front"),
    ("stranger", "profile"),
    ("stranger", "post"),
    ("member", "home"),
)
MIN_SCORE = 95
MAX_PAINT_MS = 1000
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def main() -> int:
    """Measure each page and print what was found; return 1 when a score or a time misses its goal."""
    missing = services.prepare({"chromium", "npm", "ffmpeg"}, BUILD / "services.log")
    for name in ("chromium", "npm"):
        if name in missing:
            print(f"Lighthouse needs {services.BY_NAME[name].title}, but {missing[name]}.", file=sys.stderr)
            return 1
    program = node_packages.install() / ".bin" / "lighthouse"
    REPORTS.mkdir(parents=True, exist_ok=True)
    missed = False
    with (
        tempfile.TemporaryDirectory() as folder,
        demo_site.running(Path(folder), BUILD / "demo") as site,
        chromium.launched() as browser,
    ):
        for visitor, name in PAGES:
            cookies = site.cookies(visitor)
            [path] = [page.path for page in site.pages(visitor, cookies=cookies) if page.name == name]
            painted_ms = first_text(browser, site, path, cookies)
            scores = measured(program, site.base_url + path, cookies, REPORTS / f"{name}.json")
            print(
                f"{name}: text after {painted_ms:.0f} ms; "
                + ", ".join(f"{key} {value}" for key, value in scores.items())
            )
            missed = missed or painted_ms > MAX_PAINT_MS or min(scores.values()) < MIN_SCORE
    print(f"Goals: text within {MAX_PAINT_MS} ms, scores of {MIN_SCORE} or more. Reports are in build/lighthouse.")
    return 1 if missed else 0


def first_text(browser: Browser, site: DemoSite, path: str, cookies: dict[str, str]) -> float:
    """Return after how many milliseconds a throttled phone shows a page's first text."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, base_url=site.base_url)
    context.add_cookies(site.browser_cookies(cookies))
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto(path, wait_until="load")
    # It may still be painting when all of it has come.
    painted_ms: float = page.wait_for_function(PAINTED).json_value()
    context.close()
    return painted_ms


def measured(program: Path, address: str, cookies: dict[str, str], report: Path) -> dict[str, int]:
    """Return Lighthouse's scores of a page, of 100 each; what isn't for search engines has none for them."""
    categories = [name for name in CATEGORIES if name != "seo" or not cookies]
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())} if cookies else {}
    options = (
        f"--only-categories={','.join(categories)}",
        f"--extra-headers={json.dumps(headers)}",
        "--chrome-flags=--headless --no-sandbox",
        "--output=json",
        f"--output-path={report}",
        "--quiet",
    )
    environment = {**os.environ, "CHROME_PATH": chromium.program() or ""}
    subprocess.run((program, address, *options), check=True, env=environment)
    found = json.loads(report.read_text())["categories"]
    return {name: round((found[name]["score"] or 0) * 100) for name in categories}


if __name__ == "__main__":
    raise SystemExit(main())
