"""Requests and answers of the authorization server, apart from those of HTTP."""

from typing import Any

import msgspec
from authlib.oauth2.rfc6749 import OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidRequestError
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload

OPAQUE = frozenset({"state", "code", "client_secret", "refresh_token", "token", "device_code"})
"""Parameters that are nobody's business but their maker's."""


class Answer(msgspec.Struct):
    """What is to be answered: a status, a body or nothing, and headers."""

    status: int
    body: Any
    headers: list[tuple[str, str]]

    @property
    def error(self) -> str:
        """What is wrong, in OAuth's words; "" where nothing is."""
        return self.body.get("error", "") if isinstance(self.body, dict) else ""

    @property
    def location(self) -> str:
        """Where the browser is sent; "" where it isn't."""
        return dict(self.headers).get("Location", "")

    @location.setter
    def location(self, address: str) -> None:
        self.headers = [(name, address if name == "Location" else value) for name, value in self.headers]


class _Form(OAuth2Request):  # type: ignore[misc] # Authlib has no types
    """A request whose parameters were read already, from any encoding."""

    def __init__(self, method: str, parameters: dict[str, str], headers: dict[str, str]) -> None:
        # The address plays no part in what is decided, and whether TLS is needed is the operator's choice.
        super().__init__(method, "https://twite.invalid/", headers=headers)
        self.payload = BasicOAuth2Payload(parameters)

    @property
    def args(self) -> dict[str, str]:
        parameters: dict[str, str] = self.payload.data
        return parameters

    @property
    def form(self) -> dict[str, str]:
        return self.args


def _may_be(name: str, value: str) -> bool:
    """Say whether a parameter may have this value; Authlib repeats some in its errors, where quotes can't stand."""
    return value.isprintable() and (name in OPAQUE or not {'"', "\\"} & set(value))


def read(method: str, parameters: msgspec.Struct, authorization: str = "") -> OAuth2Request:
    """Return a request for the server from a struct of parameters; empty ones count as not sent.

    Raises InvalidRequestError for characters that no parameter may have (RFC 6749, appendix A).
    """
    fields = {
        name: value for name, value in msgspec.to_builtins(parameters).items() if isinstance(value, str) and value
    }
    if invalid_names := [name for name, value in fields.items() if not _may_be(name, value)]:
        raise InvalidRequestError(f"{invalid_names[0]} contains invalid characters.")
    return _Form(method, fields, {"Authorization": authorization} if authorization else {})
