"""A program in a terminal is let in by somebody at a browser, both over HTTP as they are."""

import subprocess
import sys

import httpx
import pytest

from support import terminal_client
from support.browsing import Browser
from support.site_under_test import PASSWORD


@pytest.mark.parametrize(("button", "said", "code"), [("approve", "ann\n", 0), ("deny", "access_denied\n", 1)])
def test_a_terminal_is_let_in_by_its_code(running, button, said, code):
    running.make_account("ann")
    terminal = subprocess.Popen(
        [sys.executable, terminal_client.__file__, running.base_url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    page, user_code = terminal.stdout.readline().split()
    with httpx.Client(base_url=running.base_url, timeout=60) as client:
        browser = Browser(client)
        browser.open(page)
        browser.submit("/login", {"name": "ann", "password": PASSWORD})
        browser.submit("/device", {"user_code": user_code.lower()})
        form = browser.form("/device", "decision")
        sent = {field["name"]: field["value"] for field in form.find_all("input")} | {"decision": button}
        assert "Connect A terminal?" in browser.text
        assert client.post("/device", data=sent).status_code == 303
    printed, complained = terminal.communicate(timeout=60)

    assert (printed + complained, terminal.returncode) == (said, code)
