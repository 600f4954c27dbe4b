"""What applications learn of tokens (RFC 7662): of their own all, of others' nothing."""

import pytest
from sqlalchemy import update

from twite_common import clock
from twite_common.tables import account, credentials, token


@pytest.fixture
def introspect(api, app_):
    def introspect(text, app=app_, **fields):
        sent = {"client_id": app["client_id"], "client_secret": app["client_secret"], "token": text} | fields
        return api().post("/oauth/introspect", data=sent)

    return introspect


@pytest.fixture
def made(app_, allow, redeem):
    return redeem(app_, allow(app_)).json()


def test_an_application_learns_what_its_token_is_good_for(introspect, app_, made):
    told = introspect(made["access_token"]).json()

    assert abs(told.pop("iat") - clock.now() // 1000) < 60
    assert told == {
        "active": True,
        "scope": "read",
        "client_id": app_["client_id"],
        "username": "ann",
        "token_type": "Bearer",
        "sub": "http://twite.example/@ann",
        "iss": "http://twite.example/",
    }


def test_of_a_token_that_refreshes_another_it_learns_that_it_works(register, allow, redeem, introspect):
    app = register(scopes="read offline_access")
    made = redeem(app, allow(app, scope="read offline_access")).json()
    token, refresh = (introspect(made[name], app).json() for name in ("access_token", "refresh_token"))

    assert token["exp"] > token["iat"]
    assert (refresh["active"], refresh.keys() & {"exp", "token_type"}) == (True, set())


def test_of_another_applications_token_it_learns_nothing(introspect, register, made, api, ann):
    personal = api(ann).headers["authorization"].removeprefix("Bearer ")

    assert introspect(made["access_token"], register()).json() == {"active": False}
    assert introspect(personal).json() == {"active": False}
    assert introspect("unknown").json() == {"active": False}


@pytest.mark.parametrize("end", ["revoked", "over", "suspended", "unconfirmed"])
def test_of_a_token_that_does_not_work_it_learns_no_more(database, introspect, made, end):
    statement = {
        "revoked": update(token).values(revoked_at=1),
        "over": update(token).values(expires_at=1),
        "suspended": update(account).values(suspended_at=1),
        "unconfirmed": update(credentials).values(confirmed_at=None),
    }[end]
    with database.writing() as db:
        db.execute(statement)

    assert introspect(made["access_token"]).json() == {"active": False}


def test_a_sign_up_with_a_known_address_looks_like_any_other(api, register, ann, introspect):
    app = register(scopes="read write")
    sent = {"grant_type": "client_credentials", "client_id": app["client_id"], "client_secret": app["client_secret"]}
    own = api().post("/oauth/token", data=sent | {"scope": "read write"}).json()["access_token"]
    told = []
    for name, email in (("dot", "dot@mail.example"), ("eve", ann.email)):
        form = {"username": name, "email": email, "password": "unrelated words here", "agreement": True, "locale": "en"}
        answer = api().post("/api/v1/accounts", json=form, headers={"Authorization": f"Bearer {own}"})
        told.append(introspect(answer.json()["access_token"], app).json())

    assert told == [{"active": False}] * 2


@pytest.mark.parametrize("fields", [{"client_secret": "wrong"}, {"client_secret": ""}, {"client_id": "x"}])
def test_without_its_secret_nobody_asks(introspect, made, fields):
    answer = introspect(made["access_token"], **fields)

    assert (answer.status_code in {400, 401}, answer.json()["error"]) == (True, "invalid_client")


def test_without_a_token_there_is_nothing_to_tell(introspect):
    assert introspect("").json()["error"] == "invalid_request"
