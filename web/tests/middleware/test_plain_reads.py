"""Plain reads are answered without the framework's help, and nobody can tell."""

import pytest

from twite_web.app import bare
from twite_web.middleware.plain_reads import PlainReads, _reader

PLAIN = ["/api/v1/statuses/{status_id:str}", "/api/v1/accounts/{account_id:str}", "/api/v2/instance"]
NOT_PLAIN = [
    "/api/v1/timelines/home",
    "/api/v1/accounts/relationships",
    "/.well-known/host-meta",
    "/health",
    "/",
    "/{handle:str}",
]


@pytest.fixture(scope="module")
def readers():
    return {
        route.path: _reader(handler)
        for route in bare().routes
        for handler in getattr(route, "route_handlers", [])
        if "GET" in handler.http_methods
    }


@pytest.mark.parametrize("path", PLAIN)
def test_what_takes_names_from_its_path_alone_is_plain(readers, path):
    assert readers[path] is not None


@pytest.mark.parametrize("path", NOT_PLAIN)
def test_what_takes_parameters_or_gives_more_than_json_is_not(readers, path):
    assert readers[path] is None


@pytest.mark.parametrize("name", ["/api/v2/instance", "/api/v1/custom_emojis", "/api/v1/statuses/1", "/api/v1/lists"])
def test_answers_are_those_of_the_framework(client, monkeypatch, name):
    plain = client.get(name)

    async def hand_on(self, scope, receive, send):
        await self._app(scope, receive, send)

    monkeypatch.setattr(PlainReads, "__call__", hand_on)
    by_framework = client.get(name)

    assert plain.status_code == by_framework.status_code
    assert plain.content == by_framework.content
    assert {*plain.headers.items()} == {*by_framework.headers.items()}
