"""Whose account it is is asked again before what can't be undone, unless that was proved in the last ten minutes."""

from urllib.parse import urlencode

import pytest
from sqlalchemy import select, update

from support import authenticator
from support.site_under_test import PASSWORD
from twite_common import clock
from twite_common.queries.accounts import credentials
from twite_common.services.identity import applications
from twite_common.tables import application, grant, session

FORMS = {
    "/settings/account/password": {"password": "another good password"},
    "/settings/account/email": {"email": "new@mail.example"},
    "/settings/account/delete": {},
    "/settings/security/recovery-codes": {},
    "/settings/security/off": {},
}
OF_STAFF = "read admin:read"


@pytest.fixture
def phone(database, settings, ann):
    return authenticator.set_up(database, settings, ann.id)


@pytest.fixture
def prove(database):
    """Say how long ago all who are logged in proved whose account it is."""

    def prove(minutes_ago):
        with database.writing() as db:
            db.execute(update(session).values(authenticated_at=clock.now() - minutes_ago * clock.MINUTE))

    return prove


def changed(browser, answer):
    return answer.status_code == 200 and not browser.page.select(".problem")


@pytest.mark.parametrize("path", FORMS)
def test_who_has_a_second_factor_is_asked_for_that(as_ann, phone, path):
    as_ann.open(path)
    asked = [field["name"] for field in as_ann.page.select("main input:not([type=hidden], [hidden])")]
    wrong = as_ann.submit(path, FORMS[path] | {"current_code": "000000"})
    problem = as_ann.page.find(id="current_code-problem")
    right = as_ann.submit(path, FORMS[path] | {"current_code": phone.code()})

    assert "current_code" in asked
    assert "current_password" not in asked
    assert (wrong.status_code, bool(problem)) == (422, True)
    assert changed(as_ann, right)


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize(("minutes_ago", "asked"), [(9, False), (11, True)])
def test_it_lasts_for_ten_minutes(as_ann, phone, prove, path, minutes_ago, asked):
    prove(minutes_ago)
    as_ann.open(path)
    fields = as_ann.page.find("input", attrs={"name": "current_code"})
    answer = as_ann.submit(path, FORMS[path])

    assert bool(fields) == asked
    assert changed(as_ann, answer) != asked


def test_what_was_proved_counts_in_that_session_alone(ann, phone, logged_in):
    here, there = logged_in(ann), logged_in(ann)
    page = "/settings/security/recovery-codes"
    here.open(page)
    here.submit(page, {"current_code": phone.code()})
    for browser in (here, there):
        browser.open(page)

    assert here.page.find("input", attrs={"name": "current_code"}) is None
    assert there.page.find("input", attrs={"name": "current_code"}) is not None


def test_a_code_of_a_moment_ago_does_not_prove_it_elsewhere(database, ann, phone, logged_in):
    here, there = logged_in(ann), logged_in(ann)
    code = phone.code()
    for browser, path in ((here, "/settings/security/recovery-codes"), (there, "/settings/account/delete")):
        browser.open(path)
        answer = browser.submit(path, {"current_code": code})

    assert answer.status_code == 422
    with database.reading() as db:
        assert credentials.get(db, ann.id) is not None


@pytest.fixture
def ask(database, as_ann):
    """Open the page on which an application is authorized."""

    def ask(scope):
        with database.writing() as db:
            applications.register(
                db, now=clock.now(), name="App", redirect_uris=["http://app.example/"], scopes=OF_STAFF, website=None
            )
            client_id = db.scalars(select(application.c.client_id).order_by(application.c.id.desc())).first()
        asked = {"response_type": "code", "client_id": client_id, "redirect_uri": "http://app.example/"}
        as_ann.open(f"/oauth/authorize?{urlencode(asked | {'scope': scope})}")
        return as_ann

    return ask


def decide(browser, decision="approve", **proof):
    form = browser.form("/oauth/authorize")
    fields = {field["name"]: field.get("value", "") for field in form.find_all("input") if field.get("name")}
    return browser.client.post("/oauth/authorize", data=fields | {"decision": decision} | proof)


def test_an_application_may_do_what_staff_do_only_with_proof(database, ask, phone):
    browser = ask(OF_STAFF)
    refused = [decide(browser), decide(browser, current_code="000000")]
    with database.reading() as db:
        before = db.execute(select(grant)).all()
    allowed = decide(browser, current_code=phone.code())

    assert [answer.status_code for answer in refused] == [422, 422]
    assert "This code is wrong" in refused[1].text
    assert before == []
    assert allowed.headers["location"].startswith("http://app.example/?code=")


def test_without_a_second_factor_that_takes_the_password(ask):
    browser = ask(OF_STAFF)

    assert decide(browser, current_password="a bad guess").status_code == 422
    assert decide(browser, current_password=PASSWORD).headers["location"].startswith("http://app.example/?code=")


def test_what_everybody_may_do_and_refusing_take_no_proof(ask, phone):
    browser = ask("read")
    allowed = decide(browser)
    refused = decide(ask(OF_STAFF), decision="deny")

    assert "?code=" in allowed.headers["location"]
    assert "error=access_denied" in refused.headers["location"]
