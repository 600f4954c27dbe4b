"""Compressed answers: texts, in the way that is asked for, and nothing that holds a secret beside others' words."""

import asyncio
import gzip
import sys
import threading
from inspect import unwrap
from typing import Any

import brotli
import pytest

from twite_web.middleware import compression
from twite_web.middleware.responses import finishing
from twite_web.single_flight import made_once

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

OPENED = {"gzip": gzip.decompress, "br": brotli.decompress, "zstd": zstd.decompress, None: bytes}
LONG = "The finch sings over heath and moor. " * 12


@pytest.fixture
def get(client):
    """Ask for something in an encoding, and return the encoding that it came in, the whole body and its answer."""

    def get(path, accepted="zstd, br, gzip", method="GET", **headers):
        asked = {**headers, "Accept-Encoding": accepted}
        with client.stream(method, path, headers=asked) as answer:
            sent = b"".join(answer.iter_raw())
        encoding = answer.headers.get("content-encoding")
        assert answer.headers.get("content-length", str(len(sent))) == str(len(sent)) or method == "HEAD"
        return encoding, OPENED[encoding](sent) if method == "GET" else sent, answer

    return get


@pytest.fixture
def posts(ann, make_post):
    return [make_post(ann, f"{LONG} {number} #heath") for number in range(3)]


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip", "gzip"),
        ("br", "br"),
        ("zstd", "zstd"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate, br", "br"),
        ("GZIP", "gzip"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("zstd;q=0.2, br;q=0.3, gzip;q=0.1", "br"),
        ("zstd;q=0, br;q=0, gzip", "gzip"),
        ("gzip;q=0", None),
        ("*", "zstd"),
        ("*;q=0.5, zstd;q=0", "br"),
        ("*;q=0", None),
        ("identity", None),
        ("identity, gzip;q=0.5", None),
        ("identity;q=0.5, gzip", "gzip"),
        ("deflate, compress", None),
        ("", None),
        ("gzip;q=x, ;;,", None),
        ("br," * 1000, None),
    ],
)
def test_the_way_is_the_one_that_is_asked_for(accepted, encoding):
    assert compression.chosen(accepted) == encoding


def test_whatever_the_way_the_text_is_the_same(get):
    plain, body, answer = get("/about", "identity")
    ways = {get("/about", accepted)[:2] for accepted in ("zstd", "br", "gzip")}

    assert plain is None
    assert ways == {(encoding, body) for encoding in ("zstd", "br", "gzip")}
    assert "Accept-Encoding" in answer.headers["vary"]


TEXTS = (
    *("/", "/public", "/@ann", "/tags/heath", "/about/statistics/posts.svg"),
    *("/public/feed.atom", "/public/feed.rss", "/public/feed.json", "/static/styles/post.css", "/static/icons.svg"),
    *("/api/v1/timelines/public", "/api/v2/instance", "/api/openapi.json", "/api/docs/files/swagger-ui.css"),
)


@pytest.mark.parametrize("encoding", ["zstd", "br", "gzip"])
def test_texts_for_everybody_are_compressed(get, posts, encoding):
    for path in TEXTS:
        found, body, answer = get(path, encoding)
        head = get(path, encoding, "HEAD")[2]
        tag = answer.headers["etag"]

        assert found == encoding, path
        assert len(body) > compression.SMALLEST
        assert int(answer.headers["content-length"]) < len(body)
        assert "Accept-Encoding" in answer.headers["vary"]
        assert (head.headers["content-encoding"], head.headers["etag"]) == (encoding, tag)
        # One sequence of bytes has a strong tag, and there are several.
        assert tag.startswith("W/")
        again = get(path, encoding, **{"If-None-Match": tag})[2]
        assert (again.status_code, again.headers["vary"]) == (304, answer.headers["vary"])
        assert "content-encoding" not in again.headers


def test_what_is_short_and_what_is_no_text_stays_as_it_is(get):
    for path in ("/robots.txt", "/api/v1/instance/rules", "/nodeinfo/2.0", "/static/avatar.png", "/nobody/is/here"):
        assert get(path)[0] is None


def test_pages_for_one_person_are_never_compressed(get, logged_in, ann, posts, client):
    cookie = "; ".join(f"{name}={value}" for name, value in logged_in(ann).client.cookies.items())
    paths = ["/", "/public", "/@ann", f"/@ann/{posts[0]}", "/menu", "/settings", "/settings/profile"]
    for path in paths:
        encoding, body, answer = get(path, Cookie=cookie)

        assert (encoding, answer.status_code) == (None, 200), path
        assert b'name="form_token"' in body, path


def test_parts_of_pages_are_compressed(get, logged_in, ann, posts):
    cookie = "; ".join(f"{name}={value}" for name, value in logged_in(ann).client.cookies.items())
    whole, part = get("/@ann", Cookie=cookie), get("/@ann", **{"Cookie": cookie, "Twite-Part": "1"})

    assert (whole[0], part[0]) == (None, "zstd")
    assert b"<html" not in part[1]
    assert f'id="post-{posts[0]}"'.encode() in part[1]


def test_pages_with_a_form_are_never_compressed(get):
    for path in ("/login?next=/@ann", "/signup?agreed=1", "/forgot"):
        encoding, body, _ = get(path)

        assert encoding is None
        assert b'name="form_token"' in body


def test_what_an_application_reads_is_compressed_and_what_it_is_given_is_not(get, api, ann, posts, client):
    token = api(ann).headers["Authorization"]
    encoding, body, answer = get("/api/v1/timelines/home", Authorization=token)
    with client.stream(
        "POST",
        "/api/v1/apps",
        json={"client_name": "x" * 2000, "redirect_uris": "urn:ietf:wg:oauth:2.0:oob"},
        headers={"Accept-Encoding": "gzip", "Authorization": token},
    ) as made:
        given = b"".join(made.iter_raw())

    assert (encoding, answer.headers["cache-control"]) == ("zstd", "private, no-store")
    assert (b"client_secret" in given or made.status_code == 422, "content-encoding" in made.headers) == (True, False)
    assert LONG.encode().strip() in body


def test_long_texts_are_compressed_beside_the_event_loop(get, posts, monkeypatch):
    threads = []

    def noted(body):
        threads.append(threading.current_thread().name)
        return gzip.compress(body)

    monkeypatch.setitem(compression._OFTEN, "gzip", noted)
    for most in (1 << 20, 100):
        monkeypatch.setitem(compression.AT_ONCE, "gzip", most)
        get("/@ann", "gzip")
    one, other = threads

    assert not one.startswith("request")
    assert other.startswith("request")


def test_files_are_compressed_once(get, monkeypatch):
    made = []

    def noted(body):
        made.append(body)
        return gzip.compress(body)

    monkeypatch.setattr(compression, "_compressed_once", made_once(unwrap(compression._compressed_once)))
    monkeypatch.setitem(compression._ONCE, "gzip", noted)
    for _ in range(3):
        get("/static/styles/post.css", "gzip")

    assert len(made) == 1


@pytest.mark.parametrize(
    "headers", [[(b"content-type", b"text/event-stream")], [(b"content-type", b"text/csv"), (b"content-length", b"9")]]
)
def test_what_comes_in_parts_is_never_held_up(headers):
    sent = []
    start: Any = {"type": "http.response.start", "status": 200, "headers": [*headers, (b"cache-control", b"public")]}
    part: Any = {"type": "http.response.body", "body": b"a part", "more_body": True}

    async def send(message):
        sent.append(dict(message))

    async def answer():
        sending = finishing(send, {b"accept-encoding": b"gzip"}, by_token=True)
        await sending(start)
        begun = len(sent)
        await sending(part)
        return begun

    begun = asyncio.run(answer())

    assert sent == [start, part]
    assert begun == (1 if b"event-stream" in headers[0][1] else 0)
