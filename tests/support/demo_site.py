"""A running site with the demonstration's content, and the addresses of all its pages.

Filling a site takes a while, so it is done once; whoever else wants one gets a copy of its data.
"""

import fcntl
import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx
from litestar import Litestar
from litestar.routes import HTTPRoute
from sqlalchemy import func, select

from support import browsing
from support.site_under_test import Site
from twite import demo
from twite_common import clock, migrations, tables
from twite_common.queries.accounts import credentials
from twite_common.queries.paging import Page as Part
from twite_common.queries.posts import bookmark_folders, drafts
from twite_common.queries.timelines import timelines
from twite_common.secret import sealer
from twite_common.services.identity import webhooks
from twite_common.services.notifications import webhooks as deliveries
from twite_web.site.routes import router

Visitor = Literal["stranger", "member", "admin"]

LOGINS: dict[Visitor, str] = {"member": "wheels", "admin": "mira"}
"""Who looks: somebody who rides a bicycle, and was warned once; somebody who looks after the site."""
NAMES = {
    "/{handle}": "profile",
    "/{handle}/{post_id}": "post",
    "/tags/{name}": "tag",
}
"""What pages are called whose address doesn't say it well."""
NO_PAGES = re.compile(
    r"\.(csv|atom|rss|json|xml|txt|ico|png|js|webmanifest)$|\{file\}|\{file_path\}|^/(media|static|users|\.well-known)/"
    r"|\{token\}|\{media_id\}|\{archive_id\}|\{import_id\}|^/compose/(completions|emojis)|^/oauth|^/confirm-email|^/disputes"
)
"""Addresses of files, of redirects, and of what needs a link that was sent by mail."""


@dataclass(frozen=True)
class PageOfSite:
    """A page as a visitor sees it; `name` is the same on every site."""

    name: str
    path: str
    visitor: Visitor


class DemoSite:
    """A site that runs, with the demonstration's people and the password that they all have."""

    def __init__(self, site: Site, password: str) -> None:
        self.site = site
        self.password = password
        self.base_url = site.base_url

    def cookies(self, visitor: Visitor) -> dict[str, str]:
        """Log in as a visitor and return the cookies of that browser; a stranger has none."""
        if visitor == "stranger":
            return {}
        with httpx.Client(base_url=self.base_url, timeout=60) as client:
            browser = browsing.Browser(client)
            browser.open("/login")
            browser.submit("/login", {"name": LOGINS[visitor], "password": self.password})
            assert browser.path == "/", browser.text
            return dict(client.cookies)

    def browser_cookies(self, cookies: dict[str, str]) -> list[Any]:
        """Return cookies as Playwright's browsers take them."""
        host = urlsplit(self.base_url).hostname or ""
        return [{"name": name, "value": value, "domain": host, "path": "/"} for name, value in cookies.items()]

    def pages(self, visitor: Visitor, *, cookies: dict[str, str]) -> list[PageOfSite]:
        """Return all pages that a visitor can open: by the router's addresses, with something of the demonstration.

        An address that names something new is a failure: `_values` says what stands for it.
        """
        found = []
        with httpx.Client(base_url=self.base_url, cookies=cookies, timeout=60) as client:
            for pattern in addresses():
                path = self._filled(pattern, visitor)
                response = client.get(path)
                if response.status_code == 200 and response.headers["Content-Type"].startswith("text/html"):
                    found.append(PageOfSite(name_of(pattern, visitor), path, visitor))
                else:
                    # What isn't there for these visitors leads elsewhere or is refused; nothing may fail.
                    assert response.status_code < 500, f"{path} failed for a {visitor}"
        return found

    def _filled(self, pattern: str, visitor: Visitor) -> str:
        values = self._values(visitor, pattern)

        def value(named: re.Match[str]) -> str:
            assert named[1] in values, f"{pattern} names {named[1]}: say in {Path(__file__).name} what stands for it"
            return str(values[named[1]]())

        return re.sub(r"\{(\w+)\}", value, pattern)

    def _values(self, visitor: Visitor, pattern: str) -> dict[str, Callable[[], object]]:
        """Return, by the name of a parameter in an address, what stands for it; a post beside a name is that one's."""
        return {
            "handle": lambda: "@amal",
            "name": lambda: "Wrenford",
            "account_id": lambda: self._account("harbour_bakery"),
            "post_id": lambda: (
                self._pinned("amal") if "{handle}" in pattern or visitor == "stranger" else self._post(LOGINS[visitor])
            ),
            "text_name": lambda: "about",
            "conversation_id": lambda: self._conversation(LOGINS.get(visitor, "")),
            "folder_id": lambda: self._folder(LOGINS.get(visitor, "")),
            "draft_id": lambda: self._draft(LOGINS.get(visitor, "")),
            "year": lambda: clock.as_date(clock.now()).year,
            "announcement_id": lambda: self._latest("announcement"),
            "report_id": lambda: self._latest("report"),
            "content_rule_id": lambda: self._latest("content_rule"),
            "domain_list_id": lambda: self._latest("domain_list"),
            "rule_id": lambda: self._latest("rule"),
            "list_id": lambda: self._latest("list_"),
            "filter_id": lambda: self._latest("filter_"),
            "mail_id": lambda: self._latest("mail"),
            "webhook_id": lambda: self._webhook(LOGINS.get(visitor, "")),
            # Nobody of the demonstration has one: they are made by browsers.
            "passkey_id": lambda: 0,
            "preset_id": lambda: self._latest("warning_preset"),
            "strike_id": lambda: self._latest("account_warning"),
        }

    def _account(self, name: str) -> int:
        with self.site.database.reading() as db:
            found = credentials.by_login(db, name)
        assert found is not None
        return found.account_id

    def _pinned(self, name: str) -> int:
        with self.site.database.reading() as db:
            return timelines.pinned(db, self._account(name), Part(limit=1), viewer_id=None)[0].post_id

    def _post(self, name: str) -> int:
        account_id = self._account(name)
        with self.site.database.reading() as db:
            own = timelines.of_account(
                db, account_id, Part(limit=1), viewer_id=account_id, exclude_replies=True, exclude_boosts=True
            )
        return own[0].post_id

    def _conversation(self, name: str) -> int:
        """Return the latest conversation of somebody; 0 for a stranger, or where there is none."""
        own = tables.conversation.c.account_id == (self._account(name) if name else 0)
        with self.site.database.reading() as db:
            return db.scalars(select(func.max(tables.conversation.c.id)).where(own)).one() or 0

    def _folder(self, name: str) -> int:
        """Return the first folder of somebody's bookmarks; 0 for a stranger."""
        if not name:
            return 0
        with self.site.database.reading() as db:
            return bookmark_folders.of_account(db, self._account(name))[0].id

    def _draft(self, name: str) -> int:
        """Return the latest draft of somebody; 0 for a stranger."""
        if not name:
            return 0
        with self.site.database.reading() as db:
            return drafts.of_account(db, self._account(name), Part(limit=1))[0].id

    def _webhook(self, name: str) -> int:
        """Return a webhook of somebody, made now: one of the demonstration's would call somebody. 0 for a stranger."""
        if not name:
            return 0
        own: dict[str, Any] = {"account_id": self._account(name)}
        wanted: dict[str, Any] = {"url": "https://hooks.invalid/twite", "events": ["mention", "follow"]}
        with self.site.database.writing() as db:
            settings = self.site.settings
            made = webhooks.add(db, settings, sealer(settings), now=clock.now(), **own, **wanted)
            deliveries.test(db, now=clock.now(), webhook_id=made.id, **own)
        return made.id

    def _latest(self, table: str) -> int:
        with self.site.database.reading() as db:
            latest: int = db.scalars(select(func.max(getattr(tables, table).c.id))).one()
        return latest


def addresses() -> list[str]:
    """Return the address of every page of the website, with the names of parameters in braces."""
    site = Litestar([router], openapi_config=None, logging_config=None)
    paths = {route.path_format for route in site.routes if isinstance(route, HTTPRoute) and "GET" in route.methods}
    return sorted(path for path in paths if not NO_PAGES.search(path))


def name_of(pattern: str, visitor: Visitor) -> str:
    """Return what a page is called, such as "settings-profile"."""
    if pattern == "/":
        return "front" if visitor == "stranger" else "home"
    if pattern in NAMES:
        return NAMES[pattern]
    return re.sub(r"[{}]", "", pattern.replace("/{handle}/{post_id}", "/post").replace("/{handle}", "/profile"))[
        1:
    ].replace("/", "-")


@contextmanager
def running(folder: Path, kept: Path) -> Iterator[DemoSite]:
    """Give a site in a folder, filled like the one whose data is kept in another folder, where it is filled if need be.

    Several processes may share what is kept, for as long as the demonstration is the same and a day goes by.
    """
    kept = kept / _edition()
    kept.mkdir(parents=True, exist_ok=True)
    with (kept / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (kept / "password").exists():
            _fill(kept)
    password = (kept / "password").read_text()
    shutil.copytree(kept / "site", folder / "site")
    site = _site(folder / "site")
    try:
        site.start("web")
        yield DemoSite(site, password)
    finally:
        site.stop()


def _edition() -> str:
    """Return what changes with what the demonstration writes."""
    sources = b"".join(file.read_bytes() for file in sorted(Path(demo.__file__).parent.glob("*.py")))
    return f"{datetime.now(UTC):%F}-{migrations.head()}-{hashlib.sha256(sources).hexdigest()[:12]}"


def _site(folder: Path) -> Site:
    return Site(folder, f"sqlite:///{folder / 'data' / 'twite.sqlite'}", site_name="Wrenford")


def _fill(kept: Path) -> None:
    folder = kept / "site"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    site = _site(folder)
    migrations.upgrade(site.settings.database_url)
    filled = subprocess.run(
        (sys.executable, "-m", "twite", "demo"), env=site.environment, capture_output=True, text=True, check=False
    )
    site.stop()
    assert filled.returncode == 0, filled.stdout + filled.stderr
    (kept / "password").write_text(filled.stdout.rpartition(": ")[2].strip())
