"""Plain reads are answered without the framework's help, and nobody can tell."""

import pytest

from twite_web.api.plain_reads import PlainReads, _reader
from twite_web.app import bare

PLAIN = [
    "/api/v1/statuses/{status_id:str}",
    "/api/v1/accounts/{account_id:str}",
    "/api/v2/instance",
    "/api/v1/timelines/home",
    "/api/v1/notifications",
    "/api/v1/accounts/relationships",
    "/api/v1/trends",
]
NOT_PLAIN = [
    "/api/v1/accounts/search",
    "/api/v2/search",
    "/api/v1/accounts/familiar_followers",
    "/api/v1/media/{media_id:str}",
    "/api/v1/donation_campaigns",
    "/api/v2/notifications",
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
def test_what_takes_names_pages_and_simple_parameters_is_plain(readers, path):
    assert readers[path] is not None


@pytest.mark.parametrize("path", NOT_PLAIN)
def test_what_must_have_parameters_or_gives_more_than_json_is_not(readers, path):
    assert readers[path] is None


@pytest.mark.parametrize("name", ["/api/v2/instance", "/api/v1/custom_emojis", "/api/v1/statuses/1", "/api/v1/trends"])
def test_answers_are_those_of_the_framework(client, monkeypatch, name):
    _expect_the_same(client, monkeypatch, name)


QUERIES = [
    "",
    "?limit=2",
    "?limit=2&max_id=117704280000000000&local=true",
    "?max_id=1&since_id=2&min_id=3",
    "?max_id=x",
    "?limit=x",
    "?limit=-1",
    "?limit=02",
    "?limit=",
    "?limit=1&limit=2",
    "?limit=99999999999999999999",
    "?%6Cimit=1",
    "?only_media=1",
    "?only_media=true&remote=false",
    "?only_media=maybe",
    "?&&",
    "?limit",
    "?access_token=x",
]


@pytest.mark.parametrize("query", QUERIES)
def test_pages_are_those_of_the_framework(api, ann, make_post, monkeypatch, query):
    for number in range(3):
        make_post(ann, f"Post {number}")

    as_ann = api(ann)
    for path in ("/api/v1/timelines/public", "/api/v1/timelines/home", f"/api/v1/accounts/{ann.id}/statuses"):
        _expect_the_same(as_ann, monkeypatch, path + query)
    _expect_the_same(api(), monkeypatch, f"/api/v1/timelines/public{query}")


@pytest.mark.parametrize(
    "query",
    ["id[]=1", "id=1", "id=", "id[0]=1&id[1]=x", "id=%31", "with_suspended=1", "with_suspended=true&with_suspended=no"],
)
def test_lists_in_queries_are_those_of_the_framework(api, ann, bob, monkeypatch, query):
    _expect_the_same(api(ann), monkeypatch, f"/api/v1/accounts/relationships?id[]={bob.id}&{query}")


def _expect_the_same(client, monkeypatch, address):
    plain = client.get(address)

    async def hand_on(self, scope, receive, send):
        await self._app(scope, receive, send)

    with monkeypatch.context() as patch:
        patch.setattr(PlainReads, "__call__", hand_on)
        by_framework = client.get(address)

    assert plain.status_code == by_framework.status_code
    assert plain.content == by_framework.content
    assert {*plain.headers.items()} == {*by_framework.headers.items()}
