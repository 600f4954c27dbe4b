"""What all strangers are shown alike is kept for a second, and nothing else."""

import asyncio
import time

import pytest
from litestar.testing import TestClient

from twite_web import cache_control
from twite_web.middleware import response_cache
from twite_web.middleware.response_cache import ResponseCache


class Site:
    """An application that numbers its answers."""

    def __init__(self) -> None:
        self.number = 0
        self.status = 200
        self.headers = {b"cache-control": cache_control.PUBLIC.encode(), b"vary": b"Accept-Language, Authorization"}
        self.body = b"%d"
        self.in_pieces = False

    async def __call__(self, scope, receive, send):
        """Answer one request."""
        if scope["type"] != "http":
            return
        self.number += 1
        body = self.body.replace(b"%d", b"%d" % self.number)
        headers = [*self.headers.items(), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        if self.in_pieces:
            await send({"type": "http.response.body", "body": body[:1], "more_body": True})
            body = body[1:]
        await send({"type": "http.response.body", "body": body, "more_body": False})


@pytest.fixture
def site():
    return Site()


@pytest.fixture
def clock(monkeypatch):
    seconds = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: seconds[0])
    return seconds


@pytest.fixture
def strangers(site, clock):
    return TestClient(ResponseCache(site))


def test_an_answer_is_kept_for_a_second(strangers, clock):
    first = strangers.get("/@ann")
    clock[0] += 0.99
    again = strangers.get("/@ann")
    clock[0] += 0.02
    later = strangers.get("/@ann")

    assert [first.text, again.text, later.text] == ["1", "1", "2"]
    assert again.headers["age"] == "0"
    assert again.headers["cache-control"] == first.headers["cache-control"]


@pytest.mark.parametrize(
    "asked",
    [
        {"Cookie": "session=secret"},
        {"Authorization": "Bearer secret"},
        {"Range": "bytes=0-1"},
        {"If-None-Match": '"tag"'},
    ],
)
def test_who_shows_a_secret_or_asks_for_a_part_gets_an_answer_of_their_own(strangers, asked):
    assert strangers.get("/").text == "1"
    assert strangers.get("/", headers=asked).text == "2"
    assert strangers.get("/").text == "1"


@pytest.mark.parametrize(
    "headers",
    [
        {b"cache-control": cache_control.PRIVATE.encode()},
        {b"cache-control": cache_control.HOUR.encode()},
        {b"vary": b"User-Agent"},
        {b"vary": b"*"},
        {b"set-cookie": b"session=secret"},
    ],
)
def test_what_is_for_one_person_is_not_kept(site, strangers, headers):
    site.headers |= headers

    assert [strangers.get("/").text, strangers.get("/").text] == ["1", "2"]


def test_failures_are_not_kept(site, strangers):
    site.status = 404

    assert [strangers.get("/").text, strangers.get("/").text] == ["1", "2"]


def test_what_comes_in_pieces_is_not_kept(site, strangers):
    site.body, site.in_pieces = b"answer %d", True

    assert [strangers.get("/").text, strangers.get("/").text] == ["answer 1", "answer 2"]


@pytest.mark.parametrize("name", [b"accept-language", b"host", b"x-anything"])
def test_who_sends_a_header_twice_shares_no_answer(site, clock, name):
    # Which of the two an answer depends on isn't known here. Clients for tests send one of each.
    async def ask(headers):
        scope = {"type": "http", "method": "GET", "raw_path": b"/", "query_string": b"", "headers": headers}
        sent = []

        async def send(message):
            sent.append(message)

        await cache(scope, None, send)
        return sent[1]["body"]

    async def ask_all():
        once, twice = [(name, b"other")], [(name, b"one"), (name, b"other")]
        return [await ask(headers) for headers in (twice, once, once, twice)]

    cache = ResponseCache(site)

    assert asyncio.run(ask_all()) == [b"1", b"2", b"2", b"3"]


@pytest.mark.parametrize("framing", [{}, {"Transfer-Encoding": "chunked"}])
def test_what_a_body_asks_for_is_nobody_elses_answer(strangers, framing):
    assert strangers.request("GET", "/", content=b"id=1", headers=framing).text == "1"
    assert [strangers.get("/").text for _ in range(2)] == ["2", "2"]


@pytest.mark.parametrize("name", ["Accept", "Accept-Encoding", "Accept-Language", "Origin", "Twite-Part", "Host"])
def test_answers_differ_by_what_is_asked_for(strangers, name):
    assert strangers.get("/", headers={name: "one"}).text == "1"
    assert strangers.get("/", headers={name: "other"}).text == "2"
    assert strangers.get("/", headers={name: "one"}).text == "1"


def test_addresses_are_told_apart_with_their_queries(strangers):
    assert [strangers.get(path).text for path in ("/a", "/a?max_id=1", "/a?max_id=2", "/a")] == ["1", "2", "3", "1"]


def test_other_methods_reach_the_application(strangers):
    assert [strangers.get("/").text, strangers.post("/").text, strangers.get("/").text] == ["1", "2", "1"]


def test_nobody_is_told_how_often_another_may_ask(site, strangers):
    site.headers[b"x-ratelimit-remaining"] = b"7"

    assert [strangers.get("/").headers.get("x-ratelimit-remaining") for _ in range(2)] == ["7", None]


def test_the_oldest_answers_make_room(site, strangers, monkeypatch):
    monkeypatch.setattr(response_cache, "MAX_BYTES", 2500)
    site.body = b"%d" + b"." * 1000

    assert [strangers.get(path).text[0] for path in ["/a", "/b", "/c", "/b", "/a"]] == ["1", "2", "3", "2", "4"]


def test_what_asked_for_an_answer_takes_room_too(strangers, monkeypatch):
    monkeypatch.setattr(response_cache, "MAX_BYTES", 1000)

    for number in range(4):
        strangers.get("/", headers={"Accept": f"{number}" * 400})

    assert strangers.get("/", headers={"Accept": "3" * 400}).text == "4"
    assert strangers.get("/", headers={"Accept": "0" * 400}).text == "5"
