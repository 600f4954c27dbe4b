"""Fetching lists of domains from a real server."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import pytest

from support.moment import NOW
from twite_common import outbox
from twite_common.queries import viewers
from twite_common.queries.moderation import domain_lists as queries
from twite_common.services.accounts import accounts
from twite_common.services.moderation import domain_lists
from twite_tasks import event_handlers

ANSWERS = {
    "/list": (200, b"bad.example\n0.0.0.0 worse.example\n"),
    "/gone": (404, b"bad.example\n"),
    "/page": (200, b"<html><p>Log in</p></html>"),
    "/long": (200, b"bad.example\n" * 800_000),
}


@pytest.fixture
def server():
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, body = ANSWERS[self.path]
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def fetched(context, database, ann):
    def fetched(url, *, private):
        settings = msgspec.structs.replace(context.settings, allow_private_addresses=private)
        with database.writing() as db:
            accounts.set_role(db, account_id=ann.id, role="admin")
            viewer = viewers.by_account(db, ann.id)
            list_id = domain_lists.subscribe(db, now=NOW, viewer=viewer, name="Bad", url=url)
            [event_id] = outbox.waiting(db, limit=5)
        event_handlers.handle(msgspec.structs.replace(context, settings=settings), event_id, now=NOW)
        with database.reading() as db:
            assert outbox.waiting(db) == []
            found = domain_lists.get(db, list_id)
            return found, queries.change(db, found, shown=5).first_added

    return fetched


def test_a_list_is_fetched(server, fetched):
    found, names = fetched(f"{server}/list", private=True)
    assert names == ("bad.example", "worse.example")
    assert (found.fetched_at, found.error) == (NOW, "")


@pytest.mark.parametrize(
    ("path", "said"), [("/gone", "answered 404"), ("/page", "no domain"), ("/long", "more than 8388608 bytes")]
)
def test_what_is_no_list_leaves_a_reason(server, fetched, path, said):
    found, names = fetched(f"{server}{path}", private=True)
    assert said in found.error
    assert (names, found.fetched_at) == ((), None)


def test_a_private_network_is_not_asked(server, fetched):
    found, _ = fetched(f"{server}/list", private=False)
    assert "not on the public internet" in found.error
