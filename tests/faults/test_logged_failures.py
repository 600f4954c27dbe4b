"""Clients that go away and a database that can't be reached: a line in the log for each, and never a traceback."""

from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest
from websockets.sync.client import connect

from support import proxy
from support.site_under_test import Site, wait_for
from support.watching import ask, head, send, status_of

pytestmark = pytest.mark.faults

JSON = "application/json"
FORM_WITH_FILES = "multipart/form-data; boundary=b"
POST = b'{"status":"a"}'


@pytest.fixture(scope="module")
def site(tmp_path_factory, shared_database_url):
    """A site with somebody's token; on PostgreSQL it reaches its database by a proxy that can leave."""
    database_url = shared_database_url
    parts = urlsplit(database_url)
    with ExitStack() as stack:
        line = None
        if parts.hostname:
            line = stack.enter_context(proxy.before(parts.port or 5432))
            database_url = database_url.replace(parts.netloc.rpartition("@")[2], f"127.0.0.1:{line.port}")
        site: Any = Site(tmp_path_factory.mktemp("site"), database_url)
        stack.callback(site.stop)
        site.line = line
        site.token = site.make_account("ann")[1]
        site.start("web")
        yield site


def lines(site, word):
    return [line for line in site.printed().splitlines() if word in line]


def head_of_ann(site, method, path, **headers):
    return head(method, path, "127.0.0.1", Authorization=f"Bearer {site.token}", **headers)


def test_whoever_goes_away_leaves_one_line_at_most(site):
    post = head_of_ann(site, "POST", "/api/v1/statuses", Content_Type=JSON, Content_Length=len(POST)) + POST
    upload = head_of_ann(site, "POST", "/api/v2/media", Content_Type=FORM_WITH_FILES, Content_Length=4_000_000)
    stream = head_of_ann(site, "GET", "/api/v1/streaming/user")
    for request in (
        head("POST", "/login", "127.0.0.1", Content_Length=50_000) + b"a",
        upload + b"x" * 2_000_000,
        head("GET", "/public", "127.0.0.1"),
        head("GET", "/static/styles/post.css", "127.0.0.1"),
        post,
    ):
        for _ in range(3):
            send(site.port, request).close()
    for _ in range(3):
        with send(site.port, stream) as connection:
            assert status_of(connection) == 200
        with connect(f"ws://127.0.0.1:{site.port}/api/v1/streaming?access_token={site.token}") as listening:
            listening.socket.shutdown(2)
    wait_for(lambda: len(lines(site, "body_broke_off")) == 6)

    assert ask(site.port, "/public")[0] == 200
    assert lines(site, "Traceback") == lines(site, "ERROR") == []


def test_a_database_that_cannot_be_reached_is_a_line_for_each_request(site):
    if site.line is None:
        # What SQLite keeps is a file of the same machine.
        return
    with send(site.port, head_of_ann(site, "GET", "/api/v1/streaming/user")) as stream:
        assert status_of(stream) == 200
        assert ask(site.port, "/public")[0] == 200
        site.line.leave()
        # Not what was shown a moment ago, which is kept for a second.
        for path in ("/explore", "/login", "/api/v1/timelines/public"):
            assert ask(site.port, path)[0] == 503
        assert len(lines(site, "request_failed")) == 3
        wait_for(lambda: lines(site, "changes_lost"))
        site.line.listen()
        wait_for(lambda: ask(site.port, "/public")[0] == 200)

    assert lines(site, "Traceback") == []
