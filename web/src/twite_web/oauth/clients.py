"""Applications and people, as Authlib asks about them."""

import re

import msgspec
from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc8628 import DEVICE_CODE_GRANT_TYPE

from twite_common import secret
from twite_common.queries.identity.applications import Application
from twite_web.oauth import scopes

ENDPOINT_METHODS = ["client_secret_basic", "client_secret_post"]
LOOPBACK = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\]))(?::[0-9]{1,5})?((?:[/?].*)?)")
GRANT_TYPES = ["authorization_code", "client_credentials", "refresh_token", DEVICE_CODE_GRANT_TYPE]


class User(msgspec.Struct, frozen=True):
    """Whose a token is, and by which membership it acts for another account, if by any."""

    account_id: int
    acts_as: int | None = None


class Client(ClientMixin):  # type: ignore[misc] # Authlib has no types
    """An application, as Authlib asks about it."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def get_client_id(self) -> str:
        """Return what the application calls itself by."""
        return self.application.client_id

    def get_default_redirect_uri(self) -> str | None:
        """Return the address to be used when none is named: only where there is no choice."""
        uris = self.application.redirect_uris.split()
        return uris[0] if len(uris) == 1 else None

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """Return the scopes that a token gets; None where more is asked for than was registered."""
        requested_scope = " ".join(dict.fromkeys((scope or scopes.DEFAULT).split()))
        if not scope and not scopes.within(requested_scope, self.application.scopes):
            return self.application.scopes
        return (
            requested_scope
            if not scopes.unknown(requested_scope) and scopes.within(requested_scope, self.application.scopes)
            else None
        )

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Say whether an address was registered, to the letter.

        A program listens on this very device at whatever port is free (RFC 8252, section 7.3).
        """
        registered = self.application.redirect_uris.split()
        return redirect_uri in registered or _without_port(redirect_uri) in {*map(_without_port, registered)} - {None}

    def check_client_secret(self, client_secret: str) -> bool:
        """Say whether this is the application's secret."""
        return secret.digest(client_secret) == self.application.secret_hash

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Say whether the application may authenticate so.

        Without a secret only where PKCE binds the code, or where it is somebody's answer that counts, on a device.
        """
        return method in ENDPOINT_METHODS or (method == "none" and endpoint in {"token", "device_authorization"})

    def check_response_type(self, response_type: str) -> bool:
        """Say whether the application may ask for this: codes only."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Say whether the application may use a grant."""
        return grant_type in GRANT_TYPES


def _without_port(address: str) -> str | None:
    """Return an address of this device's own (127.0.0.1 or [::1], over HTTP) without its port; None for any other."""
    found = LOOPBACK.fullmatch(address)
    return f"{found[1]}{found[2]}" if found else None
