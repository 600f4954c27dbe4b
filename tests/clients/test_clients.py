"""Clients that others wrote, against a running site."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session
from mastodon import Mastodon

from support.browsing import Browser
from support.site_under_test import PASSWORD, Site

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
ELSEWHERE = "http://client.example/callback"


@pytest.fixture
def browser(running: Site) -> Iterator[Browser]:
    with httpx.Client(base_url=running.base_url, timeout=60) as client:
        yield Browser(client)


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


def log_in(browser: Browser) -> None:
    browser.open("/login")
    browser.submit("/login", {"name": "ann", "password": PASSWORD})


def allow(browser: Browser, address: str) -> str:
    """Let an application in, through the real pages, and return where that leads, or the code that is shown."""
    browser.open(address)
    form = browser.form("/oauth/authorize")
    fields = {str(field["name"]): str(field["value"]) for field in form.find_all("input")} | {"decision": "approve"}
    location = browser.client.post("/oauth/authorize", data=fields).headers["location"]
    if location.startswith("/oauth/authorize/native"):
        browser.open(location)
        return browser.page.find("code").text
    return location


def test_mastodon_py_does_what_its_users_do(running: Site, browser: Browser, session: requests.Session):
    running.make_account("ann")
    bob_id, _ = running.make_account("bob")
    client_id, client_secret = Mastodon.create_app("A bot", api_base_url=running.base_url, session=session)
    api = Mastodon(client_id, client_secret, api_base_url=running.base_url, session=session)
    log_in(browser)
    code = allow(
        browser, api.auth_request_url(redirect_uris=OUT_OF_BAND, scopes=["read", "write", "follow"], allow_http=True)
    )
    api.log_in(code=code, redirect_uri=OUT_OF_BAND, scopes=["read", "write", "follow"], allow_http=True)

    assert api.me().username == "ann"
    post = api.status_post("Hello #world", visibility="unlisted", spoiler_text="hi")
    assert (post.visibility, post.spoiler_text, post.tags[0].name) == ("unlisted", "hi", "world")
    reply = api.status_reply(post, "And more")
    assert api.status_context(post.id).descendants[0].id == reply.id
    assert api.account_follow(bob_id).following
    assert [account.username for account in api.account_following(api.me().id)] == ["bob"]
    assert [status.id for status in api.timeline_home()] == [reply.id, post.id]
    assert api.status_favourite(post.id).favourited
    assert api.status_reblog(post.id).reblog.id == post.id
    assert api.status_bookmark(post.id).bookmarked
    assert [status.id for status in api.favourites()] == [status.id for status in api.bookmarks()] == [post.id]
    edited = api.status_update(post.id, "Hello again", spoiler_text="hi")
    assert edited.edited_at
    assert len(api.status_history(post.id)) == 2
    api.status_delete(reply.id)
    assert api.status_context(post.id).descendants == []
    assert api.account_update_credentials(display_name="Ann of old", note="Hello").display_name == "Ann of old"
    assert api.search("bob").accounts[0].username == "bob"
    assert api.notifications() == []
    assert api.instance_v1().uri == running.settings.domain
    api.revoke_access_token(allow_http=True)


def test_toot_logs_in_posts_replies_follows_reads_and_deletes(running: Site, browser: Browser, tmp_path: Path):
    running.make_account("ann")
    running.make_account("bob")
    log_in(browser)

    def toot(*command: str, typed: str = "") -> str:
        environment = {
            **os.environ,
            "TOOT_CONFIG_DIR": str(tmp_path / "toot"),
            "XDG_CONFIG_HOME": str(tmp_path),
            "BROWSER": "true",
        }
        done = subprocess.run(
            [str(Path(sys.executable).with_name("toot")), "--no-color", *command],
            input=typed,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    log_in_by_copying_the_code(browser, running, tmp_path)
    assert "ann" in toot("whoami")
    posted = toot("post", "Hello from toot")
    post_id = re.search(r"/@ann/(\d+)", posted)[1]
    toot("post", "--reply-to", post_id, "And an answer")
    assert "bob" in toot("follow", "bob")
    assert "Hello from toot" in toot("timelines", "home")
    assert "And an answer" in toot("thread", post_id)
    assert "bob" in toot("search", "bob")
    toot("favourite", post_id)
    toot("reblog", post_id)
    assert "Hello from toot" in toot("status", post_id)
    toot("delete", post_id)
    assert "Hello from toot" not in toot("timelines", "home")


def log_in_by_copying_the_code(browser: Browser, running: Site, tmp_path: Path) -> None:
    """Run `toot login_cli`'s other way: open the address that it prints, and type the code that the page shows."""
    environment = {
        **os.environ,
        "TOOT_CONFIG_DIR": str(tmp_path / "toot"),
        "XDG_CONFIG_HOME": str(tmp_path),
        "BROWSER": "true",
    }
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("toot")), "--no-color", "login", "-i", running.base_url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        text=True,
    )
    seen = ""
    while not (found := re.search(r"(http\S+/oauth/authorize\S+)\s", seen)):
        line = process.stdout.readline()
        assert line, seen
        seen += line
    rest, _ = process.communicate(f"n\n{allow(browser, found[1])}\n", timeout=60)
    assert process.returncode == 0, seen + rest


@pytest.mark.parametrize("secret", [True, False], ids=["with its secret", "bound by PKCE alone"])
def test_authlibs_client_runs_the_code_flow_with_pkce(running: Site, browser: Browser, monkeypatch, secret):
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    running.make_account("ann")
    app = browser.client.post(
        "/api/v1/apps",
        json={"client_name": "Web", "redirect_uris": ELSEWHERE, "scopes": "read write offline_access"},
    ).json()
    client = OAuth2Session(
        app["client_id"],
        app["client_secret"] if secret else None,
        redirect_uri=ELSEWHERE,
        scope="read offline_access",
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_post" if secret else "none",
    )
    verifier = "a" * 64
    address, state = client.create_authorization_url(f"{running.base_url}/oauth/authorize", code_verifier=verifier)
    browser.open(address)
    sent_to_log_in = browser.path
    browser.submit("/login", {"name": "ann", "password": PASSWORD})
    landed = allow(browser, str(browser.response.url))
    token = client.fetch_token(
        f"{running.base_url}/oauth/token", authorization_response=landed, state=state, code_verifier=verifier
    )

    assert sent_to_log_in == "/login"
    assert landed.startswith(f"{ELSEWHERE}?")
    assert parse_qs(urlsplit(landed).query)["state"] == [state]
    assert token["expires_in"] == 7200
    verify = f"{running.base_url}/api/v1/accounts/verify_credentials"
    assert client.get(verify).json()["username"] == "ann"
    first = token["refresh_token"]
    renewed = client.refresh_token(f"{running.base_url}/oauth/token", refresh_token=first)
    assert renewed["refresh_token"] != first
    assert client.get(verify).status_code == 200
    client.close()
