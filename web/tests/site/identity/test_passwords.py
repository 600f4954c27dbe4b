"""Getting back in without the password."""

import msgspec
import pytest
from sqlalchemy import select

from twite_common import clock
from twite_common.queries.accounts import credentials
from twite_common.secret import signer
from twite_common.services import one_time_links
from twite_common.services.accounts import accounts
from twite_common.tables import mail

NEW = "another good password"


def mails(database):
    with database.reading() as db:
        return [tuple(row) for row in db.execute(select(mail.c.kind, mail.c.address).order_by(mail.c.id))]


@pytest.fixture
def ask(stranger):
    def ask(email="ann@mail.example"):
        stranger.open("/forgot")
        return stranger.submit("/forgot", {"email": email})

    return ask


@pytest.fixture
def token(database, settings, ann, ask):
    ask()
    with database.reading() as db:
        detail = db.scalars(select(mail.c.detail).where(mail.c.kind == "reset")).one()
    return one_time_links.token(signer(settings), msgspec.json.decode(detail)["link_id"], "reset")


def can_log_in(browser, password):
    browser.open("/login")
    browser.submit("/login", {"name": "ann", "password": password})
    return browser.open("/settings") and browser.path == "/settings"


@pytest.mark.parametrize("email", ["ann@mail.example", "nobody@mail.example", "ann", "a\0n", "", "x" * 10_000])
def test_the_answer_does_not_say_whether_there_is_an_account(database, ann, stranger, ask, email):
    ask(email)

    assert stranger.path == "/forgot/sent"
    assert mails(database) == ([("reset", "ann@mail.example")] if email == ann.email else [])


def test_a_suspended_account_gets_no_link(database, ann, ask):
    with database.writing() as db:
        accounts.suspend(db, now=clock.now(), account_id=ann.id)
    ask()

    assert mails(database) == []


class TestLimits:
    @pytest.fixture
    def settings(self, settings):
        return msgspec.structs.replace(settings, limit_mails=2)

    @pytest.mark.faults
    def test_requests_from_one_address_are_limited(self, ann, stranger, ask):
        for _ in range(3):
            response = ask("nobody@mail.example")

        assert response.status_code == 429
        assert 0 < int(response.headers["Retry-After"]) <= 3600
        assert response.headers["X-RateLimit-Remaining"] == "0"
        assert stranger.value("email") == "nobody@mail.example"


def test_a_link_sets_a_new_password_and_ends_every_session(database, ann, as_ann, stranger, token):
    stranger.open(f"/reset/{token}")
    stranger.submit(f"/reset/{token}", {"password": NEW})
    notice = stranger.text
    as_ann.open("/settings")

    assert stranger.path == "/login"
    assert "Please log in with the new one." in notice
    assert as_ann.path == "/login"
    assert can_log_in(stranger, NEW)
    assert mails(database)[-1] == ("password_changed", "ann@mail.example")


@pytest.mark.faults
@pytest.mark.parametrize("ticked", [True, False])
def test_a_reset_signs_apps_out_unless_that_is_unticked(api, ann, stranger, token, ticked):
    app = api(ann)
    stranger.open(f"/reset/{token}")
    offered = "Also log out all apps" in stranger.text and stranger.value("end_tokens") == "1"
    stranger.submit(f"/reset/{token}", {"password": NEW} | ({} if ticked else {"end_tokens": None}))

    assert offered
    assert app.get("/api/v1/preferences").status_code == (401 if ticked else 200)


@pytest.mark.faults
def test_who_was_locked_out_by_strangers_comes_in_by_a_reset(settings, open_browser, stranger, token):
    elsewhere = open_browser()
    for _ in range(settings.login_attempts + 1):
        elsewhere.open("/login")
        locked = elsewhere.submit("/login", {"name": "ann", "password": "a bad guess"})
    stranger.open(f"/reset/{token}")
    stranger.submit(f"/reset/{token}", {"password": NEW})

    assert locked.status_code == 429
    assert can_log_in(stranger, NEW)
    assert not can_log_in(elsewhere, NEW)


def test_opening_a_link_does_not_use_it_up_but_using_it_does(stranger, token):
    stranger.open(f"/reset/{token}")
    opened_again = stranger.open(f"/reset/{token}").status_code
    stranger.submit(f"/reset/{token}", {"password": NEW})

    assert opened_again == 200
    assert stranger.open(f"/reset/{token}").status_code == 404


def test_a_password_that_is_too_short_is_refused_and_the_link_still_works(stranger, token):
    stranger.open(f"/reset/{token}")
    response = stranger.submit(f"/reset/{token}", {"password": "short"})
    stranger.submit(f"/reset/{token}", {"password": NEW})

    assert response.status_code == 422
    assert can_log_in(stranger, NEW)


@pytest.mark.parametrize("forged", ["x", "1.x", "99999999999999999999.x", "-1.x", "%00"])
def test_a_forged_link_sets_nothing(database, ann, stranger, forged):
    with database.reading() as db:
        before = credentials.get(db, ann.id)
    opened = stranger.open(f"/reset/{forged}").status_code
    stranger.open("/login")
    sent = stranger.client.post(
        f"/reset/{forged}", data={"password": NEW, "form_token": stranger.value("form_token")}
    ).status_code

    assert (opened, sent) == (404, 404)
    with database.reading() as db:
        assert credentials.get(db, ann.id) == before


def test_a_reset_confirms_an_address_that_waited(database, settings, make_account, stranger, ask):
    dot = make_account("dot", confirmed=False)
    ask(dot.email)
    with database.reading() as db:
        detail = db.scalars(select(mail.c.detail).where(mail.c.kind == "reset")).one()
    token = one_time_links.token(signer(settings), msgspec.json.decode(detail)["link_id"], "reset")
    stranger.open(f"/reset/{token}")
    stranger.submit(f"/reset/{token}", {"password": NEW})

    with database.reading() as db:
        assert credentials.get(db, dot.id).confirmed_at is not None


def test_a_form_without_its_token_asks_for_nothing(database, ann, client):
    assert client.post("/forgot", data={"email": ann.email}).status_code == 403
    assert mails(database) == []
