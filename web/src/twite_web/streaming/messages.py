"""What listeners are sent, serialized once for all of them."""

import msgspec

from twite_web.streaming.channels import LIST, PUBLIC, SHOWN, Channel


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
        self._references: dict[tuple[str, str], bytes] = {}

    def frame(self, named: tuple[str, ...]) -> str:
        """Return the text of a WebSocket's frame for those who call the stream so."""
        frame = self._frames.get(named)
        if frame is None:
            content = {"stream": named, "event": self._event}
            if self._payload is not None:
                content["payload"] = self._payload
            frame = self._frames[named] = msgspec.json.encode(content).decode()
        return frame

    def lines(self, named: tuple[str, ...]) -> bytes:  # noqa: ARG002 - an application asks for one stream only
        """Return the lines of a Server-Sent Event (HTML, section 9.2)."""
        if self._lines is None:
            self._lines = f"event: {self._event}\ndata: {self._payload or '{}'}\n\n".encode()
        return self._lines

    def reference(self, named: tuple[str, ...]) -> bytes:
        """Return the lines of a Server-Sent Event that names what it is about by its id alone, for our own pages.

        What happens in the list that a page shows has `shown.` before its name. Of a post that the reader's filters
        hide it says nothing. After a notification's id comes that of the post whose figures changed, if there is one.
        """
        shown = named[:1] == (SHOWN,)
        name = f"{SHOWN}.{self._event}" if shown else self._event
        context = PUBLIC if shown and named[1] != LIST else "home"
        if (name, context) not in self._references:
            payload = self._payload or ""
            subject = msgspec.json.decode(payload, type=_Subject) if payload.startswith("{") else _Subject(payload)
            hidden = any(result.hides(context) for result in subject.filtered)
            lines = ":hidden\n" if hidden else f"event: {name}\ndata: {subject.named}\n\n"
            self._references[name, context] = lines.encode()
        return self._references[name, context]


class _Filter(msgspec.Struct, frozen=True, gc=False):
    filter_action: str = ""
    context: tuple[str, ...] = ()


class _FilterResult(msgspec.Struct, frozen=True, gc=False):
    filter: _Filter = _Filter()

    def hides(self, context: str) -> bool:
        return self.filter.filter_action == "hide" and context in self.filter.context


class _NotifiedOf(msgspec.Struct, frozen=True, gc=False):
    id: str
    in_reply_to_id: str | None = None


class _Subject(msgspec.Struct, frozen=True, gc=False):
    id: str | int = ""
    filtered: list[_FilterResult] = []
    type: str = ""
    status: _NotifiedOf | None = None

    @property
    def named(self) -> str:
        """Its id, and after that of a notification the post's that was favourited, boosted or answered."""
        if self.status is None:
            return str(self.id)
        return f"{self.id} {(self.type == 'mention' and self.status.in_reply_to_id) or self.status.id}"


class Refusal(Message):
    """What an application is told that asked for a stream that it can't have."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__("error", None, [])
        self._text = msgspec.json.encode({"error": sentence, "status": status}).decode()

    def frame(self, named: tuple[str, ...]) -> str:  # noqa: ARG002 - it is about no stream
        """Return the text of a WebSocket's frame."""
        return self._text
