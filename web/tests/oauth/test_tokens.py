"""What tokens are good for, how they end, and who may end and renew them."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from authlib.oauth2 import rfc9207
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from litestar.routes import HTTPRoute
from sqlalchemy import update

from support.oauth_client import CALLBACK, PKCE, VERIFIER
from twite_common.tables import token


def test_a_token_does_what_its_scopes_cover_and_no_more(api, app_, allow, redeem):
    made = redeem(app_, allow(app_, scope="write:statuses")).json()
    bearer = {"Authorization": f"Bearer {made['access_token']}"}

    assert api().post("/api/v1/statuses", json={"status": "x"}, headers=bearer).status_code == 200
    assert api().post("/api/v1/accounts/1/follow", headers=bearer).status_code == 403
    assert api().get("/api/v1/timelines/home", headers=bearer).status_code == 403


def test_an_application_gets_a_token_for_itself(api, app_, works):
    sent = {"grant_type": "client_credentials", "client_id": app_["client_id"], "client_secret": app_["client_secret"]}
    made = api().post("/oauth/token", json=sent | {"scope": "read"}).json()
    bearer = {"Authorization": f"Bearer {made['access_token']}"}

    assert works(made["access_token"], "/api/v1/apps/verify_credentials")
    assert api().get("/api/v1/timelines/home", headers=bearer).status_code == 422
    assert api().post("/oauth/token", json=sent | {"client_secret": "wrong"}).status_code == 401


def test_an_applications_own_token_is_for_no_more_than_it_was_registered_with(api, register):
    app = register(scopes="read:accounts push")
    sent = {"grant_type": "client_credentials", "client_id": app["client_id"], "client_secret": app["client_secret"]}
    answers = {
        scope: api().post("/oauth/token", json=sent | {"scope": scope})
        for scope in ("push", "read:accounts push", "read", "write", "admin:read", "push write:accounts")
    }

    assert {scope: answer.status_code for scope, answer in answers.items() if answer.status_code == 200} == {
        "push": 200,
        "read:accounts push": 200,
    }
    assert {answer.json()["error"] for answer in answers.values() if answer.status_code == 400} == {"invalid_scope"}


def test_a_revoked_token_is_over_and_only_its_application_can_revoke_it(api, register, app_, allow, redeem, works):
    made = redeem(app_, allow(app_)).json()["access_token"]

    def revoke(app):
        sent = {"client_id": app["client_id"], "client_secret": app["client_secret"], "token": made}
        return api().post("/oauth/revoke", data=sent).status_code

    assert (revoke(register()), works(made)) == (403, True)
    assert (revoke(app_ | {"client_secret": "wrong"}), works(made)) == (403, True)
    assert (revoke(app_), works(made)) == (200, False)
    assert revoke(app_) == 200


@pytest.mark.parametrize("grant_type", ["password", "", "client_credentials"])
def test_every_refusal_of_a_token_is_described(api, app_, grant_type):
    sent = {"client_id": app_["client_id"], "client_secret": app_["client_secret"], "scope": "nothing"}
    response = api().post("/oauth/token", data=sent | {"grant_type": grant_type})

    assert (response.status_code, response.json().keys()) == (400, {"error", "error_description"})
    assert response.json()["error_description"]


def test_neither_a_personal_token_nor_none_is_an_applications_to_revoke(api, app_, ann):
    sent = {"client_id": app_["client_id"], "client_secret": app_["client_secret"]}
    personal = api(ann).headers["authorization"].removeprefix("Bearer ")

    for given in (sent, sent | {"token": personal}):
        response = api().post("/oauth/revoke", data=given)
        assert (response.status_code, response.json()["error"]) == (403, "unauthorized_client")


class TestExpiringTokens:
    @pytest.fixture
    def app_(self, register):
        return register(scopes="read offline_access")

    @pytest.fixture
    def made(self, app_, allow, redeem):
        return redeem(app_, allow(app_, scope="read offline_access")).json()

    @pytest.fixture
    def refresh(self, api, app_):
        def refresh(refresh_token, app=app_):
            sent = {
                "grant_type": "refresh_token",
                "refresh_token": refresh_token,
                "client_id": app["client_id"],
                "client_secret": app["client_secret"],
            }
            return api().post("/oauth/token", data=sent)

        return refresh

    def test_a_token_ends_and_can_be_refreshed(self, database, made, refresh, works):
        with database.writing() as db:
            db.execute(update(token).values(expires_at=1))
        over = works(made["access_token"])
        fresh = refresh(made["refresh_token"]).json()

        assert made["expires_in"] > 0
        assert not over
        assert works(fresh["access_token"])

    def test_the_old_token_ends_with_the_refresh(self, made, refresh, works):
        refresh(made["refresh_token"])

        assert not works(made["access_token"])

    def test_a_refresh_token_that_is_used_again_ends_the_whole_family(self, made, refresh, works):
        fresh = refresh(made["refresh_token"]).json()
        again = refresh(made["refresh_token"])

        assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
        assert not works(fresh["access_token"])

    def test_of_two_who_refresh_at_the_same_moment_one_gets_a_token(self, made, refresh):
        with ThreadPoolExecutor(4) as pool:
            answers = [answer.status_code for answer in pool.map(lambda _: refresh(made["refresh_token"]), range(4))]

        assert answers.count(200) == 1

    @pytest.mark.faults
    def test_an_application_with_a_secret_needs_it_to_refresh(self, app_, made, refresh, works):
        without, wrong = app_ | {"client_secret": ""}, app_ | {"client_secret": "wrong"}
        answers = [refresh(made["refresh_token"], app) for app in (without, wrong)]

        assert [(answer.status_code, answer.json()["error"]) for answer in answers] == [(401, "invalid_client")] * 2
        assert works(made["access_token"]), "a thief ends nothing"
        fresh = refresh(made["refresh_token"]).json()
        assert refresh(fresh["refresh_token"], without).status_code == 401

    @pytest.mark.faults
    def test_who_never_used_a_secret_refreshes_without_one_until_it_does(self, app_, allow, redeem, refresh):
        code = allow(app_, scope="read offline_access", **PKCE)
        public = app_ | {"client_secret": ""}
        made = redeem(app_, code, client_secret=None, code_verifier=VERIFIER).json()
        again = refresh(made["refresh_token"], public).json()
        proved = refresh(again["refresh_token"]).json()

        assert refresh(proved["refresh_token"], public).status_code == 401
        assert refresh(proved["refresh_token"]).status_code == 200

    def test_another_application_can_not_refresh_it(self, register, made, refresh):
        assert refresh(made["refresh_token"], register()).status_code == 400


@pytest.mark.parametrize(
    "fields",
    [
        {"redirect_uris": ""},
        {"redirect_uris": "not an address"},
        {"redirect_uris": "javascript:alert(1)"},
        {"redirect_uris": "https://app.example/#fragment"},
        {"redirect_uris": [CALLBACK] * 1000},
        {"client_name": ""},
        {"client_name": "x" * 10_000},
        {"scopes": "everything"},
        {"website": "javascript:alert(1)"},
        {"website": "x" * 10_000},
    ],
    ids=lambda fields: str(fields)[:50],
)
def test_an_application_that_can_not_be_is_refused(register, fields):
    assert register(**fields).keys() & {"error", "client_id"} == {"error"}


def test_the_server_describes_itself(api, bare):
    described = api().get("/.well-known/oauth-authorization-server").json()
    paths = {route.path_format for route in bare.routes if isinstance(route, HTTPRoute)}
    endpoints = {name: address for name, address in described.items() if name.endswith("_endpoint")}

    as_served = {
        name: value.replace("http:", "https:") if isinstance(value, str) else value for name, value in described.items()
    }
    AuthorizationServerMetadata(as_served).validate(metadata_classes=[rfc9207.AuthorizationServerMetadata])

    assert described["issuer"] == "http://twite.example/"
    assert described["code_challenge_methods_supported"] == ["S256"]
    assert described["response_types_supported"] == ["code"]
    assert set(described["grant_types_supported"]) == {
        "authorization_code",
        "client_credentials",
        "refresh_token",
        "urn:ietf:params:oauth:grant-type:device_code",
    }
    assert {"device_authorization_endpoint", "introspection_endpoint", "token_endpoint"} <= endpoints.keys()
    assert {address.removeprefix("http://twite.example") for address in endpoints.values()} <= paths


@pytest.mark.parametrize("value", ["Bearer", "Bearer ", "Bearer x", "Basic x", "Bearer a b", "bearer \xff", "x" * 8000])
def test_a_malformed_token_is_no_token(client, value):
    response = client.get("/api/v1/accounts/verify_credentials", headers=[(b"authorization", value.encode("latin-1"))])

    assert isinstance(response, httpx.Response)
    assert (response.status_code, response.headers["www-authenticate"][:6]) == (401, "Bearer")


def test_who_a_token_acts_for_is_told_whichever_way_it_is_asked(api, ann):
    client = api(ann, "profile")
    told = client.get("/oauth/userinfo").json()

    assert (told["preferred_username"], told["profile"]) == ("ann", "http://twite.example/@ann")
    assert client.post("/oauth/userinfo").json() == told
    assert api().post("/oauth/userinfo").status_code == 401
