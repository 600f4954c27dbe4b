"""Getting back in without the password."""

import msgspec
import pytest
from sqlalchemy import select

from twite_common import clock
from twite_common.queries import credentials
from twite_common.secret import signer
from twite_common.services import accounts, links
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
    return links.token(signer(settings), msgspec.json.decode(detail)["link_id"], "reset")


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


def test_requests_from_one_address_are_limited(ann, stranger, ask):
    for _ in range(6):
        response = ask("nobody@mail.example")

    assert response.status_code == 429
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
    token = links.token(signer(settings), msgspec.json.decode(detail)["link_id"], "reset")
    stranger.open(f"/reset/{token}")
    stranger.submit(f"/reset/{token}", {"password": NEW})

    with database.reading() as db:
        assert credentials.get(db, dot.id).confirmed_at is not None


def test_a_form_without_its_token_asks_for_nothing(database, ann, client):
    assert client.post("/forgot", data={"email": ann.email}).status_code == 403
    assert mails(database) == []
