"""Logging in with the link from a mail, where a site allows it."""

import msgspec
import pytest
from sqlalchemy import select, update

from support import authenticator
from support.moment import NOW
from support.passkeys import Device
from twite_common import clock, secret
from twite_common.errors import Invalid, NotAllowed, NotFound
from twite_common.queries import viewers
from twite_common.queries.identity import passkeys as passkey_queries
from twite_common.services import one_time_links
from twite_common.services.identity import (
    passkey_challenges,
    passkeys,
    passwordless_logins,
    passwords,
    registrations,
    second_factors,
    sessions,
)
from twite_common.services.identity.pending_logins import LoginOver, SecondFactorNeeded
from twite_common.services.identity.registrations import SignUp
from twite_common.tables import account, credentials, link, mail, security_event

HERE = {"address": "192.0.2.1", "browser": "Firefox/140.0"}
BROWSER = "the secret in a cookie"


@pytest.fixture
def settings(settings):
    return msgspec.structs.replace(settings, login_links=True)


@pytest.fixture
def signer(settings):
    return secret.signer(settings)


@pytest.fixture
def ask(db, signer, settings):
    """Ask for a link, and return its token as the mail has it; None when there is none."""

    def ask(email="ann@mail.example", *, now=NOW, tied_to=BROWSER, next="/"):
        passwordless_logins.ask_for_link(db, signer, settings, now=now, email=email, tied_to=tied_to, next=next)
        found = db.scalars(select(mail.c.detail).where(mail.c.kind == "login_link").order_by(mail.c.id.desc())).first()
        if found is None:
            return None
        return one_time_links.token(signer, msgspec.json.decode(found)["link_id"], "login_link")

    return ask


@pytest.fixture
def log_in(db, signer, settings):
    def log_in(token, *, now=NOW, tied_to=BROWSER):
        return passwordless_logins.log_in_with_link(db, signer, settings, now=now, token=token, tied_to=tied_to, **HERE)

    return log_in


def test_a_link_logs_in_once(db, ann, ask, log_in):
    token = ask()
    session = viewers.by_session(db, log_in(token).secret, now=NOW)

    assert session.viewer.account_id == ann.id
    assert db.execute(select(security_event.c.kind, security_event.c.detail)).all() == [("login", "link")]
    with pytest.raises(NotFound):
        log_in(token)


def test_it_leads_to_the_page_that_one_wanted(db, signer, settings, ann, ask):
    found = passwordless_logins.find_link(
        db, signer, settings, now=NOW, token=ask(next="/settings?q=a b"), tied_to=BROWSER
    )

    assert (found.here, found.next) == (True, "/settings?q=a b")


def test_in_another_browser_it_opens_nothing_and_stays(db, signer, settings, ann, ask, log_in):
    token = ask()
    for tied_to in ("another browser", ""):
        found = passwordless_logins.find_link(db, signer, settings, now=NOW, token=token, tied_to=tied_to)
        assert not found.here
        with pytest.raises(NotAllowed):
            log_in(token, tied_to=tied_to)

    assert log_in(token).secret


def test_it_works_for_a_quarter_of_an_hour(ann, ask, log_in):
    with pytest.raises(NotFound):
        log_in(ask(), now=NOW + 15 * clock.MINUTE)


@pytest.mark.parametrize("forge", [lambda token: token[:-1], lambda token: "1" + token, lambda token: ""])
def test_a_forged_one_opens_nothing(ann, ask, log_in, forge):
    with pytest.raises(NotFound):
        log_in(forge(ask()))


def test_a_link_for_something_else_opens_nothing(db, signer, ann, ask, log_in):
    ask()
    reset = one_time_links.add(db, "reset", now=NOW, account_id=ann.id)

    with pytest.raises(NotFound):
        log_in(one_time_links.token(signer, reset, "reset"))


def test_nothing_in_the_database_opens_an_account(db, ann, ask):
    token = ask()
    [row] = db.execute(select(link).where(link.c.purpose == "login_link")).all()

    assert token.partition(".")[2] not in str(row)
    assert BROWSER not in str(row)


def test_who_has_no_account_gets_no_mail(db, ann, ask):
    assert ask("nobody@mail.example") is None


def test_of_a_suspended_account_no_mail_is_sent(db, ann, ask):
    db.execute(update(account).where(account.c.id == ann.id).values(suspended_at=NOW))

    assert ask() is None


def test_an_account_that_cannot_be_used_is_not_opened(db, ann, ask, log_in):
    db.execute(update(credentials).where(credentials.c.account_id == ann.id).values(disabled_at=NOW))

    with pytest.raises(NotAllowed):
        log_in(ask())


def test_few_are_sent_in_an_hour(db, ann, ask):
    for _time in range(4):
        ask()

    assert list(db.scalars(select(mail.c.state).order_by(mail.c.id))) == ["due", "due", "dropped", "dropped"]


def test_a_site_that_does_not_allow_it_sends_none(db, signer, settings, ann, ask, log_in):
    token = ask()
    settings = msgspec.structs.replace(settings, login_links=False)
    with pytest.raises(NotFound):
        passwordless_logins.ask_for_link(
            db, signer, settings, now=NOW, email="ann@mail.example", tied_to=BROWSER, next="/"
        )
    with pytest.raises(NotFound):
        passwordless_logins.log_in_with_link(db, signer, settings, now=NOW, token=token, tied_to=BROWSER, **HERE)


def test_a_new_password_ends_links_that_are_under_way(db, ann, ask, log_in):
    token = ask()
    passwords.change(db, now=NOW, account_id=ann.id, password_hash="new", end_tokens=False)

    with pytest.raises(NotFound):
        log_in(token)


@pytest.fixture
def second_step(database, settings):
    def second_step(pending, **given):
        return sessions.pass_second_step(
            database, secret.sealer(settings), settings, now=NOW, pending=pending, tied_to=BROWSER, **HERE, **given
        )

    return second_step


@pytest.fixture
def began(database, signer, settings):
    """Log in with a link, and return what the browser keeps until the second factor is there."""

    def began():
        with database.writing() as db:
            passwordless_logins.ask_for_link(
                db, signer, settings, now=NOW, email="ann@mail.example", tied_to=BROWSER, next="/"
            )
            detail = db.scalars(select(mail.c.detail).where(mail.c.kind == "login_link")).all()[-1]
            token = one_time_links.token(signer, msgspec.json.decode(detail)["link_id"], "login_link")
            needed = passwordless_logins.log_in_with_link(
                db, signer, settings, now=NOW, token=token, tied_to=BROWSER, **HERE
            )
        assert isinstance(needed, SecondFactorNeeded)
        return needed.pending

    return began


@pytest.fixture
def kept_ann(database):
    """Ann's account, made in a transaction of its own."""
    sign_up = SignUp(username="ann", email="ann@mail.example", password_hash="x")
    with database.writing() as db:
        return registrations.create(db, now=NOW, sign_up=sign_up, confirmed=True, smtp_utf8=False)


def factors_of_logins(database):
    with database.reading() as db:
        return list(db.scalars(select(security_event.c.detail).where(security_event.c.kind == "login")))


def test_the_second_factor_is_asked_for_all_the_same(database, settings, kept_ann, began, second_step):
    app = authenticator.set_up(database, settings, kept_ann, now=NOW)
    pending = began()
    with pytest.raises(Invalid):
        second_step(pending, code="000000")
    second_step(pending, code=app.code(NOW))

    assert factors_of_logins(database) == ["link_totp"]


def test_a_passkey_is_that_too(database, signer, settings, kept_ann, began, second_step):
    device = Device()
    options = passkeys.options_to_add(
        signer, settings, now=NOW, account_id=kept_ann, username="ann", tied_to=BROWSER, present=[]
    )
    new = passkeys.check_new(
        database, signer, settings, now=NOW, account_id=kept_ann, tied_to=BROWSER, answer=device.make(options)
    )
    with database.writing() as db:
        second_factors.add_passkey(db, now=NOW, account_id=kept_ann, new=new, name="phone")
        passwords.remove(db, now=NOW, account_id=kept_ann)
        present = passkey_queries.of_account(db, kept_ann)
    options = passkeys.options_to_prove(
        signer, settings, passkey_challenges.SECOND_STEP, now=NOW, tied_to=BROWSER, of=present
    )
    second_step(began(), passkey=device.sign(options))

    assert factors_of_logins(database) == ["link_passkey"]


def test_a_log_in_that_began_with_a_link_cannot_pass_for_another(database, settings, kept_ann, began, second_step):
    app = authenticator.set_up(database, settings, kept_ann, now=NOW)

    with pytest.raises(LoginOver):
        second_step(began().replace(".link.", ".password."), code=app.code(NOW))
