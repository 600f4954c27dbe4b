"""What `deploy/nginx.conf` does by itself, before servers of the test's own."""

import gzip
import http.client
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest

from support import nginx
from support.site_under_test import free_port, wait_for
from support.watching import head, send, status_of
from twite_common.sql import engines

pytestmark = [pytest.mark.needs("nginx"), pytest.mark.once]

PAGE = "public, max-age=0, s-maxage=1, stale-while-revalidate=1"
PICTURE = f"/media/ab/ab{'0' * 62}.webp"


class Web:
    """A web process of which everything is known: what it was asked, and what it will answer."""

    def __init__(self):
        self.asked = []
        self.begun = 0
        self.headers = {"Cache-Control": PAGE}
        self.status = 200
        self.body = b"page"
        self.dies = False
        self.delay_seconds = 0.0
        self.meeting = threading.Barrier(1)
        """Where requests wait for each other before they are answered."""


class Handler(BaseHTTPRequestHandler):
    server: Any
    protocol_version = "HTTP/1.1"

    def answer(self):
        web = self.server.web
        web.begun += 1
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        web.asked.append((self.command, self.path, dict(self.headers.items()), body))
        time.sleep(web.delay_seconds)
        web.meeting.wait()
        if web.dies:
            self.close_connection = True
            return
        with suppress(BrokenPipeError, ConnectionResetError):
            self.reply(web)

    def reply(self, web):
        self.send_response(web.status)
        for name, value in web.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(web.body)))
        self.end_headers()
        self.wfile.write(web.body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 - the names that http.server looks for

    def log_message(self, *_):
        pass


@contextmanager
def serving(web, port=0):
    server: Any = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.web = web
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def media(tmp_path):
    (tmp_path / "media" / "ab").mkdir(parents=True)
    (tmp_path / "media" / "ab" / PICTURE.rpartition("/")[2]).write_bytes(b"picture")
    (tmp_path / "media" / "ab" / "tmpdraft").write_bytes(b"half a picture")
    return tmp_path / "media"


@pytest.fixture
def web():
    return Web()


@pytest.fixture
def base(tmp_path, web, media):
    with serving(web) as port, nginx.started(tmp_path / "nginx", [port], media) as base:
        yield base


def ask(base, path="/", method="GET", body=None, **headers):
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=20)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    response: Any = connection.getresponse()
    response.content = response.read()
    connection.close()
    return response


def test_pictures_and_static_files_are_served_without_a_web_process(base, web):
    picture, style = ask(base, PICTURE), ask(base, "/static/styles/post.css")

    assert (picture.status, picture.content, picture.headers["Content-Type"]) == (200, b"picture", "image/webp")
    assert "immutable" in picture.headers["Cache-Control"]
    assert (style.status, style.content) == (200, (nginx.STATIC / "styles/post.css").read_bytes())
    assert {picture.headers["X-Content-Type-Options"], style.headers["X-Content-Type-Options"]} == {"nosniff"}
    assert web.asked == []


ELSEWHERE = PICTURE.replace("ab/ab", "cd/cd")
"""A picture that isn't in the folder."""


def test_a_media_file_that_is_not_in_the_folder_is_asked_for_once_a_minute(base, web):
    kept = "public, max-age=31536000, immutable"
    web.headers = {"Cache-Control": kept, "Content-Type": "image/webp", "ETag": '"c"', "Accept-Ranges": "bytes"}
    web.body = b"0123456789"
    first, again, part = ask(base, ELSEWHERE), ask(base, ELSEWHERE), ask(base, ELSEWHERE, Range="bytes=2-4")

    assert [(answer.status, answer.content) for answer in (first, again)] == [(200, b"0123456789")] * 2
    assert (part.status, part.content, part.headers["Content-Range"]) == (206, b"234", "bytes 2-4/10")
    assert first.headers["Cache-Control"] == kept
    assert ask(base, ELSEWHERE, If_None_Match='"c"').status == 304
    assert [path for _method, path, *_ in web.asked] == [ELSEWHERE]


def test_a_deleted_media_file_is_not_kept_for_long_and_one_that_is_there_is(tmp_path, web, media):
    web.headers = {"Content-Type": "image/webp", "ETag": '"c"'}
    short = {"proxy_cache_valid 200 1m": "proxy_cache_valid 200 1s"}
    with serving(web) as port, nginx.started(tmp_path / "nginx", [port], media, short) as base:
        assert ask(base, ELSEWHERE).content == b"page"
        web.status = 503
        wait_for(lambda: ask(base, ELSEWHERE) and len(web.asked) > 1)
        away = ask(base, ELSEWHERE)
        web.status = 404
        wait_for(lambda: ask(base, ELSEWHERE).status == 404)

    assert (away.status, away.content) == (200, b"page")
    assert web.asked[1][2]["If-None-Match"] == '"c"'


@pytest.mark.parametrize(
    "path",
    [
        "/media/ab/tmpdraft",
        "/media/ab/",
        "/media/",
        "/media/../twite.sqlite",
        "/media/%2e%2e/twite.sqlite",
        "/media/ab/..%2f..%2ftwite.sqlite",
        "/static/",
        "/static/../server.py",
        "/static../server.py",
        "/.git/config",
        "/static/.hidden",
        "/@ann/.env",
    ],
)
def test_nothing_else_in_or_beside_those_folders_is_served(base, web, media, path):
    (media.parent / "twite.sqlite").write_bytes(b"secret")
    web.status = 404

    assert ask(base, path).status in {400, 403, 404}


def test_addresses_under_well_known_reach_the_web_process(base, web):
    assert ask(base, "/.well-known/webfinger?resource=acct:ann").status == 200
    assert web.asked[0][1] == "/.well-known/webfinger?resource=acct:ann"


def test_a_web_process_is_told_who_asks_for_what(base, web):
    ask(base, "/", Host="twite.example:8443", X_Forwarded_For="203.0.113.7", X_Forwarded_Proto="https")
    headers = web.asked[0][2]

    assert headers["Host"] == "twite.example:8443"
    assert headers["X-Forwarded-For"] == "203.0.113.7, 127.0.0.1"
    assert headers["X-Forwarded-Proto"] == "http"


def test_static_files_are_compressed(base):
    answer = ask(base, "/static/styles/post.css", Accept_Encoding="gzip")

    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.content) == (nginx.STATIC / "styles/post.css").read_bytes()
    assert "Accept-Encoding" in answer.headers["Vary"]


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/json", "image/svg+xml"])
def test_what_a_web_process_has_left_as_it_is_stays_so(base, web, kind):
    web.headers = {"Content-Type": kind, "Cache-Control": "private, no-store"}
    web.body = b"a page of some length with a secret " * 100
    answer = ask(base, "/", Accept_Encoding="gzip")

    assert (answer.headers["Content-Encoding"], answer.content) == (None, web.body)


def test_what_a_web_process_has_compressed_is_passed_on_and_kept_for_those_who_take_it(base, web):
    packed = gzip.compress(b"a page")
    web.headers |= {"Content-Encoding": "gzip", "Vary": "Cookie, Accept-Encoding", "ETag": 'W/"one"'}
    web.body = packed
    first, again = (ask(base, "/public", Accept_Encoding="gzip") for _ in range(2))
    web.headers = {"Cache-Control": PAGE, "Vary": "Cookie, Accept-Encoding", "ETag": 'W/"one"'}
    web.body = b"a page"
    plain = ask(base, "/public", Accept_Encoding="identity")
    known = ask(base, "/public", Accept_Encoding="identity", If_None_Match='W/"one"')

    assert [(one.headers["Content-Encoding"], one.content) for one in (first, again)] == [("gzip", packed)] * 2
    assert (plain.headers["Content-Encoding"], plain.content) == (None, b"a page")
    assert (known.status, known.content) == (304, b"")
    assert len(web.asked) == 2


def test_static_files_are_kept_forever_under_the_address_of_their_content(base):
    for path, kept in (("?v=0123456789ab", "immutable"), ("?v=", "max-age=3600"), ("", "max-age=3600")):
        assert kept in ask(base, f"/static/styles/post.css{path}").headers["Cache-Control"]


@pytest.mark.parametrize("path", [PICTURE, "/static/avatar.png"])
def test_pages_of_other_sites_may_draw_pictures(base, path):
    answer, part = ask(base, path, Origin="https://app.example"), ask(base, path, Range="bytes=0-3")
    known = ask(base, path, If_None_Match=answer.headers["ETag"])

    assert (answer.status, part.status, part.content, known.status) == (200, 206, answer.content[:4], 304)
    for one in (answer, part, known):
        assert one.headers["Access-Control-Allow-Origin"] == "*"
        assert one.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_a_body_that_is_too_large_is_refused_before_it_is_sent_on(base, web):
    assert ask(base, "/", "POST", b"x" * (11 << 20)).status == 413
    assert web.asked == []


@pytest.mark.parametrize(("path", "mb"), [("/api/v1/media", 41), ("/api/v2/media", 41), ("/posts", 65)])
def test_what_brings_files_may_be_larger_than_anything_else(base, web, path, mb):
    taken = ask(base, path, "POST", b"x" * (mb << 20))
    refused = ask(base, path, "POST", b"x" * (mb + 2 << 20))

    assert (taken.status, refused.status, len(web.asked)) == (200, 413, 1)


def test_a_page_for_strangers_is_kept_for_a_second(base, web):
    first, again = ask(base, "/public"), ask(base, "/public")
    seen = len(web.asked)
    wait_for(lambda: ask(base, "/public") and len(web.asked) > seen)

    assert (seen, first.content, again.content) == (1, b"page", b"page")


def test_a_page_is_kept_for_each_language_and_not_for_each_wording_of_it(base, web):
    web.headers |= {"Vary": "Cookie, Accept-Language, Twite-Part, Accept-Encoding"}
    shown = {}
    for body, wordings in {
        b"german": ("de", "de-AT,de;q=0.9,en;q=0.5", "pt-BR, pt;q=0.9, de;q=0.8", "den,de"),
        b"arabic": ("ar", "ar-EG,ar;q=0.9,en;q=0.8"),
        b"of the site": ("", "pt", "den"),
    }.items():
        web.body = body
        shown[body] = {ask(base, "/about", Accept_Language=wording).content for wording in wordings}

    assert shown == {body: {body} for body in shown}
    assert [headers.get("Accept-Language") for *_, headers, _body in web.asked] == ["de", "ar", None]


def test_a_part_of_a_page_is_kept_apart_from_the_page(base, web):
    whole = ask(base, "/about").content
    web.body = b"part"

    assert (whole, ask(base, "/about", Twite_Part="1").content) == (b"page", b"part")


@pytest.mark.parametrize(
    ("name", "sent"), [("Twite-Part", [""]), ("Twite-Part", ["", "1"]), ("Accept-Encoding", ["br", "gzip"])]
)
def test_a_page_is_kept_as_what_a_web_process_was_asked_for(base, web, name, sent):
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=20)
    connection.putrequest("GET", "/about", skip_accept_encoding=name == "Accept-Encoding")
    for value in sent:
        connection.putheader(name, value)
    connection.endheaders()
    connection.getresponse().read()
    connection.close()
    [(*_, headers, _body)] = web.asked
    web.body = b"page of others"

    assert headers.get(name) != ""
    assert ask(base, "/about", **{name: headers[name]} if name in headers else {}).content == b"page"


def test_many_who_ask_at_once_cost_a_web_process_one_request(base, web):
    web.delay_seconds = 0.3
    threads = [threading.Thread(target=ask, args=(base, "/public")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(web.asked) == 1


@pytest.mark.faults
def test_nobody_waits_for_a_page_that_is_not_kept(base, web):
    web.headers = {"Cache-Control": "private, no-store"}
    # None is answered before all are there: one after the other they would never meet.
    web.meeting = threading.Barrier(20, timeout=15)
    with ThreadPoolExecutor(20) as executor:
        answers = list(executor.map(ask, [base] * 20, ["/login"] * 20))

    assert [answer.status for answer in answers] == [200] * 20
    assert len(web.asked) == 20


@pytest.mark.faults
@pytest.mark.parametrize(("path", "most"), [("/login", 100), ("/api/v2/media", 16)])
def test_an_address_has_so_many_requests_at_once(base, path, most):
    port = urlsplit(base).port
    slow, page = head("POST", path, "127.0.0.1", Content_Length=1000), head("GET", "/", "127.0.0.1")
    with ExitStack() as opened:
        for _ in range(most):
            opened.enter_context(send(port, slow))
        one_more = opened.enter_context(send(port, slow))
        here = opened.enter_context(send(port, page))
        elsewhere = opened.enter_context(send(port, page, source="127.0.0.2"))

        proxy = head("GET", "/", "127.0.0.1", X_Forwarded_For="192.0.2.1, 203.0.113.7")
        behind_a_proxy = opened.enter_context(send(port, proxy))

        assert status_of(one_more) == 429
        assert status_of(here) == (429 if path == "/login" else 200)
        assert (status_of(elsewhere), status_of(behind_a_proxy)) == (200, 200)


@pytest.mark.faults
@pytest.mark.parametrize(
    ("network", "neighbour"),
    [
        ("2001:db8:1:2:{host:x}::1", "2001:db8:1:3::1"),
        ("2001:db8:1:2::{host:x}", "2001:db8:1:3::1"),
        ("2001:db8::{host:x}", "2001:db8:1::1"),
        ("2001:db8::{host:x}:0:0:1", "2001:db9::1"),
    ],
)
def test_a_network_of_one_household_counts_as_one_address(base, network, neighbour):
    port = urlsplit(base).port

    def asking(address: str, path: str = "/", method: str = "GET") -> bytes:
        length = {"Content_Length": 1000} if method == "POST" else {}
        return head(method, path, "127.0.0.1", X_Forwarded_For=address, **length)

    with ExitStack() as opened:
        for host in range(1, 101):
            opened.enter_context(send(port, asking(network.format(host=host), "/login", "POST")))
        same = opened.enter_context(send(port, asking(network.format(host=101))))
        other = opened.enter_context(send(port, asking(neighbour)))

        assert (status_of(same), status_of(other)) == (429, 200)


@pytest.mark.faults
def test_what_is_sent_slowly_reaches_a_web_process_when_it_is_whole(base, web):
    with send(urlsplit(base).port, head("POST", "/posts", "127.0.0.1", Content_Length=4) + b"ab") as connection:
        ask(base, "/about")
        assert web.begun == 1
        connection.sendall(b"cd")
        assert status_of(connection) == 200


@pytest.mark.parametrize("headers", [{"Cookie": "twite=x"}, {"Authorization": "Bearer x"}])
def test_nothing_is_kept_of_or_for_somebody_who_is_known(base, web, headers):
    ask(base, "/public", **headers)
    ask(base, "/public")
    ask(base, "/public", **headers)

    assert len(web.asked) == 3


@pytest.mark.parametrize(
    "headers",
    [{"Cache-Control": "private, no-store"}, {}, {"Cache-Control": PAGE, "Set-Cookie": "a=b"}],
)
def test_nothing_is_kept_that_a_web_process_does_not_offer(base, web, headers):
    web.headers = headers
    ask(base, "/public")
    ask(base, "/public")

    assert len(web.asked) == 2


def test_strangers_go_on_reading_while_no_web_process_answers(tmp_path, base, web):
    ask(base, "/public")
    web.dies = True
    wait_for(lambda: ask(base, "/public") and "cache=STALE" in nginx.access_log(tmp_path / "nginx")[-1])
    kept, other = ask(base, "/public"), ask(base, "/other")

    assert (kept.status, kept.content, other.status) == (200, b"page", 502)


@pytest.mark.parametrize(("method", "asked"), [("GET", 2), ("PUT", 2), ("DELETE", 2), ("POST", 1), ("PATCH", 1)])
def test_only_what_may_be_repeated_goes_to_another_web_process(tmp_path, media, method, asked):
    webs = Web(), Web()
    webs[0].dies = webs[1].dies = True
    with (
        serving(webs[0]) as one,
        serving(webs[1]) as other,
        nginx.started(tmp_path / "nginx", [one, other], media) as base,
    ):
        answer = ask(base, "/api/v1/statuses", method)

    assert (answer.status, len(webs[0].asked) + len(webs[1].asked)) == (502, asked)


@pytest.mark.faults
@pytest.mark.parametrize(("method", "repeated"), [("GET", True), ("POST", False)])
def test_a_web_process_that_is_stuck_costs_nobody_a_page_and_nothing_is_posted_twice(tmp_path, media, method, repeated):
    stuck, other = Web(), Web()
    stuck.delay_seconds = 4.0
    times = {"proxy_read_timeout 20s;": "proxy_read_timeout 1s;"}
    with (
        serving(stuck) as one,
        serving(other) as two,
        nginx.started(tmp_path / "nginx", [one, two], media, times) as base,
    ):
        answers = [ask(base, f"/login?{number}", method).status for number in range(4)]
        asked = len(stuck.asked) + len(other.asked)

    assert stuck.asked
    assert (set(answers) == {200}, asked > 4) == (repeated, repeated)
    assert answers.count(504) == (0 if repeated else len(stuck.asked))


def test_another_web_process_is_asked_for_what_one_did_not_answer_in_time():
    text = (nginx.DEPLOY / "nginx.conf").read_text()
    page, repeat = (
        int(re.search(rf"{name} (\d+)s;", text.partition("location / {")[part])[1])
        for name, part in (("proxy_read_timeout", 2), ("proxy_next_upstream_timeout", 0))
    )

    # A web process itself says that it is too busy before; two that are stuck are as many as anybody waits for.
    assert engines.POOL_TIMEOUT_SECONDS < page < repeat < 2 * page


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_web_process_that_is_not_there_costs_no_request(tmp_path, media, web, method):
    with serving(web) as port, nginx.started(tmp_path / "nginx", [free_port(), port], media) as base:
        answers = [ask(base, f"/{number}", method).status for number in range(6)]

    assert answers == [200] * 6


def test_a_websocket_is_passed_on(base, web):
    ask(base, "/api/v1/streaming", Connection="Upgrade", Upgrade="websocket", Sec_WebSocket_Key="x")
    ask(base, "/api/v1/streaming")
    first, second = (headers for _, _, headers, _ in web.asked)

    assert (first["Connection"], first["Upgrade"], first["Sec-WebSocket-Key"]) == ("upgrade", "websocket", "x")
    assert "Connection" not in second


def test_no_secret_is_logged_or_kept(tmp_path, base, web):
    names = ("first", "confirm", "confirm-email", "reset", "appeal", "unsubscribe", "not-me", "login/link", "feeds")
    paths = [f"/{name}/hush" for name in (*names, "by-mail", "by-mail/confirm")]
    for path in paths:
        ask(base, path, Referer="http://twite.example/reset/hush")
    ask(base, "/oauth/authorize?code=hush", Authorization="Bearer hush")
    web.dies = True
    ask(base, paths[0])
    wait_for(lambda: len(nginx.access_log(tmp_path / "nginx")) == len(paths) + 2)
    written = {str(path): path.read_bytes() for path in (tmp_path / "nginx").rglob("*") if path.is_file()}

    assert nginx.access_log(tmp_path / "nginx")[0].split()[2:5] == ["GET", "/first/...", "200"]
    assert [path for path, content in written.items() if b"hush" in content] == []
