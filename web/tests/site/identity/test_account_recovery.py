"""What happened to an account, and what its owner does when it wasn't them."""

import msgspec
import pytest
from sqlalchemy import select, update

from support import authenticator
from support.site_under_test import PASSWORD
from twite_common import clock, ids
from twite_common.queries.accounts import credentials
from twite_common.queries.identity import second_factors as factor_queries
from twite_common.secret import signer
from twite_common.services import one_time_links
from twite_common.services.identity import grants, passwords, registrations, second_factors, security_events
from twite_common.services.operations import cleaning
from twite_common.tables import link, mail, security_event

NEW = "another good password"


@pytest.fixture
def link_in(database, settings):
    """Return the path of the link in the latest mail of a kind."""

    def link_in(kind):
        with database.reading() as db:
            rows = db.execute(select(mail.c.detail, mail.c.address).where(mail.c.kind == kind).order_by(mail.c.id))
            detail, address = rows.all()[-1]
        link_id = msgspec.json.decode(detail)["link_id"]
        return f"/not-me/{one_time_links.token(signer(settings), link_id, security_events.LINK)}", address

    return link_in


@pytest.fixture
def change_email(database, settings, ann):
    """Have the address of Ann's account changed, as somebody else might."""

    def change_email(email):
        with database.writing() as db:
            link_id = one_time_links.add(db, "change_email", now=clock.now(), account_id=ann.id, detail=email)
            token = one_time_links.token(signer(settings), link_id, "change_email")
            passwords.change_email(db, signer(settings), now=clock.now(), token=token)

    return change_email


def own(database, person):
    with database.reading() as db:
        return credentials.get(db, person.id)


def listed(browser):
    browser.open("/settings/security")
    return [" ".join(item.text.split()) for item in browser.page.select("main ul.list li")]


def sentences(browser):
    listed(browser)
    return [str(item.find("p").contents[0]).strip() for item in browser.page.select("main ul.list li")]


def log_in(browser, password=PASSWORD, code=None):
    browser.open("/login")
    browser.submit("/login", {"name": "ann", "password": password})
    if code:
        browser.submit("/login/code", {"code": code})


def test_log_ins_are_listed_with_network_device_and_factor(database, settings, ann, open_browser, stranger):
    log_in(stranger)
    app = authenticator.set_up(database, settings, ann.id)
    for code in (app.code(), app.recovery_codes[0]):
        other = open_browser()
        other.client.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
        log_in(other, code=code)
    lines = listed(other)

    assert lines[0].startswith("Login with your password and a recovery code ")
    assert lines[1].startswith("Login with your password and a code ")
    assert all("Firefox on Linux in the network " in line for line in lines[:2])
    assert lines[2].startswith("A second factor was set up ") or lines[2].startswith("Login with your password ")
    assert len(lines) == 4


def test_changes_are_listed(database, settings, ann, as_ann, change_email):
    page = "/settings/applications"
    as_ann.open(page)
    as_ann.submit(f"{page}/tokens", {"name": "weather bot", "read": "1"})
    as_ann.open(page)
    as_ann.submit(next(action for action in as_ann.actions() if action.startswith(f"{page}/tokens/")))
    as_ann.open("/settings/account/password")
    as_ann.submit("/settings/account/password", {"current_password": PASSWORD, "password": NEW})
    change_email("new@mail.example")

    assert sentences(as_ann) == [
        "Your e-mail address was changed",
        "Your password was changed",
        "The token “weather bot” was revoked",
        "The token “weather bot” was created",
    ]


def test_nobody_sees_what_happened_to_others(database, ann, as_bob, stranger):
    log_in(stranger)

    assert listed(as_bob) == []


def test_what_happened_long_ago_is_forgotten(database, ann):
    now = clock.now()
    with database.writing() as db:
        for days_ago in (181, 179):
            then = now - days_ago * clock.DAY
            row = {"id": ids.first_at(then) + 1, "account_id": ann.id, "kind": "login"}
            db.execute(security_event.insert(), row)
        cleaning.remove_unused(db, now=now)
        assert len(db.execute(select(security_event)).all()) == 1


def test_a_new_token_and_a_new_application_are_told_by_mail(database, ann, as_ann, link_in):
    as_ann.open("/settings/applications")
    as_ann.submit("/settings/applications/tokens", {"name": "weather bot", "read": "1"})

    assert link_in("token_made")[1] == ann.email


def test_opening_the_link_does_nothing_yet(database, ann, as_ann, stranger, link_in):
    with database.writing() as db:
        passwords.change(db, now=clock.now(), account_id=ann.id, password_hash="x", end_tokens=False)
    before = own(database, ann)
    path, _ = link_in("password_changed")
    for _ in range(2):
        stranger.open(path)

    assert stranger.response.status_code == 200
    assert own(database, ann) == before


def test_it_ends_sessions_tokens_and_the_password_and_leads_to_a_new_one(
    database, ann, as_ann, api, logged_in, stranger, link_in
):
    script = api(ann)
    thief = logged_in(ann)
    thief.open("/settings/account/password")
    thief.submit("/settings/account/password", {"current_password": PASSWORD, "password": "x of a thief's"})
    path, _ = link_in("password_changed")
    stranger.open(path)
    stranger.submit(path)
    leads_to = (stranger.path.startswith("/reset/"), "Now set a new password." in stranger.text)
    thief.open("/settings")
    log_in(thief, "x of a thief's")
    during = thief.path
    stranger.open(stranger.path)
    stranger.submit(stranger.path, {"password": NEW})
    log_in(stranger, NEW)

    assert leads_to == (True, True)
    assert during == "/login"
    assert script.get("/api/v1/preferences").status_code == 401
    assert stranger.path == "/"
    assert "Everyone was logged out, because you said that it wasn't you" in " ".join(listed(stranger))


def test_it_works_once(database, ann, as_ann, stranger, link_in, change_email):
    change_email("thief@mail.example")
    path, _ = link_in("email_changed")
    stranger.open(path)
    token = stranger.value("form_token")
    stranger.submit(path)

    assert stranger.client.post(path, data={"form_token": token}).status_code == 404
    assert stranger.open(path).status_code == 404


def test_it_needs_the_form_of_our_page(database, ann, stranger, link_in, change_email):
    change_email("thief@mail.example")
    path, _ = link_in("email_changed")

    assert stranger.client.post(path).status_code == 403
    assert own(database, ann).email == "thief@mail.example"


def test_the_address_from_before_comes_back(database, ann, stranger, link_in, change_email):
    change_email("thief@mail.example")
    path, address = link_in("email_changed")
    stranger.open(path)
    sentence = "gets back the e-mail address" in stranger.text
    stranger.submit(path)

    assert (address, sentence) == (ann.email, True)
    assert own(database, ann).email == ann.email


def test_an_address_that_is_anothers_by_now_does_not(database, make_account, ann, stranger, link_in, change_email):
    change_email("thief@mail.example")
    path, _ = link_in("email_changed")
    with database.writing() as db:
        form = registrations.SignUp(username="dot", email=ann.email, password_hash="x")
        registrations.create(db, now=clock.now(), sign_up=form, confirmed=True, smtp_utf8=False)
    stranger.open(path)
    stranger.submit(path)

    assert own(database, ann).email == "thief@mail.example"


def test_a_second_factor_of_somebody_else_goes(database, settings, ann, stranger, link_in):
    authenticator.set_up(database, settings, ann.id, now=clock.now() + clock.HOUR)
    path, _ = link_in("second_factor_added")
    stranger.open(path)
    stranger.submit(path)

    assert own(database, ann).second_factor_at is None


def test_ones_own_second_factor_stays(database, settings, ann, stranger, link_in):
    authenticator.set_up(database, settings, ann.id)
    with database.writing() as db:
        passwords.change(db, now=clock.now(), account_id=ann.id, password_hash="x", end_tokens=False)
    path, _ = link_in("password_changed")
    stranger.open(path)
    stranger.submit(path)

    assert own(database, ann).second_factor_at is not None


def test_recovery_codes_that_a_thief_has_renewed_go(database, settings, ann, stranger, link_in):
    authenticator.set_up(database, settings, ann.id)
    with database.writing() as db:
        passwords.change(db, now=clock.now(), account_id=ann.id, password_hash="x", end_tokens=False)
        second_factors.renew_recovery_codes(db, now=clock.now() + clock.SECOND, account_id=ann.id)
    path, _ = link_in("password_changed")
    stranger.open(path)
    stranger.submit(path)
    with database.reading() as db:
        left = factor_queries.count_recovery_codes(db, ann.id)

    assert (left, own(database, ann).second_factor_at is not None) == (0, True)


def test_any_mail_to_the_address_from_before_brings_it_back(database, ann, stranger, link_in, change_email):
    with database.writing() as db:
        passwords.change(db, now=clock.now(), account_id=ann.id, password_hash="x", end_tokens=False)
    change_email("thief@mail.example")
    path, _ = link_in("password_changed")
    stranger.open(path)
    sentence = "gets back the e-mail address" in stranger.text
    stranger.submit(path)

    assert sentence
    assert own(database, ann).email == ann.email


def test_a_second_factor_of_which_only_a_thief_was_told_goes(database, settings, ann, stranger, link_in, change_email):
    change_email("thief@mail.example")
    authenticator.set_up(database, settings, ann.id, now=clock.now() + clock.HOUR)
    path, _ = link_in("email_changed")
    stranger.open(path)
    stranger.submit(path)

    assert own(database, ann).second_factor_at is None


def test_a_thiefs_own_link_works_no_longer_then(database, ann, stranger, link_in, change_email):
    change_email("thief@mail.example")
    with database.writing() as db:
        passwords.change(db, now=clock.now(), account_id=ann.id, password_hash="x", end_tokens=False)
    thiefs, told = link_in("password_changed")
    path, _ = link_in("email_changed")
    stranger.open(path)
    stranger.submit(path)

    assert told == "thief@mail.example"
    assert stranger.open(thiefs).status_code == 404


def test_a_thief_who_is_first_with_a_link_keeps_nobody_out(database, ann, stranger, link_in, change_email):
    change_email("thief@mail.example")
    with database.writing() as db:
        passwords.change(db, now=clock.now(), account_id=ann.id, password_hash="x", end_tokens=False)
    for kind in ("password_changed", "email_changed"):
        path, _ = link_in(kind)
        stranger.open(path)
        stranger.submit(path)

    assert own(database, ann).email == ann.email


def test_after_three_days_it_is_over(database, ann, stranger, link_in, change_email):
    change_email("thief@mail.example")
    path, _ = link_in("email_changed")
    with database.writing() as db:
        left = db.scalar(select(link.c.expires_at).where(link.c.purpose == "not_me")) - clock.now()
        db.execute(update(link).values(expires_at=clock.now()))

    assert 2 * clock.DAY < left <= 3 * clock.DAY
    assert stranger.open(path).status_code == 404


@pytest.mark.parametrize("forged", ["1.x", "x", "9" * 30])
def test_a_forged_link_is_none(stranger, forged):
    assert stranger.open(f"/not-me/{forged}").status_code == 404


def test_an_application_that_has_access_already_causes_no_further_mail(database, ann, api, as_ann):
    app = api().post("/api/v1/apps", json={"client_name": "App", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob"}).json()
    asked = f"/oauth/authorize?response_type=code&client_id={app['client_id']}&redirect_uri={app['redirect_uri']}"
    keys = {name: app[name] for name in ("client_id", "client_secret", "redirect_uri")}
    for _ in range(2):
        as_ann.open(asked)
        fields = {field["name"]: field["value"] for field in as_ann.form("/oauth/authorize").find_all("input")}
        answer = as_ann.client.post("/oauth/authorize", data=fields | {"decision": "approve"})
        code = answer.headers["location"].partition("code=")[2]
        sent = {"grant_type": "authorization_code", "code": code}
        assert api().post("/oauth/token", data=sent | keys).status_code == 200
    with database.reading() as db:
        kinds = list(db.scalars(select(mail.c.kind)))

    assert kinds == ["application_allowed"]
    assert sentences(as_ann) == ["The app “App” was authorized"] * 2


def test_revoking_an_application_is_listed(database, ann, api, as_ann):
    app = api().post("/api/v1/apps", json={"client_name": "App", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob"}).json()
    with database.writing() as db:
        grants.revoke_access(db, now=clock.now(), account_id=ann.id, application_id=int(app["id"]))

    assert listed(as_ann)[0].startswith("The app “App” lost its access")
