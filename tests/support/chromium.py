"""Chromium for tests: its headless shell, which has no windows of its own to draw and takes half the time."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from support import services


def program(service: str = "chromium") -> str | None:
    """Return where the program is, if it is there; that of the service "whole-chromium" has windows, too."""
    return shutil.which(services.BY_NAME[service].program)


@contextmanager
def launched(service: str = "chromium") -> Iterator[Browser]:
    """Start a browser, and end it afterwards."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(service), args=["--no-sandbox"])
        yield browser
        browser.close()
