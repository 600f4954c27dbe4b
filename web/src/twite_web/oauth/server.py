"""Adapters between Authlib's authorization server and the database; every rule of the protocol is Authlib's."""

from typing import Any, ClassVar

import msgspec
from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Request, grants
from authlib.oauth2.rfc6749.errors import (
    InvalidClientError,
    InvalidRequestError,
    InvalidScopeError,
    UnauthorizedClientError,
)
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9207 import IssuerParameter

from twite_common import secret
from twite_common.clock import SECOND
from twite_common.database import Connection
from twite_common.errors import NotAuthenticated
from twite_common.queries.identity import applications
from twite_common.services.identity import grants as grant_services
from twite_common.services.identity import tokens
from twite_common.services.identity.device_grants import DeviceGrant
from twite_common.services.identity.grants import Grant
from twite_common.services.identity.tokens import Refreshable
from twite_web.core import Core
from twite_web.oauth import scopes
from twite_web.oauth.clients import ENDPOINT_METHODS, Client, User
from twite_web.oauth.devices import DeviceAuthorization, DeviceGrants
from twite_web.oauth.introspection import Introspection
from twite_web.oauth.requests import Answer

REFRESHABLE = "offline_access"


class GrantedCode:
    """A grant, as Authlib asks about it."""

    def __init__(self, grant: Grant) -> None:
        self.granted = grant
        self.code_challenge = grant.code_challenge
        self.code_challenge_method = grant.code_challenge_method

    def get_redirect_uri(self) -> str:
        """Return the address that the code was sent to."""
        return self.granted.redirect_uri

    def get_scope(self) -> str:
        """Return what was allowed."""
        return self.granted.scopes


class RefreshableToken:
    """A token with a refresh token, as Authlib asks about it."""

    def __init__(self, token: Refreshable) -> None:
        self.token = token

    def check_client(self, client: Client) -> bool:
        """Say whether the token is this application's."""
        return self.token.application_id == client.application.id

    def get_scope(self) -> str:
        """Return what the token is good for."""
        return self.token.scopes


class S256(CodeChallenge):  # type: ignore[misc] # Authlib has no types
    """PKCE (RFC 7636) with S256 only: "plain" protects from nothing that matters."""

    SUPPORTED_CODE_CHALLENGE_METHOD: ClassVar = ["S256"]

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        """Refuse a challenge that doesn't name its method, which would mean "plain", and none where one is needed."""
        data = grant.request.payload.data
        if grant.server.requires_pkce and not data.get("code_challenge"):
            raise InvalidRequestError("This site requires PKCE: code_challenge is missing.")
        if data.get("code_challenge") and not data.get("code_challenge_method"):
            raise InvalidRequestError("code_challenge_method must be S256.")
        super().validate_code_challenge(grant, redirect_uri)


class CodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc] # Authlib has no types
    """Codes (RFC 6749, section 4.1)."""

    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar = [*ENDPOINT_METHODS, "none"]
    server: "Server"

    def generate_authorization_code(self) -> str:
        """Return a fresh code."""
        return secret.new()

    def save_authorization_code(self, code: str, request: Any) -> None:
        """Keep what was allowed, under the hash of its code."""
        data = request.payload.data
        grant_services.allow(
            self.server.db,
            now=self.server.now,
            code=code,
            application=request.client.application,
            account_id=request.user.account_id,
            redirect_uri=request.payload.redirect_uri or request.client.get_default_redirect_uri(),
            scopes=request.scope,
            code_challenge=data.get("code_challenge"),
            code_challenge_method=data.get("code_challenge_method"),
            acts_as=request.user.acts_as,
        )

    def query_authorization_code(self, code: str, client: Client) -> GrantedCode | None:
        """Return what a code stands for, while it is good."""
        grant = grant_services.find(
            self.server.db, now=self.server.now, code=code, application_id=client.application.id
        )
        return GrantedCode(grant) if grant else None

    def delete_authorization_code(self, authorization_code: GrantedCode) -> None:
        """Use a code up."""
        grant_services.use(self.server.db, now=self.server.now, grant_id=authorization_code.granted.id)

    def authenticate_user(self, authorization_code: GrantedCode) -> User:
        """Return who allowed it."""
        return User(authorization_code.granted.account_id, authorization_code.granted.acts_as)


class ApplicationGrant(grants.ClientCredentialsGrant):  # type: ignore[misc] # Authlib has no types
    """An application's own token (RFC 6749, section 4.4)."""

    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar = ENDPOINT_METHODS

    def validate_requested_scope(self) -> None:
        """Refuse scopes that the application wasn't registered with: nobody else is asked here."""
        scope = self.request.payload.scope
        if scope and self.request.client.get_allowed_scope(scope) is None:
            raise InvalidScopeError


class RefreshGrant(grants.RefreshTokenGrant):  # type: ignore[misc] # Authlib has no types
    """A new token for an old one (RFC 6749, section 6); each refresh token works once.

    Every application is given a secret, and those that can't keep one don't use it. So it is how the first token was
    fetched that tells a confidential client from a public one.
    """

    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar = [*ENDPOINT_METHODS, "none"]
    INCLUDE_NEW_REFRESH_TOKEN = True
    server: "Server"

    def authenticate_refresh_token(self, refresh_token: str) -> RefreshableToken | None:
        """Return the token that a refresh token belongs to, while it works."""
        try:
            token = tokens.refreshable(
                self.server.db,
                now=self.server.now,
                refresh_token=refresh_token,
                application_id=self.request.client.application.id,
                client_authenticated=_authenticated(self.request),
            )
        except NotAuthenticated as error:
            raise InvalidClientError(status_code=401, description=str(error)) from error
        return RefreshableToken(token) if token else None

    def authenticate_user(self, refresh_token: RefreshableToken) -> User:
        """Return whom the token acts for."""
        return User(refresh_token.token.account_id, refresh_token.token.acts_as)

    def revoke_old_credential(self, refresh_token: RefreshableToken) -> None:
        """End the token that was refreshed."""
        tokens.revoke(self.server.db, now=self.server.now, token_id=refresh_token.token.id)


class Revocation(RevocationEndpoint):  # type: ignore[misc] # Authlib has no types
    """Ending a token (RFC 7009)."""

    CLIENT_AUTH_METHODS: ClassVar = ENDPOINT_METHODS
    server: "Server"

    def query_token(self, token_string: str, token_type_hint: str | None) -> "OwnedToken | None":  # noqa: ARG002 - Authlib's signature
        """Return what a token or refresh token is known by, if it exists."""
        owner = tokens.owner(self.server.db, token_string)
        return OwnedToken(token_string, owner) if owner is not None else None

    def authenticate_token(self, request: Any, client: Client) -> "OwnedToken | None":
        """Return the token to be ended; another application's is refused as clients expect it."""
        self.check_params(request, client)
        token = self.query_token(request.form["token"], None)
        if token is not None and not token.check_client(client):
            raise UnauthorizedClientError("You are not authorized to revoke this token")
        return token

    def revoke_token(self, token: "OwnedToken", request: Any) -> None:
        """End a token."""
        tokens.revoke_by_secret(
            self.server.db,
            now=self.server.now,
            text_of_token=token.text,
            application_id=request.client.application.id,
        )


class OwnedToken(msgspec.Struct, frozen=True):
    """A token from outside, and the application that it was given to."""

    text: str
    application_id: int

    def check_client(self, client: Client) -> bool:
        """Say whether the token is this application's."""
        return self.application_id == client.application.id


class Issuer(IssuerParameter):  # type: ignore[misc] # Authlib has no types
    """Who answers, in the answers that browsers take to applications (RFC 9207)."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer

    def get_issuer(self) -> str:
        """Return what the server is known by."""
        return self._issuer


class Server(AuthorizationServer):  # type: ignore[misc] # Authlib has no types
    """Authlib's server over one transaction; made for each request.

    `acts_for` is the account that a token which was given belongs to, `client` the application that sent the request,
    `device` what it asked before on behalf of a device that comes for its token.
    """

    acts_for: int | None = None
    client: Client | None = None
    device: DeviceGrant | None = None

    def __init__(self, equipment: Core, db: Connection, *, now: int) -> None:
        super().__init__(scopes_supported=sorted(scopes.ALL))
        self.db = db
        self.now = now
        self.addresses = equipment.addresses
        self.signer = equipment.signer
        self.requires_pkce = equipment.settings.require_pkce
        self.register_token_generator("default", self._token)
        self.register_grant(CodeGrant, [S256(required=True)])
        self.register_grant(ApplicationGrant)
        self.register_grant(RefreshGrant)
        self.register_grant(DeviceGrants)
        self.register_endpoint(Revocation)
        self.register_endpoint(Introspection)
        self.register_endpoint(DeviceAuthorization)
        self.register_extension(Issuer(self.addresses.issuer))

    def query_client(self, client_id: str) -> Client | None:
        """Return the application that calls itself by a client id."""
        application = applications.by_client_id(self.db, client_id)
        return Client(application) if application else None

    def authenticate_client(self, request: Any, methods: list[str], endpoint: str = "token") -> Client:
        """Return the application that a request comes from."""
        client: Client = super().authenticate_client(request, methods, endpoint)
        self.client = client
        return client

    def save_token(self, token: dict[str, Any], request: Any) -> None:
        """Keep a token that was made, under its hash."""
        self.acts_for = request.user.account_id if request.user else None
        tokens.add(
            self.db,
            now=self.now,
            access_token=token["access_token"],
            refresh_token=token.get("refresh_token"),
            lifetime_seconds=token.get("expires_in"),
            scopes=token["scope"],
            application_id=request.client.application.id,
            account_id=self.acts_for,
            grant_id=self._grant_id(request),
            client_authenticated=_authenticated(request),
            acts_as=request.user.acts_as if request.user else None,
        )

    def _grant_id(self, request: Any) -> int | None:
        """Return the grant that a token comes from; None for an application's own."""
        if request.authorization_code:
            grant_id: int | None = request.authorization_code.granted.id
        elif request.refresh_token:
            grant_id = request.refresh_token.token.grant_id
        else:
            grant_id = self.device.grant_id if self.device else None
        return grant_id

    def create_oauth2_request(self, request: OAuth2Request) -> OAuth2Request:
        """Return the request as it is: `read` has made it already."""
        return request

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Answer:
        """Return what is to be answered."""
        return Answer(status, body, headers)

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Tell nobody: there are no signals here."""

    def _token(
        self,
        grant_type: str,  # noqa: ARG002 - Authlib's signature
        client: Client,
        user: User | None = None,
        scope: str | None = None,
        expires_in: int | None = None,  # noqa: ARG002 - Authlib's signature
        include_refresh_token: bool = True,  # noqa: ARG002 - Authlib's signature
    ) -> dict[str, Any]:
        """Return a new token: one that lasts, unless the application asked for those that expire."""
        allowed_scope = scope or client.get_allowed_scope(None) or scopes.DEFAULT
        token = {
            "access_token": secret.new(),
            "token_type": "Bearer",
            "scope": allowed_scope,
            "created_at": self.now // SECOND,
        }
        if user is not None and REFRESHABLE in allowed_scope.split():
            token |= {"expires_in": tokens.LIFETIME_SECONDS, "refresh_token": secret.new()}
        return token


def _authenticated(request: Any) -> bool:
    """Say whether an application proved itself with its secret."""
    return request.auth_method in ENDPOINT_METHODS
