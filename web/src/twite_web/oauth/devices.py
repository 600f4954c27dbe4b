"""Letting devices in that have no browser: Authlib's device flow (RFC 8628) over the grants of `twite_common`."""

from typing import Any, ClassVar

from authlib.oauth2.rfc6749.errors import InvalidGrantError, InvalidScopeError
from authlib.oauth2.rfc8628 import DeviceAuthorizationEndpoint, DeviceCodeGrant, DeviceCredentialMixin

from twite_common import secret
from twite_common.services.identity import device_grants
from twite_common.services.identity import grants as grant_services
from twite_common.services.identity.device_grants import DeviceGrant
from twite_web.oauth.clients import ENDPOINT_METHODS, User


class DeviceCredential(DeviceCredentialMixin):  # type: ignore[misc] # Authlib has no types
    """What a device asks for, as Authlib asks about it. It is known by itself: of its codes only hashes are kept."""

    def __init__(self, device: DeviceGrant, client_id: str, now: int) -> None:
        self.device = device
        self._client_id = client_id
        self._now = now

    def get_client_id(self) -> str:
        """Return the application that asked."""
        return self._client_id

    def get_scope(self) -> str:
        """Return what was asked for."""
        return self.device.scopes

    def get_user_code(self) -> "DeviceCredential":
        """Return what an answer is looked up by."""
        return self

    def is_expired(self) -> bool:
        """Say whether the time to answer is over; an answer in time holds."""
        return self.device.answered_at is None and self.device.expires_at <= self._now


class DeviceGrants(DeviceCodeGrant):  # type: ignore[misc] # Authlib has no types
    """Tokens for devices without a browser (RFC 8628, section 3.4)."""

    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar = [*ENDPOINT_METHODS, "none"]
    server: Any

    def query_device_credential(self, device_code: str) -> DeviceCredential:
        """Return what the device asked for; only the application that asked can use its code."""
        device = device_grants.by_device_code(self.server.db, device_code)
        client = self.server.client
        if device is None or client is None or device.application_id != client.application.id:
            raise InvalidGrantError("Invalid 'device_code' in payload")
        self.server.device = device
        return DeviceCredential(device, client.get_client_id(), self.server.now)

    def query_user_grant(self, credential: DeviceCredential) -> tuple[User | None, bool] | None:
        """Return whose answer there is, and whether it was yes; a yes is good for one token."""
        device, db, now = credential.device, self.server.db, self.server.now
        if device.answered_at is None:
            return None
        if device.grant_id is None:
            return None, False
        granted = grant_services.get(db, now=now, grant_id=device.grant_id)
        if granted is None or not grant_services.use(db, now=now, grant_id=granted.id):
            raise InvalidGrantError("The 'device_code' was used, or access has been revoked")
        return User(granted.account_id, granted.acts_as), True

    def should_slow_down(self, credential: DeviceCredential) -> bool:
        """Say whether the device asks too often."""
        return device_grants.poll(self.server.db, now=self.server.now, device=credential.device)


class DeviceAuthorization(DeviceAuthorizationEndpoint):  # type: ignore[misc] # Authlib has no types
    """Codes for devices without a browser (RFC 8628, section 3.1)."""

    CLIENT_AUTH_METHODS: ClassVar = [*ENDPOINT_METHODS, "none"]
    EXPIRES_IN = device_grants.LIFETIME_SECONDS
    INTERVAL = device_grants.INTERVAL_SECONDS
    server: Any

    def generate_device_code(self) -> str:
        """Return a fresh code for the device itself."""
        return secret.new()

    def get_verification_uri(self) -> str:
        """Return the page on which the other code is typed."""
        return f"{self.server.addresses.base}/device"

    def save_device_credential(self, client_id: str, scope: str | None, data: dict[str, Any]) -> None:  # noqa: ARG002 - Authlib's signature
        """Keep what is asked for, under the hashes of its codes."""
        client = self.server.client
        allowed_scope = client.get_allowed_scope(scope) if client else None
        if client is None or allowed_scope is None:
            raise InvalidScopeError
        device_grants.begin(
            self.server.db,
            self.server.signer,
            now=self.server.now,
            application_id=client.application.id,
            scopes=allowed_scope,
            device_code=data["device_code"],
            user_code=data["user_code"],
        )
