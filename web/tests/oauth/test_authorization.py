"""OAuth from the consent page to the token, and everything that somebody might try on the way."""

import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from sqlalchemy import update

from twite_common.tables import grant, token
from twite_web.oauth import consent_texts, scopes

CALLBACK = "https://app.example/callback"
OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


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


def test_the_page_says_in_groups_what_the_application_may_do(register, ask):
    wanted = "read:statuses write:media push admin:read:accounts"
    page = ask(register(scopes=wanted, website="https://app.example"), scope=wanted).page
    shown = {
        section.h2.get_text(strip=True): [item.text for item in section.select("li")]
        for section in page.select(".permissions")
    }

    assert shown == {
        "What it can read": ["Read the posts that you can read"],
        "What it can do": ["Upload pictures, videos and sound as you"],
        "What it can do as staff": ["Read all accounts, with their e-mail addresses"],
        "Besides": ["Send you notifications"],
    }


@pytest.mark.parametrize("scope", sorted(scopes.ALL))
def test_every_scope_is_said_in_words(scope):
    [group] = consent_texts.permissions(scope)

    assert group.sentences == consent_texts.sentences(scope)


def test_who_is_logged_in_as_somebody_else_comes_back_as_another(app_, ask):
    browser = ask(app_)
    asked = str(browser.response.url).partition("twite.example")[2]
    assert "@ann" in browser.page.select_one(".gate-account").text
    browser.submit("/logout")

    assert browser.path == "/login"
    assert "You are logged out." in browser.text
    assert browser.value("next") == asked


def test_a_code_becomes_a_token_that_lasts(app_, allow, redeem, works):
    made = redeem(app_, allow(app_)).json()

    assert made.keys() == {"access_token", "token_type", "scope", "created_at"}
    assert (made["token_type"], made["scope"]) == ("Bearer", "read")
    assert works(made["access_token"])


@pytest.mark.parametrize("sent_as", ["body", "header"])
def test_an_application_authenticates_in_the_body_or_the_header(api, app_, allow, redeem, sent_as):
    code = allow(app_)
    if sent_as == "body":
        response = redeem(app_, code)
    else:
        sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        response = api().post("/oauth/token", data=sent, auth=(app_["client_id"], app_["client_secret"]))

    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"


def test_an_application_without_a_secret_proves_itself_with_pkce(app_, allow, redeem):
    assert redeem(app_, allow(app_, **PKCE), client_secret=None, code_verifier=VERIFIER).status_code == 200
    assert redeem(app_, allow(app_, **PKCE), client_secret=None, code_verifier="w" * 43).status_code == 400
    assert redeem(app_, allow(app_, **PKCE), client_secret=None).status_code == 400
    assert redeem(app_, allow(app_), client_secret=None).status_code in {400, 401}


def test_with_a_challenge_the_secret_is_not_enough(app_, allow, redeem):
    assert redeem(app_, allow(app_, **PKCE), code_verifier="w" * 43).status_code == 400
    assert redeem(app_, allow(app_, **PKCE)).status_code == 400


def test_a_code_that_is_used_again_ends_the_token_that_it_gave(app_, allow, redeem, works):
    code = allow(app_)
    first = redeem(app_, code).json()
    again = redeem(app_, code)

    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert not works(first["access_token"])


def test_of_two_who_use_a_code_at_the_same_moment_none_is_left_with_a_token(app_, allow, redeem, works):
    code = allow(app_)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: redeem(app_, code), range(4)))
    given = [answer.json()["access_token"] for answer in answers if answer.status_code == 200]

    assert len(given) == 1
    assert not works(given[0])


def test_a_code_is_good_for_a_short_time_only(database, app_, allow, redeem):
    code = allow(app_)
    with database.writing() as db:
        db.execute(update(grant).values(expires_at=1))

    assert redeem(app_, code).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "fields",
    [
        {"code": "forged"},
        {"code": ""},
        {"code": "\0"},
        {"redirect_uri": "https://app.example/callback/"},
        {"redirect_uri": "https://elsewhere.example/"},
        {"client_secret": "wrong"},
        {"client_id": "wrong"},
        {"client_id": None},
        {"grant_type": "password"},
        {"grant_type": None},
    ],
    ids=str,
)
def test_a_code_is_good_for_nothing_but_what_it_was_given_for(app_, allow, redeem, fields):
    response = redeem(app_, allow(app_), **fields)

    assert response.status_code in {400, 401}
    assert response.json()["error"]
    assert "access_token" not in response.json()


def test_another_application_can_not_use_the_code(register, app_, allow, redeem):
    assert redeem(register(), allow(app_)).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "https://app.example/callback?more=1",
        "https://app.example/callback/..",
        "https://APP.example/callback",
        "https://app.example.evil.example/callback",
        "http://app.example/callback",
        "javascript:alert(1)",
        "//evil.example",
        "\0",
    ],
)
def test_an_address_that_was_not_registered_is_answered_here_and_never_there(app_, ask, redirect_uri):
    browser = ask(app_, redirect_uri=redirect_uri)

    assert browser.response.status_code == 400
    assert "location" not in browser.response.headers
    assert "/oauth/authorize" not in browser.actions()


@pytest.mark.parametrize(
    "fields",
    [
        {"client_id": "unknown"},
        {"client_id": None},
        {"response_type": "token"},
        {"response_type": None},
        {"scope": "read write"},
        {"scope": "admin:read"},
        {"scope": "everything"},
        {"code_challenge": CHALLENGE, "code_challenge_method": "plain"},
        {"code_challenge": CHALLENGE},
        {"code_challenge": "short", "code_challenge_method": "S256"},
    ],
    ids=str,
)
def test_what_can_not_be_asked_for_is_explained_on_a_page(app_, ask, fields):
    browser = ask(app_, **fields)

    assert browser.response.status_code == 400
    assert "/oauth/authorize" not in browser.actions()


def test_a_forged_consent_form_is_checked_like_the_page(logged_in, ann, app_):
    browser = logged_in(ann)
    browser.open("/settings")
    sent = {
        "form_token": browser.value("form_token"),
        "response_type": "code",
        "client_id": app_["client_id"],
        "redirect_uri": "https://evil.example/",
        "decision": "approve",
    }
    response = browser.client.post("/oauth/authorize", data=sent)
    without_token = browser.client.post("/oauth/authorize", data=sent | {"form_token": "", "redirect_uri": CALLBACK})

    assert (response.status_code, without_token.status_code) == (400, 403)


def test_who_says_no_sends_the_application_away_without_a_code(app_, allow):
    assert allow(app_, decision="deny")["error"] == "access_denied"


def test_a_code_can_be_shown_to_be_copied(register, ask, redeem):
    app = register(redirect_uris=OUT_OF_BAND)
    browser = ask(app, redirect_uri=OUT_OF_BAND)
    form = browser.form("/oauth/authorize")
    sent = {one["name"]: one["value"] for one in form.find_all("input")} | {"decision": "approve"}
    browser.open(browser.client.post("/oauth/authorize", data=sent).headers["location"])

    assert redeem(app, browser.page.find("code").text, redirect_uri=OUT_OF_BAND).status_code == 200


@pytest.mark.faults
@pytest.mark.parametrize(
    ("redirect_uri", "said"),
    [
        (CALLBACK, "You will then go to the website app.example."),
        ("https://twite.example@evil.example:8443/twite.example", "You will then go to the website evil.example."),
        ("https://\u0430pp.example/", "You will then go to the website xn--pp-6kc.example."),
        ("http://app.example/", "You will then go to the website app.example, over a connection that others can read."),
        ("http://127.0.0.1:4567/", "You will then go to a program on your own device (127.0.0.1)."),
        ("http://[::1]:4567/", "You will then go to a program on your own device (::1)."),
        ("http://localhost:4567/", "You will then go to a program on your own device (localhost)."),
        ("http://127.evil.example/", "You will then go to the website 127.evil.example, over a connection"),
        (
            "birdapp://oauth",
            "You will then go to the app on your device that opens addresses like birdapp:…",
        ),
        ("com.example.bird:/oauth", "the app on your device that opens addresses like com.example.bird:…"),
        (OUT_OF_BAND, "You will then get a code to copy into the app."),
    ],
    ids=ascii,
)
def test_the_consent_page_says_where_the_answer_goes(register, ask, redirect_uri, said):
    app = register(redirect_uris=redirect_uri, client_name="Twite itself")

    assert said in ask(app, redirect_uri=redirect_uri).text
    assert said in ask(app, redirect_uri=None).text


def test_strangers_log_in_first_and_come_back(client, app_):
    asked = urlencode({"response_type": "code", "client_id": app_["client_id"], "redirect_uri": CALLBACK})
    location = client.get(f"/oauth/authorize?{asked}").headers["location"]

    assert parse_qs(urlsplit(location).query)["next"] == [f"/oauth/authorize?{asked}"]


def test_a_token_does_what_its_scopes_cover_and_no_more(api, app_, allow, redeem):
    made = redeem(app_, allow(app_, scope="write:statuses")).json()
    bearer = {"Authorization": f"Bearer {made['access_token']}"}

    assert api().post("/api/v1/statuses", json={"status": "x"}, headers=bearer).status_code == 200
    assert api().post("/api/v1/accounts/1/follow", headers=bearer).status_code == 403
    assert api().get("/api/v1/timelines/home", headers=bearer).status_code == 403


def test_an_application_gets_a_token_for_itself(api, app_, works):
    sent = {"grant_type": "client_credentials", "client_id": app_["client_id"], "client_secret": app_["client_secret"]}
    made = api().post("/oauth/token", json=sent | {"scope": "read"}).json()
    bearer = {"Authorization": f"Bearer {made['access_token']}"}

    assert works(made["access_token"], "/api/v1/apps/verify_credentials")
    assert api().get("/api/v1/timelines/home", headers=bearer).status_code == 422
    assert api().post("/oauth/token", json=sent | {"client_secret": "wrong"}).status_code == 401


def test_an_applications_own_token_is_for_no_more_than_it_was_registered_with(api, register):
    app = register(scopes="read:accounts push")
    sent = {"grant_type": "client_credentials", "client_id": app["client_id"], "client_secret": app["client_secret"]}
    answers = {
        scope: api().post("/oauth/token", json=sent | {"scope": scope})
        for scope in ("push", "read:accounts push", "read", "write", "admin:read", "push write:accounts")
    }

    assert {scope: answer.status_code for scope, answer in answers.items() if answer.status_code == 200} == {
        "push": 200,
        "read:accounts push": 200,
    }
    assert {answer.json()["error"] for answer in answers.values() if answer.status_code == 400} == {"invalid_scope"}


def test_a_revoked_token_is_over_and_only_its_application_can_revoke_it(api, register, app_, allow, redeem, works):
    made = redeem(app_, allow(app_)).json()["access_token"]

    def revoke(app):
        sent = {"client_id": app["client_id"], "client_secret": app["client_secret"], "token": made}
        return api().post("/oauth/revoke", data=sent).status_code

    assert (revoke(register()), works(made)) == (403, True)
    assert (revoke(app_ | {"client_secret": "wrong"}), works(made)) == (403, True)
    assert (revoke(app_), works(made)) == (200, False)
    assert revoke(app_) == 200


@pytest.mark.parametrize("grant_type", ["password", "", "client_credentials"])
def test_every_refusal_of_a_token_is_described(api, app_, grant_type):
    sent = {"client_id": app_["client_id"], "client_secret": app_["client_secret"], "scope": "nothing"}
    response = api().post("/oauth/token", data=sent | {"grant_type": grant_type})

    assert (response.status_code, response.json().keys()) == (400, {"error", "error_description"})
    assert response.json()["error_description"]


def test_neither_a_personal_token_nor_none_is_an_applications_to_revoke(api, app_, ann):
    sent = {"client_id": app_["client_id"], "client_secret": app_["client_secret"]}
    personal = api(ann).headers["authorization"].removeprefix("Bearer ")

    for given in (sent, sent | {"token": personal}):
        response = api().post("/oauth/revoke", data=given)
        assert (response.status_code, response.json()["error"]) == (403, "unauthorized_client")


class TestExpiringTokens:
    @pytest.fixture
    def app_(self, register):
        return register(scopes="read offline_access")

    @pytest.fixture
    def made(self, app_, allow, redeem):
        return redeem(app_, allow(app_, scope="read offline_access")).json()

    @pytest.fixture
    def refresh(self, api, app_):
        def refresh(refresh_token, app=app_):
            sent = {
                "grant_type": "refresh_token",
                "refresh_token": refresh_token,
                "client_id": app["client_id"],
                "client_secret": app["client_secret"],
            }
            return api().post("/oauth/token", data=sent)

        return refresh

    def test_a_token_ends_and_can_be_refreshed(self, database, made, refresh, works):
        with database.writing() as db:
            db.execute(update(token).values(expires_at=1))
        over = works(made["access_token"])
        fresh = refresh(made["refresh_token"]).json()

        assert made["expires_in"] > 0
        assert not over
        assert works(fresh["access_token"])

    def test_the_old_token_ends_with_the_refresh(self, made, refresh, works):
        refresh(made["refresh_token"])

        assert not works(made["access_token"])

    def test_a_refresh_token_that_is_used_again_ends_the_whole_family(self, made, refresh, works):
        fresh = refresh(made["refresh_token"]).json()
        again = refresh(made["refresh_token"])

        assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
        assert not works(fresh["access_token"])

    def test_of_two_who_refresh_at_the_same_moment_one_gets_a_token(self, made, refresh):
        with ThreadPoolExecutor(4) as pool:
            answers = [answer.status_code for answer in pool.map(lambda _: refresh(made["refresh_token"]), range(4))]

        assert answers.count(200) == 1

    @pytest.mark.faults
    def test_an_application_with_a_secret_needs_it_to_refresh(self, app_, made, refresh, works):
        without, wrong = app_ | {"client_secret": ""}, app_ | {"client_secret": "wrong"}
        answers = [refresh(made["refresh_token"], app) for app in (without, wrong)]

        assert [(answer.status_code, answer.json()["error"]) for answer in answers] == [(401, "invalid_client")] * 2
        assert works(made["access_token"]), "a thief ends nothing"
        fresh = refresh(made["refresh_token"]).json()
        assert refresh(fresh["refresh_token"], without).status_code == 401

    @pytest.mark.faults
    def test_who_never_used_a_secret_refreshes_without_one_until_it_does(self, app_, allow, redeem, refresh):
        code = allow(app_, scope="read offline_access", **PKCE)
        public = app_ | {"client_secret": ""}
        made = redeem(app_, code, client_secret=None, code_verifier=VERIFIER).json()
        again = refresh(made["refresh_token"], public).json()
        proved = refresh(again["refresh_token"]).json()

        assert refresh(proved["refresh_token"], public).status_code == 401
        assert refresh(proved["refresh_token"]).status_code == 200

    def test_another_application_can_not_refresh_it(self, register, made, refresh):
        assert refresh(made["refresh_token"], register()).status_code == 400


@pytest.mark.parametrize(
    "fields",
    [
        {"redirect_uris": ""},
        {"redirect_uris": "not an address"},
        {"redirect_uris": "javascript:alert(1)"},
        {"redirect_uris": "https://app.example/#fragment"},
        {"redirect_uris": [CALLBACK] * 1000},
        {"client_name": ""},
        {"client_name": "x" * 10_000},
        {"scopes": "everything"},
        {"website": "javascript:alert(1)"},
        {"website": "x" * 10_000},
    ],
    ids=lambda fields: str(fields)[:50],
)
def test_an_application_that_can_not_be_is_refused(register, fields):
    assert register(**fields).keys() & {"error", "client_id"} == {"error"}


def test_the_server_describes_itself(api):
    described = api().get("/.well-known/oauth-authorization-server").json()

    assert described["code_challenge_methods_supported"] == ["S256"]
    for name in ("authorization_endpoint", "token_endpoint", "revocation_endpoint", "app_registration_endpoint"):
        assert described[name].startswith("http://twite.example/")


@pytest.mark.parametrize("value", ["Bearer", "Bearer ", "Bearer x", "Basic x", "Bearer a b", "bearer \xff", "x" * 8000])
def test_a_malformed_token_is_no_token(client, value):
    response = client.get("/api/v1/accounts/verify_credentials", headers=[(b"authorization", value.encode("latin-1"))])

    assert isinstance(response, httpx.Response)
    assert (response.status_code, response.headers["www-authenticate"][:6]) == (401, "Bearer")


def test_who_a_token_acts_for_is_told_whichever_way_it_is_asked(api, ann):
    client = api(ann, "profile")
    told = client.get("/oauth/userinfo").json()

    assert (told["preferred_username"], told["profile"]) == ("ann", "http://twite.example/@ann")
    assert client.post("/oauth/userinfo").json() == told
    assert api().post("/oauth/userinfo").status_code == 401
