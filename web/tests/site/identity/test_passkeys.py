"""Passkeys on the website: what its pages ask browsers for, and what they do with the answers."""

import json
from urllib.parse import urlencode

import msgspec
import pytest
from sqlalchemy import select, update

from support import authenticator
from support.passkeys import Device
from support.site_under_test import PASSWORD
from twite_common import clock, ids
from twite_common.queries.accounts import credentials as credential_queries
from twite_common.queries.identity import passkeys as queries
from twite_common.secret import signer
from twite_common.services import one_time_links
from twite_common.services.identity import applications, security_events
from twite_common.tables import application, credentials, mail, passkey, session

SECURITY = "/settings/security"
NEW = f"{SECURITY}/passkeys/new"
HERE = "https://twite.example"


@pytest.fixture
def settings(settings):
    """A site at which browsers make passkeys."""
    return msgspec.structs.replace(settings, base_url=HERE)


@pytest.fixture
def device():
    return Device(origin=HERE)


@pytest.fixture
def prove(database):
    """Say how long ago all who are logged in proved whose account it is."""

    def prove(minutes_ago):
        with database.writing() as db:
            db.execute(update(session).values(authenticated_at=clock.now() - minutes_ago * clock.MINUTE))

    return prove


def asked(browser):
    """What the open page has a browser ask for a passkey with."""
    return browser.page.find("button", attrs={"data-passkey": True})["data-passkey"]


@pytest.fixture
def add(as_ann, prove):
    """Add a device's passkey to Ann's account."""

    def add(device, name="my phone", browser=as_ann):
        prove(1)
        browser.open(NEW)
        return browser.submit(NEW, {"passkey": device.make(asked(browser)), "name": name})

    return add


def log_in(browser, device, path="/login"):
    browser.open(path)
    return browser.submit("/login", {"passkey": device.sign(asked(browser))})


def own(database, person):
    with database.reading() as db:
        return queries.of_account(db, person.id)


def sessions(database, person):
    with database.reading() as db:
        return credential_queries.sessions(db, person.id, now=clock.now())


def test_one_is_added_with_recovery_codes_and_then_listed(database, ann, as_ann, device, add):
    add(device)
    codes = as_ann.page.select(".recovery-codes code")
    second = add(Device(origin=HERE), "")
    notice = as_ann.text
    as_ann.open(SECURITY)

    assert len(codes) == 10
    assert second.url.path == SECURITY
    assert "Your passkey is ready." in notice
    assert "my phone Added on" in as_ann.text
    assert "never used" in as_ann.text
    assert [one.name for one in own(database, ann)] == ["my phone", "a browser"]
    assert "The passkey “my phone” was added" in as_ann.text


def test_it_takes_the_password_first(database, ann, as_ann, device):
    as_ann.open(NEW)
    first = as_ann.page.select("[data-passkey]")
    as_ann.submit(NEW, {"current_password": "a bad guess"})
    wrong = as_ann.text
    as_ann.submit(NEW, {"current_password": PASSWORD})
    options = json.loads(asked(as_ann))

    assert first == []
    assert "This isn't your password." in wrong
    assert options["rp"]["id"] == "twite.example"
    assert own(database, ann) == []


def test_without_proof_an_answer_adds_nothing(database, ann, as_ann, device, prove):
    prove(1)
    as_ann.open(NEW)
    answer = device.make(asked(as_ann))
    prove(11)
    refused = as_ann.submit(NEW, {"passkey": answer})

    assert refused.status_code == 422
    assert own(database, ann) == []


def test_who_has_one_logs_in_without_typing_anything(database, ann, device, add, stranger):
    add(device)
    stranger.open("/login")
    field = stranger.page.find("input", attrs={"name": "name"})["autocomplete"]
    log_in(stranger, device, "/login?next=/settings/security")

    assert field == "username webauthn"
    assert stranger.path == SECURITY
    assert "Login with a passkey" in stranger.text
    assert "last used a moment ago" in stranger.text
    assert stranger.client.cookies.get("__Secure-twite-device")


def test_it_is_offered_where_an_application_is_let_in(database, ann, device, add, stranger):
    add(device)
    with database.writing() as db:
        applications.register(
            db, now=clock.now(), name="App", redirect_uris=["http://app.example/"], scopes="read", website=None
        )
        client_id = db.scalars(select(application.c.client_id)).one()
    query = {"response_type": "code", "client_id": client_id, "redirect_uri": "http://app.example/", "scope": "read"}
    log_in(stranger, device, f"/oauth/authorize?{urlencode(query)}")

    assert stranger.path == "/oauth/authorize"
    assert "App would like to use your account" in stranger.text


def test_an_answer_of_another_browser_opens_nothing(database, ann, device, add, stranger, open_browser):
    add(device)
    other = open_browser()
    for browser in (stranger, other):
        browser.open("/login")
    before = len(sessions(database, ann))
    refused = stranger.submit("/login", {"passkey": device.sign(asked(other))})

    assert refused.status_code == 422
    assert "This took too long, or the page was open twice." in stranger.text
    assert len(sessions(database, ann)) == before
    assert stranger.submit("/login", {"passkey": device.sign(asked(stranger))}).url.path == "/"


def test_an_answer_works_once(database, ann, device, add, stranger):
    add(device)
    stranger.open("/login")
    answer = device.sign(asked(stranger))
    form = {field["name"]: field.get("value", "") for field in stranger.form("/login").select("input[name]")}
    statuses = [stranger.client.post("/login", data=form | {"passkey": answer}).status_code for _ in range(2)]

    assert statuses[0] == 303
    assert statuses[1] in {403, 422}


def test_the_second_step_takes_a_passkey_or_a_recovery_code(database, ann, as_ann, device, add, open_browser):
    add(device)
    codes = [code.text for code in as_ann.page.select(".recovery-codes code")]
    for give in (lambda browser: {"passkey": device.sign(asked(browser))}, lambda _browser: {"code": codes[0]}):
        browser = open_browser()
        browser.open("/login?next=/settings")
        browser.submit("/login", {"name": "ann", "password": PASSWORD})
        heading = browser.page.h1.text
        browser.submit("/login/code", give(browser))

        assert heading == "Use your passkey"
        assert browser.path == "/settings"


def test_with_an_app_too_either_will_do(database, settings, ann, device, add, stranger):
    add(device)
    authenticator.set_up(database, settings, ann.id)
    stranger.open("/login")
    stranger.submit("/login", {"name": "ann", "password": PASSWORD})

    assert stranger.page.h1.text == "Enter your code"
    assert json.loads(asked(stranger))["allowCredentials"]
    assert stranger.submit("/login/code", {"passkey": device.sign(asked(stranger))}).url.path == "/"


FORMS = {
    "/settings/account/password": {"password": "another good password"},
    "/settings/account/email": {"email": "new@mail.example"},
    "/settings/account/delete": {},
    "/settings/account/password/remove": {},
    "/settings/security/recovery-codes": {},
    "/settings/security/app": {},
}


@pytest.mark.parametrize("path", FORMS)
def test_a_passkey_shows_again_whose_account_it_is(ann, as_ann, device, add, prove, path):
    add(device)
    prove(11)
    as_ann.open(path)
    asked_for = [field["name"] for field in as_ann.page.select("main input:not([type=hidden], [hidden])")]
    wrong = as_ann.submit(path, FORMS[path] | {"current_passkey": Device(origin=HERE).sign(asked(as_ann))})
    right = as_ann.submit(path, FORMS[path] | {"current_passkey": device.sign(asked(as_ann))})

    assert "current_code" in asked_for
    assert "current_password" not in asked_for
    assert wrong.status_code == 422
    assert not as_ann.page.find("input", attrs={"name": "current_passkey"})
    assert path.endswith("/app") or right.status_code == 200


def test_it_is_proof_for_an_application_that_may_do_what_staff_do(database, ann, as_ann, device, add, prove):
    add(device)
    prove(11)
    scopes = "read admin:read"
    with database.writing() as db:
        applications.register(
            db, now=clock.now(), name="App", redirect_uris=["http://app.example/"], scopes=scopes, website=None
        )
        client_id = db.scalars(select(application.c.client_id)).one()
    query = {"response_type": "code", "client_id": client_id, "redirect_uri": "http://app.example/", "scope": scopes}
    as_ann.open(f"/oauth/authorize?{urlencode(query)}")
    fields = {field["name"]: field.get("value", "") for field in as_ann.form("/oauth/authorize").select("input[name]")}
    statuses = [
        as_ann.client.post("/oauth/authorize", data=fields | {"decision": "approve", "current_passkey": answer})
        for answer in ("", device.sign(asked(as_ann)))
    ]

    assert [answer.status_code for answer in statuses] == [422, 302]
    assert statuses[1].headers["location"].startswith("http://app.example/?code=")


def test_one_is_removed_and_told_of(database, ann, as_ann, device, add, prove):
    add(device)
    prove(11)
    [one] = own(database, ann)
    page = f"{SECURITY}/passkeys/{one.id}/remove"
    as_ann.open(SECURITY)
    link = as_ann.page.find("a", href=page).get_text()
    as_ann.open(page)
    refused = as_ann.submit(page)
    as_ann.submit(page, {"current_passkey": device.sign(asked(as_ann))})

    assert link == "Remove the passkey my phone"
    assert refused.status_code == 422
    assert "The passkey has been removed." in as_ann.text
    assert own(database, ann) == []
    with database.reading() as db:
        assert list(db.scalars(select(mail.c.kind).order_by(mail.c.id))) == ["passkey_added", "passkey_removed"]


@pytest.mark.parametrize("id", ["1", "x", "99999999999999999999"])
def test_one_that_is_not_there_is_no_page(ann, as_ann, id):
    assert as_ann.open(f"{SECURITY}/passkeys/{id}/remove").status_code == 404


def test_nobody_opens_or_removes_anothers(database, ann, as_bob, device, add, prove):
    add(device)
    [one] = own(database, ann)
    page = f"{SECURITY}/passkeys/{one.id}/remove"

    assert as_bob.open(page).status_code == 404
    as_bob.open(NEW)
    token = as_bob.value("form_token")
    assert as_bob.client.post(page, data={"form_token": token, "current_password": PASSWORD}).status_code == 404
    assert len(own(database, ann)) == 1


def test_an_account_does_without_a_password_until_a_reset_sets_one(
    database, settings, ann, as_ann, device, add, stranger
):
    add(device)
    as_ann.open(SECURITY)
    as_ann.open(as_ann.page.find("a", string="Do without a password")["href"])
    as_ann.submit("/settings/account/password/remove")
    notice = as_ann.text
    as_ann.open("/settings/account/password")
    page = as_ann.text
    stranger.open("/login")
    refused = stranger.submit("/login", {"name": "ann", "password": PASSWORD})
    log_in(stranger, device)
    with database.writing() as db:
        link_id = one_time_links.add(db, "reset", now=clock.now(), account_id=ann.id)
    reset = f"/reset/{one_time_links.token(signer(settings), link_id, 'reset')}"
    as_ann.open(reset)
    as_ann.submit(reset, {"password": "another good password"})
    as_ann.submit("/login", {"name": "ann", "password": "another good password"})

    assert "Your account has no password any more." in notice
    assert "Set a password" in page
    assert refused.status_code == 422
    assert stranger.path == "/"
    assert as_ann.path == "/login/code"


def test_who_has_neither_is_led_to_a_reset(database, ann, as_ann, prove):
    with database.writing() as db:
        db.execute(update(credentials).where(credentials.c.account_id == ann.id).values(password_hash="!"))
    prove(11)
    as_ann.open("/settings/account/delete")
    link = as_ann.page.select_one("form a")["href"]
    refused = as_ann.submit("/settings/account/delete")

    assert link == "/forgot"
    assert refused.status_code == 422
    assert "Please set one first" in as_ann.text


def test_whose_it_was_not_is_rid_of_it(database, settings, ann, as_ann, device, add, stranger, open_browser):
    add(device, "mine")
    with database.writing() as db:
        old = ids.first_at(clock.now() - clock.DAY)
        db.execute(update(passkey).values(id=old))
    thiefs = Device(origin=HERE)
    add(thiefs, "a thief's")
    with database.reading() as db:
        detail = db.scalars(select(mail.c.detail).where(mail.c.kind == "passkey_added").order_by(mail.c.id)).all()[-1]
    link_id = msgspec.json.decode(detail)["link_id"]
    path = f"/not-me/{one_time_links.token(signer(settings), link_id, security_events.LINK)}"
    stranger.open(path)
    said = stranger.text
    stranger.submit(path)
    log_in(stranger, thiefs)

    assert "These passkeys, which were added since, are removed: a thief's" in said
    assert "Passkeys from before stay." in said
    assert "This passkey isn't known here, or was removed." in stranger.text
    assert [one.name for one in own(database, ann)] == ["mine"]
    assert sessions(database, ann) == []
    assert log_in(open_browser(), device).url.path == "/"


class TestWhereThereAreNone:
    @pytest.fixture
    def settings(self, settings):
        return msgspec.structs.replace(settings, base_url="http://twite.example")

    def test_a_site_without_a_safe_name_says_so(self, as_ann, stranger):
        as_ann.open(NEW)
        page = as_ann.text
        as_ann.open(SECURITY)
        stranger.open("/login")

        for text in (page, as_ann.text):
            assert "Browsers make no passkeys for this site" in text
        assert stranger.page.select("[data-passkey]") == []
        assert stranger.page.find("input", attrs={"name": "name"})["autocomplete"] == "username"


def test_without_script_pages_say_what_is_missing(stranger, as_ann, prove):
    stranger.open("/login")
    prove(1)
    as_ann.open(NEW)

    assert "Logging in with a passkey needs JavaScript." in stranger.page.find("noscript").text
    assert stranger.page.find("button", attrs={"data-passkey": True}).has_attr("hidden")
    assert as_ann.page.select_one("[data-passkey-missing]").text.startswith("This needs JavaScript")
