"""A device with passkeys, as people have one: makes them, and signs what a page asks it to."""

import base64
import hashlib
import json
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from twite_common import secret

BROWSER = "the secret in a cookie"
USER_PRESENT, USER_VERIFIED, WITH_KEY = 0x01, 0x04, 0x40


def encoded(data: bytes) -> str:
    """Return bytes as WebAuthn writes them."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Return what WebAuthn has written so."""
    return base64.urlsafe_b64decode(text + "==")


class Device:
    """One passkey of a device that counts how often it is used, if it does.

    `origin` is where the browser that uses it says it is; `verifies` whether the device checks who holds it.
    """

    def __init__(self, *, origin: str = "https://twite.example", verifies: bool = True, counts: bool = True) -> None:
        self.origin, self.verifies, self.counts = origin, verifies, counts
        self.id = secret.new().encode()
        self.uses = 0
        self.handle = ""
        self._key = ec.generate_private_key(ec.SECP256R1())

    def make(self, options: str, **client_data: Any) -> str:
        """Return what a browser gives that was asked for a new passkey."""
        asked = json.loads(options)
        self.handle = asked["user"]["id"]
        numbers = self._key.public_key().public_numbers()
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
        key = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public
        data = self._data(asked["rp"]["id"], WITH_KEY) + key
        statement = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        signed = self._client_data("webauthn.create", asked["challenge"], client_data)
        return self._answer(
            clientDataJSON=encoded(signed), attestationObject=encoded(statement), transports=["internal"]
        )

    def sign(self, options: str, *, handle: str | None = None, **client_data: Any) -> str:
        """Return what a browser gives that was asked for a passkey."""
        asked = json.loads(options)
        self.uses += self.counts
        data = self._data(asked["rpId"])
        signed = self._client_data("webauthn.get", asked["challenge"], client_data)
        signature = self._key.sign(data + hashlib.sha256(signed).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            clientDataJSON=encoded(signed),
            authenticatorData=encoded(data),
            signature=encoded(signature),
            userHandle=self.handle if handle is None else handle,
        )

    def _data(self, site: str, flags: int = 0) -> bytes:
        flags |= USER_PRESENT | (USER_VERIFIED if self.verifies else 0)
        return hashlib.sha256(site.encode()).digest() + bytes([flags]) + self.uses.to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: str, changes: dict[str, Any]) -> bytes:
        data = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False} | changes
        return json.dumps(data).encode()

    def _answer(self, **response: Any) -> str:
        name = encoded(self.id)
        answer = {"id": name, "rawId": name, "type": "public-key", "clientExtensionResults": {}, "response": response}
        return json.dumps(answer)
