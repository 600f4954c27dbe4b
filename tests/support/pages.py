"""What tests do in the pages of a real browser."""

from playwright.sync_api import Page

from support.site_under_test import PASSWORD


def log_in(page: Page, name: str, password: str = PASSWORD, *, at: str = "/login") -> None:
    """Log in with the form, and wait for the page to which that leads."""
    page.goto(at)
    page.get_by_label("Username or e-mail address").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    page.locator("body[data-member]").wait_for()
