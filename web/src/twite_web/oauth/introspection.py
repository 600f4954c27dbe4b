"""Telling applications of their tokens: Authlib's introspection (RFC 7662) over those of `twite_common`."""

from typing import Any, ClassVar

import msgspec
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from twite_common import ids
from twite_common.clock import SECOND
from twite_common.queries.identity import tokens
from twite_common.queries.identity.tokens import IssuedToken
from twite_web.oauth.clients import ENDPOINT_METHODS, Client


class Introspection(IntrospectionEndpoint):  # type: ignore[misc] # Authlib has no types
    """Telling applications of their own tokens (RFC 7662)."""

    CLIENT_AUTH_METHODS: ClassVar = ENDPOINT_METHODS
    server: Any

    def query_token(self, token_string: str, token_type_hint: str | None) -> "WorkingToken | None":  # noqa: ARG002 - Authlib's signature
        """Return what a token or refresh token is good for, while it works."""
        token = tokens.issued(self.server.db, token_string, now=self.server.now)
        return WorkingToken(token) if token else None

    def check_permission(self, token: "WorkingToken", client: Client, request: Any) -> bool:  # noqa: ARG002 - Authlib's signature
        """Say whether the token is this application's: of others' it learns nothing."""
        return token.issued.application_id == client.application.id

    def introspect_token(self, token: "WorkingToken") -> dict[str, Any]:
        """Return what is known of a token."""
        issued, addresses = token.issued, self.server.addresses
        told = {
            "active": True,
            "scope": issued.scopes,
            "client_id": self.server.client.get_client_id() if self.server.client else None,
            "iat": ids.created_at(issued.id) // SECOND,
            "iss": addresses.issuer,
            "token_type": None if issued.refreshes else "Bearer",
            "exp": issued.expires_at // SECOND if issued.expires_at and not issued.refreshes else None,
            "username": issued.username,
            "sub": addresses.profile(issued.username) if issued.username else None,
        }
        return {name: value for name, value in told.items() if value is not None}


class WorkingToken(msgspec.Struct, frozen=True):
    """A token that works, as Authlib asks about it."""

    issued: IssuedToken

    def is_expired(self) -> bool:
        """Say that it isn't over."""
        return False

    def is_revoked(self) -> bool:
        """Say that it wasn't revoked."""
        return False
