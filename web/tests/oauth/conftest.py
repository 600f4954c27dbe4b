"""An application that asks to be let in, and what it does with what it is given."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from support.oauth_client import CALLBACK


@pytest.fixture
def register(api):
    def register(**fields):
        asked = {"client_name": "A bird app", "redirect_uris": CALLBACK, "scopes": "read write:statuses"} | fields
        return api().post("/api/v1/apps", json=asked).json()

    return register


@pytest.fixture
def app_(register):
    return register()


@pytest.fixture
def ask(logged_in, ann):
    """Open the consent page as Ann."""
    browser = logged_in(ann)

    def ask(app, **fields):
        asked = {
            "response_type": "code",
            "client_id": app["client_id"],
            "redirect_uri": CALLBACK,
            "scope": "read",
            "state": "xyz",
        }
        wanted = {name: value for name, value in (asked | fields).items() if value is not None}
        browser.open(f"/oauth/authorize?{urlencode(wanted)}")
        return browser

    return ask


@pytest.fixture
def allow(ask):
    """Let an application in and return the code that it gets."""

    def allow(app, decision="approve", **fields):
        browser = ask(app, **fields)
        form = browser.form("/oauth/authorize")
        sent = {one["name"]: one["value"] for one in form.find_all("input")} | {"decision": decision}
        location = browser.client.post("/oauth/authorize", data=sent).headers["location"]
        assert location.startswith(f"{CALLBACK}?")
        answer = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        assert answer.pop("state", "xyz") == "xyz"
        assert answer.pop("iss") == "http://twite.example/"
        return answer.get("code") or answer

    return allow


@pytest.fixture
def redeem(api):
    def redeem(app, given, **fields):
        sent = {
            "grant_type": "authorization_code",
            "code": given,
            "redirect_uri": CALLBACK,
            "client_id": app["client_id"],
            "client_secret": app["client_secret"],
        }
        wanted = {name: value for name, value in (sent | fields).items() if value is not None}
        return api().post("/oauth/token", data=wanted)

    return redeem


@pytest.fixture
def works(api):
    """Say whether a token lets its holder read."""

    def works(access_token, path="/api/v1/accounts/verify_credentials"):
        return api().get(path, headers={"Authorization": f"Bearer {access_token}"}).status_code == 200

    return works
