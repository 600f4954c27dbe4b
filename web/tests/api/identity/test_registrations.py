"""Signing up with an application."""

import re

import httpx
import msgspec
import pytest
from sqlalchemy import select, update

from twite_common import clock
from twite_common.passwords import Passwords
from twite_common.queries import viewers
from twite_common.secret import signer
from twite_common.services import one_time_links
from twite_common.services.identity import confirmations
from twite_common.services.moderation import sign_up_blocks
from twite_common.tables import account, attempt, credentials, link, mail, preferences

FORM = {
    "username": "dot",
    "email": "dot@mail.example",
    "password": "correct horse battery",
    "agreement": "true",
    "locale": "en",
    "date_of_birth": "1990-01-01",
    "time_zone": "Europe/Berlin",
}
UNCONFIRMED = "Your login is missing a confirmed e-mail address"


@pytest.fixture
def registration():
    return "open"


@pytest.fixture
def settings(settings, registration):
    return msgspec.structs.replace(settings, registration=registration)


@pytest.fixture
def with_token(client, settings):
    """Make a client of the API with a token."""

    def with_token(token):
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(transport=client._transport, base_url=settings.base_url, headers=headers)

    return with_token


@pytest.fixture
def application(stranger, with_token):
    """An application with a token of its own."""

    def application():
        made = stranger.post(
            "/api/v1/apps",
            data={"client_name": "App", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob", "scopes": "read write"},
        ).json()
        identity = {"client_id": made["client_id"], "client_secret": made["client_secret"]}
        answer = stranger.post(
            "/oauth/token", data={"grant_type": "client_credentials", "scope": "read write", **identity}
        )
        return with_token(answer.json()["access_token"])

    return application


@pytest.fixture
def register(application, with_token):
    """Sign up in an application; return a client with the token that it gets."""

    def register(**changes):
        answer = application().post("/api/v1/accounts", data={**FORM, **changes})
        assert answer.status_code == 200, answer.text
        return with_token(answer.json()["access_token"])

    return register


def test_a_new_account_gets_a_token_that_works_once_it_is_confirmed(application, with_token, database, settings):
    token = application().post("/api/v1/accounts", json={**FORM, "agreement": True}).json()
    as_dot = with_token(token["access_token"])
    before = as_dot.get("/api/v1/accounts/verify_credentials")
    waiting = as_dot.get("/api/v1/emails/check_confirmation")
    with database.writing() as db:
        [link_id] = db.scalars(select(link.c.id).where(link.c.purpose == "confirm"))
        text = one_time_links.token(signer(settings), link_id, "confirm")
        confirmations.confirm_by_link(db, signer(settings), now=clock.now(), token=text)

    assert (token["token_type"], token["scope"]) == ("Bearer", "read write")
    assert (before.status_code, before.json()["error"]) == (403, UNCONFIRMED)
    assert (waiting.json(), as_dot.get("/api/v1/emails/check_confirmation").json()) == (False, True)
    assert as_dot.get("/api/v1/accounts/verify_credentials").json()["username"] == "dot"


def test_where_an_account_came_from_is_kept(register, database):
    register(reason="I like birds")
    with database.reading() as db:
        kept = db.execute(
            select(credentials.c.created_by_application_id, credentials.c.sign_up_address, credentials.c.reason)
        ).one()
        zone = db.scalar(select(preferences.c.time_zone))

    assert kept[0] is not None
    assert kept[1:] == ("testclient", "I like birds")
    assert zone == "Europe/Berlin"


def test_everything_that_is_wrong_is_said_at_once(application, ann):
    answer = application().post(
        "/api/v1/accounts", data={"username": "Ann", "email": "x", "password": "short", "agreement": "false"}
    )
    refused = answer.json()

    assert answer.status_code == 422
    assert refused["error"].startswith("Validation failed: ")
    assert {field: one[0]["error"] for field, one in refused["details"].items()} == {
        "username": "ERR_TAKEN",
        "email": "ERR_INVALID",
        "password": "ERR_TOO_SHORT",
        "agreement": "ERR_ACCEPTED",
    }


def test_an_address_that_mail_does_not_reach_is_refused_with_what_to_do(application, register):
    signed_up = application().post("/api/v1/accounts", data=FORM | {"email": "jörg@münchen.example"})
    corrected = register(email="dot@münchen.example").post(
        "/api/v1/emails/confirmations", data={"email": "jörg@münchen.example"}
    )

    [problem] = signed_up.json()["details"]["email"]
    assert (signed_up.status_code, problem["error"]) == (422, "ERR_INVALID")
    assert "mail server only accepts" in problem["description"]
    assert corrected.status_code == 422


@pytest.fixture
def blocked_provider(database, make_account):
    """The server of mail addresses that are kept out."""
    admin = make_account("keeper", role="admin")
    with database.writing() as db:
        viewer = viewers.by_account(db, admin.id)
        sign_up_blocks.add_domain(db, now=clock.now(), viewer=viewer, domain="bad.example")
    return "bad.example"


def test_whether_an_address_has_an_account_is_not_told(register, ann, database, blocked_provider):
    known, unknown = register(email=ann.email), register(username="eve", email="eve@mail.example")
    answers = [
        [
            # Each comes from an application of its own, which it may know.
            (answer.status_code, re.sub(r'"id":"\d+"', "", answer.text))
            for answer in (
                one.get("/api/v1/accounts/verify_credentials"),
                one.get("/api/v1/timelines/home"),
                one.get("/api/v1/timelines/public"),
                one.get("/api/v1/apps/verify_credentials"),
                one.get("/api/v1/emails/check_confirmation"),
                one.post("/api/v1/emails/confirmations"),
                one.post("/api/v1/emails/confirmations", data={"email": "nothing"}),
                one.post("/api/v1/emails/confirmations", data={"email": f"dot@{blocked_provider}"}),
                one.get("/api/v1/push/subscription"),
            )
        ]
        for one in (known, unknown)
    ]
    with database.reading() as db:
        names = set(db.scalars(select(account.c.username)))
        told = db.execute(select(mail.c.kind, mail.c.address).order_by(mail.c.id)).first()

    assert answers[0] == answers[1]
    assert (names, tuple(told)) == ({"ann", "eve", "keeper"}, ("already_registered", ann.email))


def test_an_unconfirmed_address_can_be_corrected(register, database):
    as_dot = register(email="dto@mail.example")
    answer = as_dot.post("/api/v1/emails/confirmations", data={"email": "dot@mail.example"})
    with database.reading() as db:
        address = db.scalar(select(credentials.c.email))
        sent = list(db.scalars(select(mail.c.address).where(mail.c.kind == "confirm").order_by(mail.c.id)))

    assert (answer.json(), address, sent) == ({}, "dot@mail.example", ["dto@mail.example", "dot@mail.example"])


def test_the_address_of_a_confirmed_account_cannot_be_changed_without_the_password(register, database):
    as_dot = register()
    with database.writing() as db:
        db.execute(update(credentials).values(confirmed_at=1))
    answer = as_dot.post("/api/v1/emails/confirmations", data={"email": "other@mail.example"})

    assert answer.status_code == 403
    assert answer.json()["error"] == "This method is only available while the e-mail is awaiting confirmation"


def test_an_application_that_did_not_make_the_account_sends_no_links(as_ann):
    assert as_ann.post("/api/v1/emails/confirmations").status_code == 403
    assert as_ann.get("/api/v1/emails/check_confirmation").json() is True


def test_a_person_s_token_makes_an_account_for_somebody_else(api, ann, as_ann, stranger, with_token):
    made = as_ann.post("/api/v1/accounts", data=FORM)
    who = with_token(made.json()["access_token"]).get("/api/v1/accounts/verify_credentials")

    assert made.status_code == 200, made.text
    assert (who.status_code, who.json()["error"]) == (403, UNCONFIRMED)
    assert api(ann, "read").post("/api/v1/accounts", data=FORM).status_code == 403
    assert stranger.post("/api/v1/accounts", data=FORM).status_code == 401


def test_sign_ups_from_one_address_are_limited(application, settings):
    app = application()
    answers = [
        app.post("/api/v1/accounts", data={**FORM, "username": f"n{n}", "email": f"n{n}@mail.example"}).status_code
        for n in range(settings.signups + 1)
    ]

    assert answers == [200] * settings.signups + [429]


def counted(database):
    with database.reading() as db:
        return list(db.scalars(select(attempt.c.number).order_by(attempt.c.subject)))


def test_a_sign_up_that_is_refused_is_counted_and_costs_no_hash(application, database, settings, monkeypatch):
    hashed = []
    monkeypatch.setattr(Passwords, "hash_again", lambda _self, password: hashed.append(password))
    app = application()
    answers = [app.post("/api/v1/accounts", data={**FORM, "username": "?"}) for _ in range(settings.signups + 1)]

    assert [answer.status_code for answer in answers] == [422] * settings.signups + [429]
    assert (counted(database), hashed) == ([settings.signups], [])


@pytest.mark.parametrize("registration", ["closed", "invitation"])
def test_where_not_everybody_may_sign_up_an_application_may_not_either(application, registration):
    assert application().post("/api/v1/accounts", data=FORM).status_code == 403
