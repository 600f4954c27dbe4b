"""What listeners are sent, serialized once for all of them."""

import msgspec

from twite_web.streaming.channels import Channel


class Message:
    """Something to be told to whoever listens to one of these channels; with `only`, to these accounts alone.

    `payload` is what the client API calls so: JSON, or a bare id, or None where there is none.
    """

    def __init__(
        self,
        event: str,
        payload: str | None,
        channels: list[Channel],
        *,
        only: frozenset[int] | None = None,
    ) -> None:
        self.channels = channels
        self.only = only
        self._event = event
        self._payload = payload
        self._frames: dict[tuple[str, ...], str] = {}
        self._lines: bytes | None = None
        self._reference: bytes | None = None

    def frame(self, named: tuple[str, ...]) -> str:
        """Return the text of a WebSocket's frame for those who call the stream so."""
        frame = self._frames.get(named)
        if frame is None:
            content = {"stream": named, "event": self._event}
            if self._payload is not None:
                content["payload"] = self._payload
            frame = self._frames[named] = msgspec.json.encode(content).decode()
        return frame

    def lines(self) -> bytes:
        """Return the lines of a Server-Sent Event (HTML, section 9.2)."""
        if self._lines is None:
            self._lines = f"event: {self._event}\ndata: {self._payload or '{}'}\n\n".encode()
        return self._lines

    def reference(self) -> bytes:
        """Return the lines of a Server-Sent Event that names what it is about by its id alone, for our own pages."""
        if self._reference is None:
            payload = self._payload or ""
            id = msgspec.json.decode(payload, type=_Identified).id if payload.startswith("{") else payload
            self._reference = f"event: {self._event}\ndata: {id}\n\n".encode()
        return self._reference


class _Identified(msgspec.Struct, frozen=True, gc=False):
    id: str | int = ""


class Refusal(Message):
    """What an application is told that asked for a stream that it can't have."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__("error", None, [])
        self._text = msgspec.json.encode({"error": sentence, "status": status}).decode()

    def frame(self, named: tuple[str, ...]) -> str:  # noqa: ARG002 - it is about no stream
        """Return the text of a WebSocket's frame."""
        return self._text
