"""Applications that listen."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlencode

import pytest
from litestar.testing import TestClient

from twite_common import clock
from twite_common.database import Database
from twite_common.services.identity import tokens

SECONDS = 10.0


class Listening:
    """An application's WebSocket."""

    def __init__(self, session: Any) -> None:
        self.session = session

    def ask(self, kind: str, stream: str, **parameters: str) -> None:
        """Subscribe to a stream, or unsubscribe."""
        self.session.send_json({"type": kind, "stream": stream, **parameters})

    def hear(self) -> tuple[list[str], str, Any]:
        """Wait for the next event; return its stream, its name and its payload, decoded where it is JSON."""
        told = self.session.receive_json(timeout=SECONDS)
        payload = told.get("payload")
        return told["stream"], told["event"], json.loads(payload) if payload is not None else None

    def hear_until(self, marker: int) -> list[tuple[str, str, Any]]:
        """Return what is heard, as stream, event and id, until the update of a post that is the last to be told."""
        heard = []
        while True:
            stream, event, payload = self.hear()
            id = payload if isinstance(payload, int) else int(payload["id"])
            if (event, id) == ("update", marker):
                return heard
            heard.append((stream[0], event, id))


@pytest.fixture
def make_token(database: Database) -> Callable[..., str]:
    def make(person: Any, scopes: str = "read") -> str:
        with database.writing() as db:
            return tokens.create_personal(db, now=clock.now(), account_id=person.id, name="test", scopes=scopes)

    return make


@pytest.fixture
def listen(client: TestClient[Any], make_token: Callable[..., str]) -> Iterator[Callable[..., Listening]]:
    """Open a WebSocket for somebody, with a first subscription if a stream is named."""
    with ExitStack() as open_sockets:

        def listen(person: Any, stream: str = "", scopes: str = "read", **parameters: Any) -> Listening:
            query = {"access_token": make_token(person, scopes), **({"stream": stream} if stream else {}), **parameters}
            session = client.websocket_connect(f"/api/v1/streaming?{urlencode(query)}")
            listening = Listening(open_sockets.enter_context(session))
            if stream:
                # A refusal comes after what was asked before, so that the first subscription stands by then.
                listening.ask("subscribe", "nothing")
                assert "error" in listening.session.receive_json(timeout=SECONDS)
            return listening

        yield listen
