"""The endpoints that applications call: /oauth/token and those beside it, and the server's metadata."""

from collections.abc import Callable

import msgspec
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import OAuth2Request
from litestar import get, post, route
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody
from msgspec import UNSET, UnsetType

from twite_common import clock
from twite_common.queries.accounts import accounts
from twite_common.services import attempts
from twite_web.api import route_limits
from twite_web.api.access import anyone, reading, user
from twite_web.api.schemas import Empty, Entity
from twite_web.api.serializers import accounts as account_serializers
from twite_web.core import core
from twite_web.errors import Failure
from twite_web.oauth import scopes
from twite_web.oauth.clients import ENDPOINT_METHODS, GRANT_TYPES
from twite_web.oauth.requests import Answer, read
from twite_web.oauth.server import Server
from twite_web.proxies import client_address
from twite_web.routing import Router
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
    device_code: str | None = None
    scope: str | None = None


class DeviceRequest(msgspec.Struct):
    """What a device without a browser sends to be let in (RFC 8628, section 3.1)."""

    client_id: str | None = None
    client_secret: str | None = None
    scope: str | None = None


class KnownTokenRequest(msgspec.Struct):
    """What an application sends to end a token (RFC 7009), or to learn what it is good for (RFC 7662)."""

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


class DeviceCodes(Entity, frozen=True, kw_only=True, gc=False):
    """Codes for a device (RFC 8628, section 3.2): its own, and the one that it shows, with the page to type it on."""

    device_code: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_in: int
    interval: int


class Introspection(Entity, frozen=True, kw_only=True, gc=False):
    """What a token is good for (RFC 7662, section 2.2); of one that is over, or another application's, only that.

    Without a username it is the application's own; one that refreshes others has no type and no end.
    """

    active: bool
    scope: str | UnsetType = UNSET
    client_id: str | UnsetType = UNSET
    username: str | UnsetType = UNSET
    token_type: str | UnsetType = UNSET
    exp: int | UnsetType = UNSET
    iat: int | UnsetType = UNSET
    sub: str | UnsetType = UNSET
    iss: str | UnsetType = UNSET


class Metadata(Entity, frozen=True, kw_only=True, gc=False):
    """This authorization server (RFC 8414)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str
    introspection_endpoint: str
    device_authorization_endpoint: str
    userinfo_endpoint: str
    app_registration_endpoint: str
    service_documentation: str
    scopes_supported: list[str]
    response_types_supported: list[str]
    response_modes_supported: list[str]
    grant_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    revocation_endpoint_auth_methods_supported: list[str]
    introspection_endpoint_auth_methods_supported: list[str]
    authorization_response_iss_parameter_supported: bool
    code_challenge_methods_supported: list[str]


UNEXPLAINED = {
    "unsupported_grant_type": "The authorization grant type is not supported by the authorization server.",
    "invalid_request": "The request is missing a parameter, or has one that can't be understood.",
    "authorization_pending": "Nobody has answered yet.",
    "slow_down": "Please wait longer before asking again.",
    "expired_token": "The code is too old. Please begin again.",
    "access_denied": "Access was denied.",
    "invalid_scope": "The requested scope is invalid, unknown, or malformed.",
}
"""What is said of errors that Authlib only names: clients expect a description of each."""
GIVEN = {200: ResponseSpec(Token, description="The token.", generate_examples=False)}
WAITING = frozenset({"authorization_pending", "slow_down"})
"""What a device is told until somebody has answered."""
LOOKED_AT = {200: ResponseSpec(Introspection, description="What it is good for.", generate_examples=False)}
CODES = {200: ResponseSpec(DeviceCodes, description="The codes.", generate_examples=False)}
ENDED = {200: ResponseSpec(Empty, description="The token has been revoked.", generate_examples=False)}


@post("/oauth/token", status_code=200, responses=GIVEN, sync_to_thread=True, opt=anyone())
def token(request: Request, data: JSONBody[TokenRequest]) -> Response:
    """Issue a token, for a code, for a refresh token, for a device, or for the application itself."""
    return _json(_answered(request, data, lambda server, asked: server.create_token_response(asked)))


@post("/oauth/revoke", status_code=200, responses=ENDED, sync_to_thread=True, opt=anyone())
def revoke(request: Request, data: JSONBody[KnownTokenRequest]) -> Response:
    """Revoke a token; an unknown one is no error."""
    answer = _answered(request, data, lambda server, asked: server.create_endpoint_response("revocation", asked))
    if answer.error in {"invalid_client", "unauthorized_client"} or not data.token:
        body = {
            "error": "unauthorized_client",
            "error_description": "You are not authorized to revoke this token",
        }
        return Response(body, status_code=403, headers=dict(answer.headers))
    return _json(answer)


@post("/oauth/introspect", status_code=200, responses=LOOKED_AT, sync_to_thread=True, opt=anyone())
def introspect(request: Request, data: JSONBody[KnownTokenRequest]) -> Response:
    """Tell an application what one of its tokens is good for."""
    answer = _answered(
        request, data, lambda server, asked: server.create_endpoint_response("introspection", asked), only_reads=True
    )
    return _json(answer)


@post("/oauth/device_authorization", status_code=200, responses=CODES, sync_to_thread=True, opt=anyone())
def device_authorization(request: Request, data: JSONBody[DeviceRequest]) -> Response:
    """Give a device without a browser the codes with which somebody lets it in."""
    return _json(
        _answered(request, data, lambda server, asked: server.create_endpoint_response("device_authorization", asked))
    )


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
    return {
        "iss": access.core.addresses.issuer,
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
        base, issuer = access.core.addresses.base, access.core.addresses.issuer
    return Metadata(
        issuer=issuer,
        authorization_endpoint=f"{base}/oauth/authorize",
        token_endpoint=f"{base}/oauth/token",
        revocation_endpoint=f"{base}/oauth/revoke",
        introspection_endpoint=f"{base}/oauth/introspect",
        device_authorization_endpoint=f"{base}/oauth/device_authorization",
        userinfo_endpoint=f"{base}/oauth/userinfo",
        app_registration_endpoint=f"{base}/api/v1/apps",
        service_documentation=f"{base}/api/docs",
        scopes_supported=sorted(scopes.ALL),
        response_types_supported=["code"],
        response_modes_supported=["query"],
        grant_types_supported=GRANT_TYPES,
        token_endpoint_auth_methods_supported=[*ENDPOINT_METHODS, "none"],
        revocation_endpoint_auth_methods_supported=ENDPOINT_METHODS,
        introspection_endpoint_auth_methods_supported=ENDPOINT_METHODS,
        authorization_response_iss_parameter_supported=True,
        code_challenge_methods_supported=["S256"],
    )


def _answered(
    request: Request,
    data: msgspec.Struct,
    answer: Callable[[Server, OAuth2Request], Answer],
    *,
    only_reads: bool = False,
) -> Answer:
    """Return the server's answer, which counts for whom it is for; a refusal, for the address that it goes to.

    So whoever sends what is refused keeps nobody else from getting tokens. What is over a limit isn't done, but a
    refusal is: it may have ended a token that was stolen.
    """
    equipment, now = core(request), clock.now()
    asked = _read(request, data)
    with equipment.database.reading() if only_reads else equipment.database.writing() as db:
        server = Server(equipment, db, now=now)
        given = answer(server, asked)
        if not given.error:
            _count(request, now, server)
    if given.error in WAITING and server.device is not None:
        route_limits.check_oauth(request, now, f"device {server.device.id}")
    elif given.error:
        route_limits.check_oauth(request, now, attempts.counted_as(client_address(request)))
    return given


def _count(request: Request, now: int, server: Server) -> None:
    """Count what was given: for the account that a token acts for, or the application at its address."""
    if server.acts_for is not None:
        route_limits.check_oauth(request, now, server.acts_for)
    elif server.client is not None:
        address = attempts.counted_as(client_address(request))
        route_limits.check_oauth(request, now, f"application {server.client.application.id} at {address}")


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


router = Router(
    "/", route_handlers=[token, revoke, introspect, device_authorization, userinfo, metadata], tags=["oauth"]
)
