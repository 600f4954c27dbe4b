"""What journeys through the site have in common: the mixes in which they are gone, who goes them, and where."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from support import working
from support.pages import session_cookie
from support.scripts import visit
from support.site_under_test import Site
from twite_common import clock, translations
from twite_common.drafts import Draft
from twite_common.services.accounts import follows, profiles
from twite_common.services.accounts.profiles import ProfileChanges
from twite_common.services.posts import posts

DIRECTIONS = {"en": "ltr", "ar": "rtl"}
NUMBERS = count(1)
"""Make the names of accounts differ."""


@dataclass(frozen=True)
class Mix:
    """How somebody goes a journey."""

    language: str
    phone: bool
    script: bool

    @property
    def options(self) -> dict[str, Any]:
        """What makes a browser so."""
        screen: dict[str, Any] = (
            {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
            if self.phone
            else {"viewport": {"width": 1280, "height": 900}}
        )
        return {"locale": self.language, "java_script_enabled": self.script, **screen}

    def __str__(self) -> str:
        return f"{self.language}-{'phone' if self.phone else 'desktop'}-{'script' if self.script else 'plain'}"


def in_mixes(language: str, *, phone: bool, script: bool) -> Any:
    """Have a journey gone in a mix and in its opposite."""
    other = "en" if language == "ar" else "ar"
    mixes = [Mix(language, phone, script), Mix(other, not phone, not script)]
    return pytest.mark.parametrize("mix", mixes, ids=str)


class Person:
    """Somebody at a browser; texts are named in English, and looked for in the language that they read."""

    def __init__(self, site: Site, page: Page, mix: Mix, name: str) -> None:
        self.site = site
        self.page = page
        self.mix = mix
        self.language = mix.language
        self.name = name
        self.main = page.get_by_role("main")

    def say(self, text: str, **values: object) -> str:
        with translations.using(self.language):
            return translations.gettext(text, **values)

    def go(self, path: str) -> None:
        """Open a page, and see that it runs in the language's direction and is no wider than the screen."""
        visit(self.page, path, script=self.mix.script)
        self.check_page()

    def check_page(self) -> None:
        root = self.page.locator("html")
        expect(root).to_have_attribute("lang", self.language)
        expect(root).to_have_attribute("dir", DIRECTIONS[self.language])
        size = self.page.viewport_size
        assert size is not None
        assert self.page.evaluate("document.documentElement.scrollWidth") <= size["width"], self.page.url

    def field(self, label: str, **values: object) -> Locator:
        return self.main.get_by_label(self.say(label, **values), exact=True)

    def press(self, label: str, within: Locator | None = None, **values: object) -> None:
        (within or self.main).get_by_role("button", name=self.say(label, **values), exact=True).first.click()

    def follow_link(self, label: str, within: Locator | None = None, **values: object) -> None:
        (within or self.main).get_by_role("link", name=self.say(label, **values), exact=True).first.click()

    def sees(self, text: str, **values: object) -> None:
        expect(self.main).to_contain_text(self.say(text, **values))

    def post(self, name: str) -> Locator:
        return self.page.get_by_role("article", name=self.say("Post by %(name)s", name=name), exact=True).first

    def open_part(self, label: str) -> None:
        """Open a part of the form for posts: script has buttons for them."""
        if self.mix.script:
            self.press(label)
        else:
            self.main.locator("summary", has_text=self.say(label)).click()

    def compose(self, path: str = "/compose") -> None:
        self.go(path)
        if self.mix.script:
            # What script replaces goes once it has the form.
            expect(self.page.locator("[data-files]")).to_have_count(0)


class Town:
    """A site, the people on it, and what they wrote before."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.ids: dict[str, int] = {}

    def add(self, kind: str, **options: Any) -> str:
        name = f"{kind}{next(NUMBERS)}"
        self.ids[name] = self.site.make_account(name, **options)[0]
        return name

    def write(self, name: str, text: str, **values: Any) -> str:
        with self.site.database.writing() as db:
            draft = Draft(text=text, **values)
            settings = self.site.settings
            return str(posts.publish(db, settings, now=clock.now(), author_id=self.ids[name], draft=draft))

    def follow(self, name: str, other: str) -> None:
        with self.site.database.writing() as db:
            pair = {"follower_id": self.ids[name], "followee_id": self.ids[other]}
            follows.follow_account(db, now=clock.now(), **pair)

    def set_profile(self, name: str, **changes: Any) -> None:
        with self.site.database.writing() as db:
            profiles.change_profile(db, now=clock.now(), account_id=self.ids[name], changes=ProfileChanges(**changes))

    def work(self) -> None:
        """Do what a worker would do."""
        working.do_what_is_due(self.site)


@contextmanager
def browsers(chromium: Browser, town: Town) -> Iterator[Callable[..., Person]]:
    """Give what opens a browser of somebody's own, in which they are logged in if they have an account."""
    contexts: list[BrowserContext] = []

    def open_browser(mix: Mix, name: str = "") -> Person:
        made = chromium.new_context(base_url=town.site.base_url, reduced_motion="reduce", **mix.options)
        made.set_default_timeout(15_000)
        contexts.append(made)
        person = Person(town.site, made.new_page(), mix, name)
        if name:
            made.add_cookies([session_cookie(town.site, town.ids[name])])
        return person

    yield open_browser
    for made in contexts:
        made.close()
