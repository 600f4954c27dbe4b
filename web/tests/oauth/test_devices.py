"""Devices without a browser (RFC 8628): from the code on a television to its token, and what is tried on the way."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update

from twite_common import clock
from twite_common.services.identity import device_grants, grants
from twite_common.tables import device_grant

GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture
def begin(api, app_):
    """Have a device ask for codes."""

    def begin(app=app_, **fields):
        sent = {"client_id": app["client_id"], "scope": "read"} | fields
        return api().post("/oauth/device_authorization", data=sent)

    return begin


@pytest.fixture
def poll(api, app_, database):
    """Have a device ask for its token, long enough after it asked before."""

    def poll(codes, app=app_, *, soon=False, **fields):
        if not soon:
            with database.writing() as db:
                db.execute(update(device_grant).values(polled_at=None))
        sent = {"grant_type": GRANT, "client_id": app["client_id"], "device_code": codes["device_code"]} | fields
        return api().post("/oauth/token", data=sent)

    return poll


@pytest.fixture
def typed(logged_in, ann):
    """Type a code as Ann, and look at what it leads to."""
    browser = logged_in(ann)

    def typed(user_code, **fields):
        browser.open("/device")
        browser.submit("/device", {"user_code": user_code, **fields})
        return browser

    return typed


@pytest.fixture
def decide(typed):
    """Answer a device as Ann does who reads its code."""

    def decide(codes, decision="approve"):
        browser = typed(codes["user_code"])
        form = browser.form("/device", "decision")
        sent = {field["name"]: field.get("value", "") for field in form.find_all("input", attrs={"name": True})} | {
            "decision": decision
        }
        browser._show(browser.client.post("/device", data=sent, follow_redirects=True))
        return browser

    return decide


def test_a_device_gets_a_token_once_somebody_says_yes(begin, poll, decide, works):
    codes = begin().json()
    before = poll(codes).json()["error"]
    page = decide(codes)
    made = poll(codes).json()

    assert codes["verification_uri"] == "http://twite.example/device"
    assert codes["verification_uri_complete"] == f"http://twite.example/device?user_code={codes['user_code']}"
    assert (codes["expires_in"], codes["interval"]) == (900, 5)
    assert before == "authorization_pending"
    assert page.path == "/device/done"
    assert (made["token_type"], made["scope"], works(made["access_token"])) == ("Bearer", "read", True)


def test_codes_are_easy_to_read_and_can_be_typed_in_any_way(begin, typed):
    code = begin().json()["user_code"]

    assert len(code) == 9
    assert set(code) <= set("BCDFGHJKLMNPQRSTVWXZ-")
    for way in (code, code.lower(), code.replace("-", ""), f" {code[:4]} {code[5:]} "):
        assert code in typed(way).page.select_one(".problem strong").text


def test_the_page_says_who_asks_for_what_and_warns_of_codes_from_strangers(register, begin, typed):
    app = register(client_name="A bird on TV", scopes="read write:media")
    page = typed(begin(app, scope="read:statuses write:media").json()["user_code"])

    assert "Connect A bird on TV?" in page.text
    assert "Read the posts that you can read" in page.text
    assert "Upload pictures, videos and sound as you" in page.text
    assert "Did somebody send you this code or a link to this page? Then deny" in page.text
    assert "@ann" in page.page.select_one(".gate-account").text


def test_a_link_with_the_code_lets_nobody_in_without_being_looked_at(begin, poll, logged_in, ann):
    codes = begin().json()
    browser = logged_in(ann)
    browser.open(codes["verification_uri_complete"])
    typed = browser.value("user_code")
    with_decision = browser.open(f"{codes['verification_uri_complete']}&decision=approve")

    assert typed == codes["user_code"]
    assert with_decision.status_code == 200
    assert poll(codes).json()["error"] == "authorization_pending"


def test_who_says_no_sends_the_device_away(begin, poll, decide):
    codes = begin().json()
    page = decide(codes, "deny")

    assert "The device got no access to your account." in page.text
    assert [poll(codes).json()["error"] for _ in range(2)] == ["access_denied"] * 2


def test_a_device_that_asks_too_often_waits_longer_each_time(database, begin, poll):
    codes = begin().json()
    answers = [poll(codes, soon=True).json()["error"] for _ in range(3)]
    with database.reading() as db:
        interval = db.scalar(select(device_grant.c.interval_seconds))

    assert answers == ["authorization_pending", "slow_down", "slow_down"]
    assert interval == 15


def test_a_code_is_good_for_a_quarter_of_an_hour(database, begin, poll, typed):
    codes = begin().json()
    with database.writing() as db:
        db.execute(update(device_grant).values(expires_at=clock.now()))

    assert poll(codes).json()["error"] == "expired_token"
    assert "This code doesn't work" in typed(codes["user_code"]).text


def test_an_answer_at_the_last_moment_holds(database, begin, poll, decide):
    codes = begin().json()
    decide(codes)
    with database.writing() as db:
        db.execute(update(device_grant).values(expires_at=clock.now()))

    assert poll(codes).status_code == 200


def test_a_yes_is_good_for_one_token(begin, poll, decide):
    codes = begin().json()
    decide(codes)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: poll(codes, soon=True), range(4)))

    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]
    assert {answer.json().get("error", "invalid_grant") for answer in answers} == {"invalid_grant"}


def test_a_code_can_be_answered_once(begin, poll, decide, typed):
    codes = begin().json()
    decide(codes, "deny")

    assert "This code doesn't work" in typed(codes["user_code"]).text
    assert poll(codes).json()["error"] == "access_denied"


def test_whoever_revokes_access_before_the_device_comes_gives_it_none(database, begin, poll, decide, ann):
    codes = begin().json()
    decide(codes)
    with database.writing() as db:
        grants.revoke_all(db, now=clock.now(), account_id=ann.id)

    assert poll(codes).json()["error"] == "invalid_grant"


def test_a_devices_tokens_are_a_family_that_ends_when_one_comes_back(api, register, begin, poll, decide, works):
    app = register(scopes="read offline_access")
    codes = begin(app, scope="read offline_access").json()
    decide(codes)
    made = poll(codes, app).json()
    sent = {"grant_type": "refresh_token", "client_id": app["client_id"], "refresh_token": made["refresh_token"]}
    fresh = api().post("/oauth/token", data=sent).json()
    again = api().post("/oauth/token", data=sent).json()

    assert again["error"] == "invalid_grant"
    assert not works(fresh["access_token"])


def test_another_application_can_not_use_the_code(register, begin, poll, decide):
    codes = begin().json()
    decide(codes)

    assert poll(codes, register()).json()["error"] == "invalid_grant"
    assert poll(codes).status_code == 200


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"client_id": "unknown"}, "invalid_client"),
        ({"client_id": ""}, "invalid_client"),
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"scope": "admin:read"}, "invalid_scope"),
        ({"scope": "everything"}, "invalid_scope"),
    ],
)
def test_what_a_device_can_not_ask_for_is_refused(begin, fields, error):
    answer = begin(**fields)

    assert (answer.status_code in {400, 401}, answer.json()["error"]) == (True, error)


@pytest.mark.parametrize("code", ["", "x", "forged", "\0"])
def test_a_forged_device_code_gets_nothing(poll, code):
    assert poll({"device_code": code}).json()["error"] in {"invalid_grant", "invalid_request"}


def test_a_forged_form_is_refused(logged_in, ann, begin, poll):
    codes = begin().json()
    sent = {"user_code": codes["user_code"], "decision": "approve", "form_token": "forged"}

    assert logged_in(ann).client.post("/device", data=sent).status_code == 403
    assert poll(codes).json()["error"] == "authorization_pending"


def test_guessing_codes_is_limited_for_whoever_guesses_and_nobody_else(begin, typed, logged_in, bob):
    codes = begin().json()
    for _ in range(device_grants.MAX_WRONG_CODES):
        assert "This code doesn't work" in typed("BBBB-BBBB").text
    limited = typed(codes["user_code"])
    other = logged_in(bob)
    other.open("/device")
    other.submit("/device", {"user_code": codes["user_code"]})

    assert (limited.response.status_code, "Too many attempts." in limited.text) == (429, True)
    assert codes["user_code"] in other.text


def test_strangers_log_in_first(client, begin):
    code = begin().json()["user_code"]

    assert client.get(f"/device?user_code={code}").headers["location"].endswith(f"next=/device%3Fuser_code%3D{code}")
    assert client.get("/device/done").headers["location"].startswith("/login")


def test_what_staff_do_is_allowed_to_a_device_by_whoever_shows_whose_account_it_is(register, begin, poll, decide):
    app = register(scopes="read admin:read")
    codes = begin(app, scope="admin:read").json()
    page = decide(codes)

    assert page.page.find(None, attrs={"name": "current_password"}) is not None
    assert poll(codes, app).json()["error"] == "authorization_pending"
