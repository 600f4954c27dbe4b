"""What a site's people and operators do, while every secret that they get to know is taken note of."""

import re
import subprocess
import sys
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import httpx

from secret_leaks.search import Secrets, as_read, place
from support.browsing import Browser
from support.site_under_test import Site, wait_for

COOKIES = {"twite": "session cookie", "twite-form": "form cookie", "twite-pending-login": "pending log-in"}


class Story:
    """A site, those who use it, and what they know."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.secrets = Secrets()
        self.passwords: dict[str, str] = {}
        self.token = ""
        self.recovery_codes: list[str] = []
        self._clients: list[httpx.Client] = []
        self._read: set[Path] = set()
        self._commands = 0
        self.ann, self.bob, self.stranger = self.browser(), self.browser(), self.browser()

    def browser(self) -> Browser:
        """Open a browser; every cookie and form token that it gets is a secret."""
        client = httpx.Client(base_url=self.site.base_url, timeout=30, event_hooks={"response": [self._note]})
        self._clients.append(client)
        return Browser(client)

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def command(self, *arguments: str, typed: str = "") -> tuple[int, str, str]:
        """Run a command as an operator; return its exit code, what it printed, and where that is kept."""
        self._commands += 1
        return command(self.site, f"command-{self._commands}.log", *arguments, typed=typed)

    def log_in(self, browser: Browser, name: str, password: str) -> httpx.Response:
        browser.open("/login")
        return browser.submit("/login", {"name": name, "password": password})

    def link(self, kind: str, path: str) -> str:
        """Wait for the mail that has such a link, and return the link's path; the link is that mail's alone."""
        pattern = re.compile(rf"{re.escape(self.site.base_url)}(/{path}/([\w.-]+))")

        def look() -> Any:
            for file in self.site.folder.glob("data/mail/*.eml"):
                found = pattern.search(as_read(file.read_bytes()).decode())
                if file not in self._read and found:
                    self._read.add(file)
                    return file, found
            return None

        file, found = wait_for(look, self.site.printed)
        # What comes before the signature is the number of a row.
        self.secrets.add(kind, found[2].rpartition(".")[2], place(self.site, file))
        return str(found[1])

    def _note(self, response: httpx.Response) -> None:
        response.read()
        for header in response.headers.get_list("set-cookie"):
            for name, cookie in SimpleCookie(header).items():
                if cookie.value and name in COOKIES:
                    # What comes before the signature, where there is one, is the number of a row.
                    self.secrets.add(COOKIES[name], cookie.value.rpartition(".")[2])
        for found in re.findall(r'name="form_token" value="([^"]+)"', response.text):
            self.secrets.add("form token", found)


def command(site: Site, output: str, *arguments: str, typed: str = "", **settings: str) -> tuple[int, str, str]:
    environment = site.environment | {f"TWITE_{name.upper()}": value for name, value in settings.items()}
    with (site.folder / output).open("wb") as file:
        done = subprocess.run(
            [sys.executable, "-m", "twite", *arguments],
            input=typed.encode(),
            stdout=file,
            stderr=subprocess.STDOUT,
            env=environment,
            timeout=60,
        )
    return done.returncode, (site.folder / output).read_text(), output
