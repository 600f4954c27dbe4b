"""OAuth from the consent page to the token, and everything that somebody might try on the way."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec
import pytest
from sqlalchemy import update

from support.oauth_client import CALLBACK, CHALLENGE, OUT_OF_BAND, PKCE, VERIFIER
from twite_common.tables import grant
from twite_web.oauth import consent_texts, scopes


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


def test_a_verifier_without_a_challenge_before_is_refused(app_, allow, redeem):
    assert redeem(app_, allow(app_), code_verifier=VERIFIER).status_code == 400


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


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_a_program_on_the_same_device_listens_at_any_port(register, ask, redeem, host):
    app = register(redirect_uris=f"http://{host}/callback")
    address = f"http://{host}:51234/callback"
    browser = ask(app, redirect_uri=address)
    form = browser.form("/oauth/authorize")
    sent = {one["name"]: one["value"] for one in form.find_all("input")} | {"decision": "approve"}
    location = browser.client.post("/oauth/authorize", data=sent).headers["location"]
    code = parse_qs(urlsplit(location).query)["code"][0]

    assert location.startswith(f"{address}?")
    assert redeem(app, code, redirect_uri=address).status_code == 200


@pytest.mark.parametrize(
    ("registered", "asked"),
    [
        ("http://127.0.0.1/callback", "http://127.0.0.1:5000/other"),
        ("http://127.0.0.1/callback", "http://127.0.0.1:5000@evil.example/callback"),
        ("http://127.0.0.1/callback", "http://127.0.0.1.evil.example:5000/callback"),
        ("http://127.0.0.1/callback", "http://[::1]:5000/callback"),
        ("http://127.0.0.1/callback", "https://127.0.0.1:5000/callback"),
        ("http://localhost/callback", "http://localhost:5000/callback"),
        ("http://app.example/callback", "http://app.example:5000/callback"),
    ],
)
def test_no_other_part_of_an_address_may_differ(register, ask, registered, asked):
    assert ask(register(redirect_uris=registered), redirect_uri=asked).response.status_code == 400


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


@pytest.mark.parametrize("decision", ["approve", "deny"])
def test_every_answer_says_which_server_gives_it(api, app_, ask, decision):
    browser = ask(app_)
    form = browser.form("/oauth/authorize")
    sent = {one["name"]: one["value"] for one in form.find_all("input")} | {"decision": decision}
    location = browser.client.post("/oauth/authorize", data=sent).headers["location"]
    described = api().get("/.well-known/oauth-authorization-server").json()

    assert parse_qs(urlsplit(location).query)["iss"] == [described["issuer"]]
    assert described["authorization_response_iss_parameter_supported"] is True


class TestRequiredPkce:
    @pytest.fixture
    def settings(self, settings):
        return msgspec.structs.replace(settings, require_pkce=True)

    def test_an_application_without_it_is_refused(self, app_, ask, allow, redeem):
        refused = ask(app_)

        assert refused.response.status_code == 400
        assert "This site requires PKCE" in refused.text
        assert redeem(app_, allow(app_, **PKCE), code_verifier=VERIFIER).status_code == 200


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
