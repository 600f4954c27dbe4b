"""Logging in and out."""

import pytest
from sqlalchemy import select

from support.site_under_test import PASSWORD
from twite_common import clock
from twite_common.queries.accounts import credentials
from twite_common.services.accounts import accounts
from twite_common.tables import attempt, session


@pytest.fixture
def log_in(stranger):
    def log_in(name="ann", password=PASSWORD, browser=stranger, path="/login"):
        browser.open(path)
        return browser.submit("/login", {"name": name, "password": password})

    return log_in


def sessions(database, person):
    with database.reading() as db:
        return credentials.sessions(db, person.id, now=clock.now())


def test_name_and_password_open_a_session(database, ann, stranger, log_in):
    log_in()

    assert stranger.open("/settings").status_code == 200
    assert stranger.path == "/settings"
    assert len(sessions(database, ann)) == 1


def test_the_cookie_is_kept_from_scripts_and_other_sites(ann, client, stranger):
    stranger.open("/login")
    fields = {"name": "ann", "password": PASSWORD, "form_token": stranger.value("form_token")}
    response = stranger.client.post("/login", data=fields)
    session, device = response.headers.get_list("set-cookie")

    assert response.status_code == 303
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(session.split("; "))
    assert {"HttpOnly", "SameSite=lax", "Path=/login"} <= set(device.split("; "))


@pytest.mark.parametrize(
    ("name", "password"), [("ann", "a bad guess"), ("nobody", PASSWORD), ("", ""), ("a\0n", PASSWORD)]
)
def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(ann, stranger, log_in, name, password):
    response = log_in(name, password)

    assert response.status_code == 422
    assert "The username or password is wrong." in stranger.text
    assert stranger.value("name") == name
    assert stranger.value("password") == ""
    assert password not in response.text or not password


def test_logging_in_leads_to_the_page_that_asked_for_it(ann, stranger):
    stranger.open("/settings/mail?x=1")
    asked = stranger.path
    stranger.submit("/login", {"name": "ann", "password": PASSWORD})

    assert asked == "/login"
    assert str(stranger.response.url).endswith("/settings/mail?x=1")


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/%0d%0aSet-Cookie:x=1\r\nX:1",
        "",
        "x" * 5000,
    ],
)
def test_nobody_is_led_to_another_site(ann, stranger, elsewhere):
    stranger.open("/login")
    fields = {"name": "ann", "password": PASSWORD, "next": elsewhere, "form_token": stranger.value("form_token")}
    response = stranger.client.post("/login", data=fields)

    assert response.status_code == 303
    assert response.headers["location"] == "/"


def test_a_failed_attempt_does_not_forget_where_to_go(ann, stranger, log_in):
    log_in(password="wrong", path="/login?next=/settings/mail")

    assert stranger.value("next") == "/settings/mail"


def test_who_is_in_need_not_log_in(as_ann):
    as_ann.open("/login?next=/settings/mail")

    assert as_ann.path == "/settings/mail"


def test_logging_in_makes_a_new_session_and_ends_the_one_before(database, ann, as_ann):
    before = dict(as_ann.client.cookies)
    as_ann.open("/settings")
    token = as_ann.value("form_token")
    as_ann.client.post("/login", data={"name": "ann", "password": PASSWORD, "form_token": token})

    assert len(sessions(database, ann)) == 1
    assert dict(as_ann.client.cookies) != before
    as_ann.client.cookies.clear()
    as_ann.client.cookies.update(before)
    as_ann.open("/settings")
    assert as_ann.path == "/login"


def test_a_secret_that_came_before_the_log_in_does_not_become_the_sessions(database, ann, stranger, log_in):
    """Session fixation: what somebody else planted in the browser stays worthless."""
    stranger.client.cookies.set("twite", "planted", domain="twite.example")
    log_in()

    assert stranger.client.cookies["twite"] != "planted"
    assert len(sessions(database, ann)) == 1


def test_attempts_are_limited_and_right_ones_refused_then_too(database, settings, ann, stranger, log_in):
    for _ in range(settings.login_attempts):
        log_in(password="wrong")
    response = log_in()

    assert response.status_code == 429
    assert int(response.headers["retry-after"]) > 0
    assert sessions(database, ann) == []


@pytest.mark.faults
def test_strangers_who_try_a_name_do_not_keep_its_owner_out_of_a_browser_used_before(
    settings, ann, stranger, open_browser, log_in
):
    log_in()
    stranger.open("/settings")
    stranger.submit("/logout")
    elsewhere = open_browser()
    for _ in range(settings.login_attempts + 1):
        refused = log_in(password="a bad guess", browser=elsewhere)
    log_in()

    assert refused.status_code == 429
    assert stranger.open("/settings").status_code == 200
    assert stranger.path == "/settings"


def test_an_account_that_is_not_confirmed_learns_what_to_do(make_account, stranger, log_in):
    make_account("dot", confirmed=False)
    response = log_in("dot")

    assert response.status_code == 403
    assert "Please confirm your e-mail address first" in stranger.text


def test_a_suspended_account_is_out_at_once_and_stays_out(database, ann, as_ann, log_in, stranger):
    with database.writing() as db:
        accounts.suspend(db, now=clock.now(), account_id=ann.id)
    as_ann.open("/settings")
    response = log_in()

    assert as_ann.path == "/login"
    assert response.status_code == 403
    assert "This account is suspended." in stranger.text


def test_logging_out_ends_the_session(database, ann, as_ann):
    as_ann.open("/settings")
    as_ann.submit("/logout")

    assert sessions(database, ann) == []
    assert not as_ann.client.cookies.get("twite")


def test_logging_out_everywhere_ends_all_sessions(database, ann, logged_in):
    here, there = logged_in(ann), logged_in(ann)
    here.open("/settings/account")
    here.submit("/logout/everywhere")
    there.open("/settings")

    assert sessions(database, ann) == []
    assert there.path == "/login"


@pytest.mark.parametrize("path", ["/logout", "/logout/everywhere"])
def test_another_site_cannot_log_somebody_out(database, ann, as_ann, path):
    assert as_ann.client.post(path).status_code == 403
    assert as_ann.client.get(path).status_code in {404, 405}
    assert len(sessions(database, ann)) == 1


def test_nothing_of_a_password_is_stored_by_an_attempt(database, ann, log_in):
    log_in(password="a marked password")
    with database.reading() as db:
        kept = [*db.execute(select(attempt)), *db.execute(select(session))]

    assert kept
    assert "marked" not in repr(kept)
