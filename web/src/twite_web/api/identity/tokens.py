"""The endpoints that applications call: /oauth/token, /oauth/revoke, /oauth/userinfo, and the server's metadata."""

import msgspec
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import OAuth2Request
from litestar import Router, get, post, route
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody
from msgspec import UNSET, UnsetType

from twite_common import clock
from twite_common.queries.accounts import accounts
from twite_web.api import route_limits
from twite_web.api.access import anyone, reading, user
from twite_web.api.schemas import Empty, Entity
from twite_web.api.serializers import accounts as account_serializers
from twite_web.core import core
from twite_web.errors import Failure
from twite_web.oauth import scopes
from twite_web.oauth.server import Answer, Server, read
from twite_web.types import Request, Response


class TokenRequest(msgspec.Struct):
    """What an application sends to get a token (RFC 6749)."""

    grant_type: str = ""
    code: str | None = None
    redirect_uri: str | None = None
    client_id: str | None = None
    client_secret: str | None = None
    code_verifier: str | None = None
    refresh_token: str | None = None
    scope: str | None = None


class RevocationRequest(msgspec.Struct):
    """What an application sends to end a token (RFC 7009)."""

    token: str | None = None
    token_type_hint: str | None = None
    client_id: str | None = None
    client_secret: str | None = None


class Token(Entity, frozen=True, kw_only=True, gc=False):
    """A token (RFC 6749, section 5.1); one that ends has a refresh token and says in how many seconds."""

    access_token: str
    token_type: str
    scope: str
    created_at: int
    expires_in: int | UnsetType = UNSET
    refresh_token: str | UnsetType = UNSET


class Metadata(Entity, frozen=True, kw_only=True, gc=False):
    """This authorization server (RFC 8414)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str
    userinfo_endpoint: str
    app_registration_endpoint: str
    service_documentation: str
    scopes_supported: list[str]
    response_types_supported: list[str]
    response_modes_supported: list[str]
    grant_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    revocation_endpoint_auth_methods_supported: list[str]
    code_challenge_methods_supported: list[str]


UNEXPLAINED = {
    "unsupported_grant_type": "The authorization grant type is not supported by the authorization server.",
    "invalid_request": "The request is missing a parameter, or has one that can't be understood.",
    "invalid_scope": "The requested scope is invalid, unknown, or malformed.",
}
"""What is said of errors that Authlib only names: clients expect a description of each."""
GIVEN = {200: ResponseSpec(Token, description="The token.", generate_examples=False)}
ENDED = {200: ResponseSpec(Empty, description="The token has been revoked.", generate_examples=False)}


@post("/oauth/token", status_code=200, responses=GIVEN, sync_to_thread=True, opt=anyone())
def token(request: Request, data: JSONBody[TokenRequest]) -> Response:
    """Issue a token, for a code, for a refresh token, or for the application itself."""
    now = clock.now()
    route_limits.check_oauth(request, now)
    with core(request).database.writing() as db:
        server = Server(db, now=now)
        answer = server.create_token_response(_read(request, data))
        if server.acts_for is not None:
            route_limits.check_oauth(request, now, account_id=server.acts_for)
    return _json(answer)


@post("/oauth/revoke", status_code=200, responses=ENDED, sync_to_thread=True, opt=anyone())
def revoke(request: Request, data: JSONBody[RevocationRequest]) -> Response:
    """Revoke a token; an unknown one is no error."""
    now = clock.now()
    route_limits.check_oauth(request, now)
    with core(request).database.writing() as db:
        server = Server(db, now=now)
        answer = server.create_endpoint_response("revocation", _read(request, data))
    refused = isinstance(answer.body, dict) and answer.body.get("error") in {"invalid_client", "unauthorized_client"}
    if refused or not data.token:
        body = {
            "error": "unauthorized_client",
            "error_description": "You are not authorized to revoke this token",
        }
        return Response(body, status_code=403, headers=dict(answer.headers))
    return _json(answer)


@route(
    "/oauth/userinfo",
    http_method=["GET", "POST"],
    status_code=200,
    opt=user("profile", "read:accounts"),
    sync_to_thread=True,
)
def userinfo(request: Request) -> dict[str, str]:
    """Return who a token acts for, in OpenID Connect's words."""
    with reading(request) as access:
        account = accounts.load(access.db, [access.account_id])[access.account_id]
        entity = account_serializers.account(access.core, account)
        base = access.core.addresses.base
    return {
        "iss": f"{base}/",
        "sub": entity.uri,
        "name": entity.display_name,
        "preferred_username": entity.username,
        "profile": entity.url,
        "picture": entity.avatar,
    }


@get("/.well-known/oauth-authorization-server", sync_to_thread=True, opt=anyone())
def metadata(request: Request) -> Metadata:
    """Describe this authorization server (RFC 8414)."""
    with reading(request) as access:
        base = access.core.addresses.base
    return Metadata(
        issuer=f"{base}/",
        authorization_endpoint=f"{base}/oauth/authorize",
        token_endpoint=f"{base}/oauth/token",
        revocation_endpoint=f"{base}/oauth/revoke",
        userinfo_endpoint=f"{base}/oauth/userinfo",
        app_registration_endpoint=f"{base}/api/v1/apps",
        service_documentation=f"{base}/api/docs",
        scopes_supported=sorted(scopes.ALL),
        response_types_supported=["code"],
        response_modes_supported=["query"],
        grant_types_supported=["authorization_code", "client_credentials", "refresh_token"],
        token_endpoint_auth_methods_supported=["client_secret_basic", "client_secret_post", "none"],
        revocation_endpoint_auth_methods_supported=["client_secret_basic", "client_secret_post"],
        code_challenge_methods_supported=["S256"],
    )


def _read(request: Request, data: msgspec.Struct) -> OAuth2Request:
    try:
        return read("POST", data, request.headers.get("authorization", ""))
    except OAuth2Error as error:
        raise Failure(400, error.error, error_description=error.description) from error


def _json(answer: Answer) -> Response:
    body = answer.body or {}
    if "error" in body:
        body = {"error_description": UNEXPLAINED.get(body["error"], "The request can't be granted.")} | body
    return Response(body, status_code=answer.status, headers=dict(answer.headers))


router = Router("/", route_handlers=[token, revoke, userinfo, metadata], tags=["oauth"])
