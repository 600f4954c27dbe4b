"""Looking at pages that profiles name."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import pytest
from sqlalchemy import select
from turbohtml import parse

from twite_common import clock
from twite_common.queries.accounts import accounts as queries
from twite_common.queries.accounts.accounts import Field
from twite_common.services.accounts import field_verification, profiles
from twite_common.services.accounts.profiles import ProfileChanges
from twite_common.tables import account, field_check
from twite_tasks.accounts import field_verification as fields
from twite_tasks.remote_pages import reader

PROFILE = "https://twite.example/@ann"


@pytest.mark.parametrize(
    "page",
    [
        f'<a rel="me" href="{PROFILE}">Twite</a>',
        f'<link href="{PROFILE}/" rel="nofollow ME"><p>',
        "<p><a href=//twite.example/@Ann rel=me>",
        f'<![<x><a rel="me" href="{PROFILE}"><![y',
    ],
)
def test_a_page_that_links_back_is_recognised(page):
    assert reader.links_back(parse(page), "https://ann.example/", PROFILE)


@pytest.mark.parametrize(
    "page",
    [
        "",
        f'<a href="{PROFILE}">Twite</a>',
        '<a rel="me" href="https://twite.example/@bob">',
        f'<!-- <a rel="me" href="{PROFILE}"> -->',
        f'<a rel="me" href="{PROFILE}x">',
        '<a rel="me">',
        "<a <<a",
        '<a rel="me" href="http://[x">',
    ],
)
def test_a_page_that_does_not_is_not(page):
    assert not reader.links_back(parse(page), "https://ann.example/", PROFILE)


@pytest.fixture
def server():
    """A website with a page that links back to Ann, and one that doesn't."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(f'<a rel="me" href="{PROFILE}">'.encode() if self.path == "/ann" else b"<p>")

        def log_message(self, *args):
            pass

    one = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{one.server_port}"
    one.shutdown()
    thread.join()
    one.server_close()


@pytest.fixture
def settings(settings):
    return msgspec.structs.replace(settings, allow_private_addresses=True)


@pytest.fixture
def look(context, database, ann, rows):
    """Have Ann's profile name a page, and look at it; return when it was verified and what is left to be looked at."""

    def look(url):
        with database.writing() as db:
            lines = msgspec.json.encode([Field("Web", url)]).decode()
            db.execute(account.update().where(account.c.id == ann.id).values(fields=lines))
            db.execute(field_check.insert(), {"id": 1, "account_id": ann.id, "url": url, "due_at": 0})
        fields.verify(context, 1)
        with database.reading() as db:
            [field] = queries.fields_of(queries.load(db, [ann.id])[ann.id])
        return field.verified_at, rows(select(field_check.c.attempts, field_check.c.due_at))

    return look


def test_a_line_is_verified_by_its_page(look, server):
    verified_at, left = look(f"{server}/ann")

    assert clock.now() - verified_at < clock.MINUTE
    assert left == []


def test_a_line_whose_page_says_nothing_stays_as_it_is(look, server):
    assert look(f"{server}/other") == (None, [])


def test_a_page_that_cannot_be_reached_is_tried_again_later(look):
    verified_at, [(attempts, due_at)] = look("http://127.0.0.1:9/")

    assert (verified_at, attempts) == (None, 1)
    assert due_at > clock.now()


def test_a_page_that_nobody_survives_is_left(database, ann, rows):
    with database.writing() as db:
        db.execute(field_check.insert(), {"id": 1, "account_id": ann.id, "url": "https://deadly.example", "due_at": 0})
        taken = [field_verification.claim(db, 1, now=n * clock.DAY) is not None for n in range(10)]

    assert taken == [n <= len(field_verification.DELAYS_MS) for n in range(10)]
    assert rows(select(field_check.c.id)) == []


def test_pages_are_looked_at_when_a_profile_names_them(database, ann, rows, dispatched):
    lines = [("Web", "https://ann.example"), ("Old", "http://ann.example"), ("Name", "Ann of https://ann.example")]
    with database.writing() as db:
        profiles.change_profile(db, now=1, account_id=ann.id, changes=ProfileChanges(fields=lines))
    [(id, url)] = rows(select(field_check.c.id, field_check.c.url))

    assert url == "https://ann.example"
    assert [(one.task, one.id) for one in dispatched] == [(field_verification.TASK, id)]
