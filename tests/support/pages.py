"""What tests do in the pages of a real browser."""

from typing import Any

from playwright.sync_api import Page

from support.site_under_test import PASSWORD, Site
from twite_common import clock
from twite_common.services.identity import sessions
from twite_web import cookies


def log_in(page: Page, name: str, password: str = PASSWORD, *, at: str = "/login") -> None:
    """Log in with the form, and wait for the page to which that leads."""
    page.goto(at)
    page.get_by_label("Username or e-mail address").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    page.locator("body[data-member]").wait_for()


def note_what_breaks(page: Page, said: list[str]) -> None:
    """Have a page add to a list what its browser refuses or warns of, and its scripts' errors.

    Chromium reports a transition that it drops itself, because a page is left early, as an error of the page.
    """
    page.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: None if "Transition was" in str(error) else said.append(str(error)))


def session_cookie(site: Site, account_id: int) -> Any:
    """Return the cookie of a new session of an account, as a browser's context takes it."""
    with site.database.writing() as db:
        secret = sessions.start(
            db, site.settings, now=clock.now(), account_id=account_id, address="127.0.0.1", browser="test"
        )
    return {"name": cookies.session_name(site.settings), "value": secret, "url": site.base_url}
