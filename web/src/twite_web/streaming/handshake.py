"""How a connection begins: who asks, for what, and how it is refused."""

from typing import Any
from urllib.parse import parse_qsl

import msgspec
from litestar.enums import ScopeType
from litestar.types import Send

from twite_web.middleware.security import answer

DENIAL = "websocket.http.response"
"""The extension of ASGI by which a WebSocket is refused with a status of HTTP."""

MAX_REASON_BYTES = 123
"""What a WebSocket's reason for closing may have (RFC 6455, section 5.5)."""


class Opening:
    """A request that would listen."""

    def __init__(self, scope: dict[str, Any]) -> None:
        self.is_websocket = scope["type"] == ScopeType.WEBSOCKET
        self.method: str = scope.get("method", "GET")
        address, port = scope.get("client") or ("", "")
        self.peer = (str(address), str(port))
        """The other end of the connection, which may be a proxy's."""
        self.path: str = scope["path"].rstrip("/")
        """What follows the address under which everything that streams stands."""
        self.parameters = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        self._authorization: str = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
        self._subprotocols: list[str] = list(scope.get("subprotocols") or [])
        self._can_deny = DENIAL in (scope.get("extensions") or {})

    @property
    def token(self) -> str | None:
        """The bearer token, wherever it was sent: a browser's WebSocket can name it as a protocol only."""
        scheme, _, value = self._authorization.partition(" ")
        if scheme.lower() == "bearer" and value.strip():
            return value.strip()
        return self.parameters.get("access_token") or self.subprotocol

    @property
    def subprotocol(self) -> str | None:
        """The protocol that was asked for, to be named in the answer, or the browser closes the connection."""
        return self._subprotocols[0] if self._subprotocols else None

    async def refuse(self, send: Send, status: int, sentence: str) -> None:
        """Answer that there is nothing to listen to; before a WebSocket is open, it is HTTP that says so."""
        body = msgspec.json.encode({"error": sentence})
        if not self.is_websocket:
            await answer(send, status, body, kind="http.response", media_type=b"application/json")
        elif self._can_deny:
            await answer(send, status, body, kind=DENIAL, media_type=b"application/json")
        else:
            await send({"type": "websocket.close", "code": 1008, "reason": _shortened(sentence)})


def _shortened(sentence: str) -> str:
    return sentence.encode()[:MAX_REASON_BYTES].decode(errors="ignore")
