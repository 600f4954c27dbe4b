"""The second factor on the website: setting it up, logging in with it, and getting rid of it."""

from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import msgspec
import pytest
from sqlalchemy import select, update

from support import authenticator
from support.authenticator import Authenticator
from support.site_under_test import PASSWORD
from twite_common import clock
from twite_common.queries.accounts import credentials as credential_queries
from twite_common.services.identity import applications, second_factors
from twite_common.tables import audit_entry, credentials, mail, session

SECURITY = "/settings/security"
PENDING = "twite-pending-login"


@pytest.fixture
def anns_app(database, settings, ann):
    return authenticator.set_up(database, settings, ann.id)


@pytest.fixture
def type_password(stranger):
    def type_password(name="ann", browser=stranger, path="/login"):
        browser.open(path)
        return browser.submit("/login", {"name": name, "password": PASSWORD})

    return type_password


def sessions(database, person):
    with database.reading() as db:
        return credential_queries.sessions(db, person.id, now=clock.now())


def kinds(database):
    with database.reading() as db:
        return list(db.scalars(select(mail.c.kind).order_by(mail.c.id)))


def test_it_is_set_up_with_a_picture_or_a_key_and_a_first_code(database, ann, as_ann):
    as_ann.open(SECURITY)
    before = as_ann.text
    as_ann.open(f"{SECURITY}/app")
    key = as_ann.page.find("code").text
    address = as_ann.page.find("a", href=lambda href: href and href.startswith("otpauth:"))["href"]
    app = Authenticator(key.replace(" ", ""), [])
    response = as_ann.submit(f"{SECURITY}/app", {"code": app.code(), "current_password": PASSWORD})
    codes = [code.text for code in as_ann.page.find_all("code")]
    file = unquote(as_ann.page.find("a", download=True)["href"])
    as_ann.open(SECURITY)

    assert "Protect your account even if someone learns your password" in before
    assert parse_qs(urlsplit(address).query)["secret"] == [app.shared]
    assert response.headers["cache-control"] == "private, no-store"
    assert len(set(codes)) == second_factors.RECOVERY_CODES
    assert file.startswith("data:text/plain;charset=utf-8,Recovery codes for @ann on twite.example\n")
    assert all(code in file for code in codes)
    assert "10 left" in as_ann.text
    assert not any(code in as_ann.response.text for code in codes)
    assert kinds(database) == ["second_factor_added"]
    assert len(sessions(database, ann)) == 1


def test_the_picture_is_drawn_without_styles_or_files(as_ann):
    as_ann.open(f"{SECURITY}/app")
    picture = as_ann.page.find("svg", class_="qr-code")

    assert picture.find("path")["d"].startswith("M4 4h7v1h-7z")
    assert "style" not in picture.attrs


def test_a_wrong_first_code_keeps_the_key_and_turns_nothing_on(database, ann, as_ann):
    as_ann.open(f"{SECURITY}/app")
    key = as_ann.page.find("code").text
    response = as_ann.submit(f"{SECURITY}/app", {"code": "000000", "current_password": PASSWORD})

    assert response.status_code == 422
    assert "This code is wrong or was used before." in as_ann.text
    assert as_ann.page.find("code").text == key
    with database.reading() as db:
        assert credential_queries.get(db, ann.id).second_factor_at is None


def test_it_takes_the_password_to_set_it_up(database, ann, as_ann):
    as_ann.open(f"{SECURITY}/app")
    app = Authenticator(as_ann.page.find("code").text.replace(" ", ""), [])
    refused = as_ann.submit(f"{SECURITY}/app", {"code": app.code(), "current_password": "a bad guess"})

    assert refused.status_code == 422
    assert "This isn't your password." in as_ann.text
    assert kinds(database) == []


def test_logging_in_takes_a_code_and_then_leads_where_one_wanted(database, ann, anns_app, stranger, type_password):
    type_password(path="/login?next=/settings/mail?x=1")
    between = (stranger.path, sessions(database, ann), stranger.client.cookies.get("twite"))
    text = stranger.text
    stranger.submit("/login/code", {"code": anns_app.code()})

    assert between == ("/login/code", [], None)
    assert "type the one for @ann" in text
    assert str(stranger.response.url).endswith("/settings/mail?x=1")
    assert len(sessions(database, ann)) == 1
    assert stranger.client.cookies.get(PENDING) is None


def test_between_the_steps_nobody_is_logged_in(ann, anns_app, stranger, type_password):
    type_password()
    for path in ("/settings", f"{SECURITY}/off", "/compose"):
        stranger.open(path)
        assert stranger.path == "/login"


def test_the_field_helps_phones_to_fill_it_in(ann, anns_app, stranger, type_password):
    type_password()
    field = stranger.page.find("input", attrs={"name": "code"})

    assert (field["autocomplete"], field["inputmode"]) == ("one-time-code", "numeric")


def test_cookies_of_other_sites_on_the_domain_keep_nobody_out(ann, anns_app, stranger, type_password):
    for number in range(4):
        stranger.client.cookies.set(f"statistics-{number}", "x" * 150)
    type_password()
    stranger.submit("/login/code", {"code": anns_app.code()})

    assert stranger.path == "/"
    assert stranger.client.cookies.get("twite")


def test_a_recovery_code_lets_in_who_has_lost_their_app(database, ann, anns_app, stranger, type_password):
    type_password(path="/login?next=/settings/mail")
    stranger.open(stranger.page.find("a", string="Use a recovery code")["href"])
    field = stranger.page.find("input", attrs={"name": "code"})
    wrong = stranger.submit("/login/code", {"code": "abcd-efgh-jkmn-pqrs"})
    again = stranger.page.find("a", string="Use a code from your app")
    stranger.submit("/login/code", {"code": anns_app.recovery_codes[0]})

    assert "inputmode" not in field.attrs
    assert wrong.status_code == 422
    assert again is not None
    assert stranger.path == "/settings/mail"
    assert kinds(database)[-1] == "recovery_code_used"


def test_a_wrong_code_is_said_to_be_wrong_and_forgets_nothing(ann, anns_app, stranger, type_password):
    type_password(path="/login?next=/settings/mail")
    response = stranger.submit("/login/code", {"code": "000000"})

    assert response.status_code == 422
    assert "This code is wrong or was used before." in stranger.text
    assert stranger.value("next") == "/settings/mail"
    assert stranger.value("code") == ""


def test_after_five_wrong_codes_the_password_is_asked_for_again(ann, anns_app, stranger, type_password):
    type_password(path="/login?next=/settings/mail")
    for _ in range(6):
        stranger.submit("/login/code", {"code": "000000"})

    assert stranger.path == "/login"
    assert "Please log in again." in stranger.text
    assert stranger.value("next") == "/settings/mail"


def test_the_second_step_cannot_be_reached_without_the_first(ann, anns_app, stranger, type_password):
    stranger.open("/login/code?next=/settings")
    path = stranger.path
    stranger.open("/login")
    fields = {"code": anns_app.code(), "form_token": stranger.value("form_token")}
    stranger.client.cookies.set(PENDING, f"{ann.id}.{clock.now() + 1000}.x.y", domain="twite.example", path="/login")
    answer = stranger.client.post("/login/code", data=fields)

    assert path == "/login"
    assert answer.headers["location"].startswith("/login?")
    assert "twite=" not in answer.headers.get("set-cookie", "")


def test_the_second_step_is_bound_to_the_browser_of_the_first(ann, anns_app, stranger, open_browser, type_password):
    type_password()
    other = open_browser()
    other.open("/login/code")

    assert other.path == "/login"


def test_another_site_cannot_send_the_code(ann, anns_app, stranger, type_password):
    type_password()

    assert stranger.client.post("/login/code", data={"code": anns_app.code()}).status_code == 403


def test_a_session_is_new_after_the_second_step_and_the_one_before_ends(database, ann, anns_app, as_ann, type_password):
    before = as_ann.client.cookies["twite"]
    as_ann.open("/settings")
    token = as_ann.value("form_token")
    first = as_ann.client.post("/login", data={"name": "ann", "password": PASSWORD, "form_token": token})
    kept = as_ann.client.cookies["twite"]
    as_ann.open(first.headers["location"])
    as_ann.submit("/login/code", {"code": anns_app.code()})

    assert kept == before
    assert as_ann.client.cookies["twite"] != before
    assert len(sessions(database, ann)) == 1


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example/", "/\\evil.example"])
def test_nobody_is_led_to_another_site(ann, anns_app, stranger, type_password, elsewhere):
    type_password()
    fields = {"code": anns_app.code(), "next": elsewhere, "form_token": stranger.value("form_token")}

    assert stranger.client.post("/login/code", data=fields).headers["location"] == "/"


def test_an_application_is_authorized_after_both_steps(database, ann, anns_app, stranger):
    with database.writing() as db:
        _, client_id, _ = applications.register(
            db, now=clock.now(), name="App", redirect_uris=["http://app.example/"], scopes="read", website=None
        )
    asked = {"response_type": "code", "client_id": client_id, "redirect_uri": "http://app.example/", "scope": "read"}
    stranger.open(f"/oauth/authorize?{urlencode(asked)}")
    stranger.submit("/login", {"name": "ann", "password": PASSWORD})
    between = stranger.path
    stranger.submit("/login/code", {"code": anns_app.code()})
    form = stranger.form("/oauth/authorize")
    fields = {field["name"]: field["value"] for field in form.find_all("input")} | {"decision": "approve"}
    answer = stranger.client.post("/oauth/authorize", data=fields)

    assert between == "/login/code"
    assert answer.headers["location"].startswith("http://app.example/?code=")


def test_no_application_gets_a_token_for_a_password(database, client, ann):
    with database.writing() as db:
        _, client_id, client_secret = applications.register(
            db, now=clock.now(), name="App", redirect_uris=["http://app.example/"], scopes="read", website=None
        )
    sent = {"grant_type": "password", "username": "ann", "password": PASSWORD, "scope": "read"}
    answer = client.post("/oauth/token", data=sent | {"client_id": client_id, "client_secret": client_secret})

    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


def test_turning_it_off_takes_a_code(database, ann, anns_app, as_ann):
    as_ann.open(f"{SECURITY}/off")
    refused = as_ann.submit(f"{SECURITY}/off", {"current_code": "000000"})
    before = "This code is wrong" in as_ann.text
    as_ann.submit(f"{SECURITY}/off", {"current_code": anns_app.code()})

    assert (refused.status_code, before) == (422, True)
    assert as_ann.path == SECURITY
    assert "has no second factor any more" in as_ann.text
    assert kinds(database)[-1] == "second_factor_removed"


def test_new_recovery_codes_take_a_code_and_are_shown_once(database, ann, anns_app, as_ann):
    as_ann.open(f"{SECURITY}/recovery-codes")
    as_ann.submit(f"{SECURITY}/recovery-codes", {"current_code": anns_app.recovery_codes[0]})
    codes = [code.text for code in as_ann.page.find_all("code")]

    assert len(codes) == second_factors.RECOVERY_CODES
    assert not set(codes) & set(anns_app.recovery_codes)
    assert kinds(database)[-1] == "recovery_codes_renewed"


def test_another_app_takes_a_code_of_the_one_before(ann, anns_app, as_ann, stranger, type_password):
    as_ann.open(f"{SECURITY}/app")
    new = Authenticator(as_ann.page.find("code").text.replace(" ", ""), [])
    as_ann.submit(f"{SECURITY}/app", {"code": new.code(), "current_code": anns_app.code()})
    type_password()
    old = stranger.submit("/login/code", {"code": anns_app.code(ahead=1)})
    stranger.submit("/login/code", {"code": new.code(ahead=1)})

    assert old.status_code == 422
    assert stranger.path == "/"


@pytest.mark.parametrize("page", ["off", "recovery-codes"])
def test_who_has_none_has_nothing_to_turn_off(as_ann, page):
    assert as_ann.open(f"{SECURITY}/{page}").status_code == 404


def test_where_it_has_just_been_given_it_is_not_asked_for_again(database, ann, anns_app, stranger, type_password):
    type_password()
    stranger.submit("/login/code", {"code": anns_app.code()})
    stranger.open(f"{SECURITY}/off")
    fresh = stranger.page.find("input", attrs={"name": "current_code"})
    with database.writing() as db:
        db.execute(update(session).values(authenticated_at=clock.now() - 10 * clock.MINUTE))
    stranger.open(f"{SECURITY}/off")

    assert fresh is None
    assert stranger.page.find("input", attrs={"name": "current_code"}) is not None


class TestRequired:
    """Where a role needs a second factor."""

    @pytest.fixture
    def settings(self, settings):
        return msgspec.structs.replace(settings, second_factor_for=["administrators"], second_factor_grace_days=7)

    @pytest.fixture
    def asked(self, database, settings, as_admin, ann):
        def asked(days_ago):
            with database.writing() as db:
                second_factors.ask_staff(db, settings, now=clock.now())
                at = clock.now() - days_ago * clock.DAY
                db.execute(update(credentials).values(second_factor_asked_at=at))
            return as_admin

        return asked

    def test_there_is_time_to_set_it_up(self, database, asked, api, ann):
        browser = asked(6)
        admin, settings_text = browser.open("/admin"), browser.open("/settings").text
        browser.open(SECURITY)

        assert admin.status_code == 200
        assert "Your role on this site needs a second factor." in settings_text
        assert "Please set it up by" in browser.text
        assert kinds(database) == ["second_factor_asked"]
        as_ann = api(ann, "read admin:read")
        assert as_ann.get("/api/v1/admin/reports").status_code == 200

    def test_then_the_role_rests_until_it_is_there(self, database, settings, asked, api, ann):
        browser, as_ann = asked(7), api(ann, "read admin:read")
        before = (browser.open("/admin").status_code, as_ann.get("/api/v1/admin/reports").status_code)
        sentence = browser.text
        home, own = browser.open("/").status_code, as_ann.get("/api/v1/accounts/verify_credentials").status_code
        authenticator.set_up(database, settings, ann.id)
        after = (browser.open("/admin").status_code, as_ann.get("/api/v1/admin/reports").status_code)

        assert before == (403, 403)
        assert (home, own) == (200, 200)
        assert after == (200, 200)
        assert "Your role rests until you set up a second factor" in sentence

    def test_it_cannot_be_turned_off(self, database, settings, as_admin, ann):
        app = authenticator.set_up(database, settings, ann.id)
        as_admin.open(SECURITY)
        offered = as_admin.page.find("a", href=f"{SECURITY}/off")
        as_admin.open(f"{SECURITY}/off")
        refused = as_admin.submit(f"{SECURITY}/off", {"current_code": app.code()})

        assert offered is None
        assert refused.status_code == 422
        assert "You can set up another app instead." in as_admin.text


def test_an_administrator_removes_it_for_who_has_lost_everything(database, settings, bob, as_admin, open_browser):
    authenticator.set_up(database, settings, bob.id)
    as_admin.open(f"/admin/accounts/{bob.id}")
    as_admin.submit(f"/admin/accounts/{bob.id}/remove-second-factor")
    notice = as_admin.text
    browser = open_browser()
    browser.open("/login")
    browser.submit("/login", {"name": "bob", "password": PASSWORD})
    audit = as_admin.open("/admin/audit").text

    assert "The second factor has been removed, and its owner notified by e-mail." in notice
    assert "remove-second-factor" not in as_admin.actions()
    assert browser.path == "/"
    assert kinds(database)[-1] == "second_factor_removed"
    assert "removed the second factor of" in audit
    with database.reading() as db:
        assert db.scalar(select(audit_entry.c.action)) == "remove_second_factor"


def test_a_moderator_does_not(database, settings, bob, as_role):
    authenticator.set_up(database, settings, bob.id)
    browser = as_role("moderator")
    browser.open(f"/admin/accounts/{bob.id}")
    offered = f"/admin/accounts/{bob.id}/remove-second-factor" in browser.actions()
    sent = {"form_token": browser.value("form_token")}

    assert not offered
    assert browser.client.post(f"/admin/accounts/{bob.id}/remove-second-factor", data=sent).status_code == 403
