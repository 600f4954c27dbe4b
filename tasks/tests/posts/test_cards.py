"""Preview cards: fetched once from a real server, and shown with every post that links there."""

import io
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote, unquote

import msgspec
import pytest
from PIL import Image
from sqlalchemy import select

from support.moment import NOW
from twite_common import clock, post_details
from twite_common.media.pictures import process
from twite_common.processes.fair_semaphore import FairSemaphore
from twite_common.queries.posts import posts
from twite_common.services.accounts import accounts
from twite_common.services.posts import cards as service
from twite_common.tables import card, publisher
from twite_tasks.posts import cards
from twite_tasks.remote_pages import process as page_process
from twite_tasks.remote_pages import reader

PAGE = """<!doctype html><html lang="de"><head><title>Not this</title>
<meta property="og:title" content="Birds &amp; &#1; trees"><meta name="description" content="About birds.">
<meta property="og:image" content="/bird.png"><meta property="og:image:alt" content="A finch">
<meta property="og:site_name" content="Nature"><meta property="article:published_time" content="2026-01-02T03:04:05Z">
</head><body><title>nor this</title></body></html>"""

BY = "<title>A page</title><meta name='fediverse:creator' content='{}'>"
HANDLES = {
    "@bob@twite.example": True,
    "BOB@twite.example": True,
    "@bob": True,
    "@bob@elsewhere.example": False,
    "@nobody@twite.example": False,
    "@suspended": False,
    "bob the builder@": False,
}
"""Whom pages name as their authors, and whether that is Bob."""


CHARSETS = ["latin-1", "idna", "punycode", "undefined", "rot13", "nonsense"]


TITLES = {
    "windows-1251": "Привет, мир",
    "koi8-r": "Привет, мир",
    "iso-8859-2": "Žluťoučký kůň",
    "iso-8859-7": "Καλημέρα",
    "iso-8859-15": "Œuvre à 5 €",
    "shift_jis": "日本語のページ",
    "euc-jp": "日本語のページ",
    "iso-2022-jp": "日本語のページ",
    "big5": "中文網頁",
    "gbk": "中文网页",
    "euc-kr": "한국어 페이지",
    "utf-8": "Überall ✓",
}
HTML, XHTML = "text/html", "application/xhtml+xml"
ENCODED = {
    **{
        f"meta/{name}": (HTML, f"<meta charset={name}><title>{title}</title>".encode(name))
        for name, title in TITLES.items()
    },
    **{
        f"http-equiv/{name}": (
            HTML,
            f'<meta http-equiv=content-type content="text/html; charset={name}"><title>{title}</title>'.encode(name),
        )
        for name, title in TITLES.items()
    },
    **{
        f"header/{name}": (f"{HTML}; charset={name}", f"<meta charset=utf-16><title>{title}</title>".encode(name))
        for name, title in TITLES.items()
    },
    **{
        f"xml/{name}": (
            XHTML,
            f'<?xml version="1.0" encoding="{name}"?><html xmlns="http://www.w3.org/1999/xhtml"><head>'
            f"<title>{title}</title></head></html>".encode(name),
        )
        for name, title in TITLES.items()
        if name != "iso-2022-jp"
    },
    **{
        f"mark/{name}": (f"{HTML}; charset=windows-1251", f"\ufeff<title>{TITLES['utf-8']}</title>".encode(codec))
        for name, codec in (("utf-8", "utf-8"), ("utf-16le", "utf-16-le"), ("utf-16be", "utf-16-be"))
    },
    "nothing/utf-8": (HTML, f"<title>{TITLES['utf-8']}</title>".encode()),
}
"""Pages that say how they are written, each in its own way."""


@pytest.fixture
def site():
    """A website with a page, a picture and a file that is neither; `asked` has the paths that were asked for."""
    picture = io.BytesIO()
    Image.new("RGB", (800, 400), "green").save(picture, "PNG")
    pages = {
        "/": ("text/html; charset=utf-8", PAGE.encode()),
        "/bird.png": ("image/png", picture.getvalue()),
        **{f"/by{handle}": ("text/html", BY.format(handle).encode()) for handle in HANDLES},
        "/section": ("text/html", b"<![<x><![ y]><![!]><title>Here</title><![z"),
        "/nameless": ("text/html", b"<title>Here</title><meta property='og:image' content='http://[x'>"),
        **{f"/in {name}": (f"text/html; charset={name}", b"<title>Here</title>") for name in CHARSETS},
        **{
            f"/many/{tag}": (
                "text/html",
                b"<title>Here</title>" + b"".join(b"<%b a%d=1>" % (tag.encode(), n) for n in range(40_000)),
            )
            for tag in ("html", "body")
        },
        "/plain": ("text/html", b"<p>nothing said</p>"),
        "/file": ("application/pdf", b"%PDF"),
    }

    class Handler(BaseHTTPRequestHandler):
        server: Any

        def do_GET(self):
            self.server.asked.append(self.path)
            path = unquote(self.path)
            kind, body = pages.get(path, ("text/html", b""))
            self.send_response(200 if path in pages else 404)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    one: Any = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    one.asked = []
    thread = threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    one.url = f"http://127.0.0.1:{one.server_port}"
    yield one
    one.shutdown()
    one.server_close()
    thread.join()


@pytest.fixture
def fetch(context, rows):
    """Fetch every card that is due, as a worker would."""
    settings = msgspec.structs.replace(context.settings, allow_private_addresses=True)
    reaching = msgspec.structs.replace(context, settings=settings)

    def fetch():
        for row in rows(select(card.c.id).where(card.c.state == "due")):
            cards.fetch(reaching, row.id)

    return fetch


@pytest.fixture
def shown(database):
    def shown(post_id):
        with database.reading() as db:
            return post_details.decode(posts.get(db, post_id, viewer_id=None, now=NOW).details).card

    return shown


def test_a_page_is_fetched_once_and_shown_with_each_post_that_links_there(site, ann, make_post, fetch, shown, settings):
    first = make_post(ann, f"look {site.url}/ and https://example.org/")
    before = shown(first)
    fetch()
    second = make_post(ann, f"again: {site.url}/")
    fetch()

    assert before is None
    made = shown(first)
    assert (made.title, made.description, made.provider_name) == ("Birds & trees", "About birds.", "Nature")
    assert (made.language, made.picture_description) == ("de", "A finch")
    assert clock.as_datetime(made.published_at).isoformat() == "2026-01-02T03:04:05+00:00"
    with Image.open(settings.data / "media" / made.picture) as picture:
        assert picture.size == (made.width, made.height)
    assert shown(second) == made
    assert site.asked == ["/", "/bird.png"]


def test_pages_are_fetched_in_turns_by_account(ann, bob, make_post, database, rows):
    for number in range(5):
        make_post(ann, f"https://many.example/{number}")
    make_post(bob, "https://single.example/")
    urls = {row.id: row.url for row in rows(select(card.c.id, card.c.url))}
    with database.reading() as db:
        found = [urls[id] for id in service.due(db, now=NOW, limit=10)]

    assert len(found) == 6
    assert found.index("https://single.example/") < 2


def test_a_pages_publisher_is_its_server(site, ann, make_post, fetch, rows):
    make_post(ann, f"{site.url}/")
    make_post(ann, f"{site.url}/by@bob")
    fetch()

    published = select(publisher.c.domain, card.c.url).join(card, card.c.publisher_id == publisher.c.id)
    found = rows(published.order_by(card.c.id))
    assert found == [("127.0.0.1", f"{site.url}/"), ("127.0.0.1", f"{site.url}/by@bob")]
    assert len(rows(select(publisher.c.id))) == 1


@pytest.mark.parametrize(("handle", "bobs"), HANDLES.items())
def test_an_author_who_has_an_account_here_is_known(
    site, ann, bob, make_account, database, make_post, fetch, shown, handle, bobs
):
    suspended = make_account("suspended")
    with database.writing() as db:
        accounts.suspend(db, now=NOW, account_id=suspended.id)
    post_id = make_post(ann, f"{site.url}/by{quote(handle)}")
    fetch()

    assert shown(post_id).author_account_id == (bob.id if bobs else None)


@pytest.mark.parametrize("path", ["/plain", "/file", "/missing"])
def test_what_says_nothing_of_itself_has_no_card(site, ann, make_post, fetch, shown, rows, path):
    post_id = make_post(ann, f"{site.url}{path}")
    fetch()

    assert shown(post_id) is None
    assert [row.state for row in rows(select(card.c.state))] == ["failed"]


@pytest.mark.parametrize("path", ["/nameless", "/section", *[f"/in%20{name}" for name in CHARSETS]])
def test_what_a_page_says_wrongly_keeps_nobody_from_its_title(site, ann, make_post, fetch, shown, path):
    post_id = make_post(ann, f"{site.url}{path}")
    fetch()

    assert (shown(post_id).title, shown(post_id).picture) == ("Here", None)


@pytest.mark.parametrize("name", ENCODED)
def test_a_page_is_read_as_it_is_written(name):
    content_type, body = ENCODED[name]
    said = reader.look(reader.Page(body, content_type, "https://a.example/"))

    assert said.title == TITLES.get(name.rpartition("/")[2], TITLES["utf-8"])


@pytest.mark.parametrize("tag", ["html", "body"])
def test_a_page_made_to_take_long_is_given_up_at_once_and_stops_nothing_else(
    site, ann, make_post, fetch, rows, monkeypatch, tag
):
    monkeypatch.setattr(page_process, "CPU_SECONDS", 1)
    make_post(ann, f"{site.url}/many/{tag}")
    started = time.process_time()
    fetch()

    assert [(row.state, row.attempts) for row in rows(select(card.c.state, card.c.attempts))] == [("failed", 1)]
    assert time.process_time() - started < 1.5


def test_a_page_whose_reader_takes_too_much_memory_is_given_up_at_once(site, ann, make_post, fetch, rows, monkeypatch):
    monkeypatch.setattr(page_process, "MEMORY_BYTES", 20 << 20)
    make_post(ann, f"{site.url}/")
    fetch()

    assert [(row.state, row.attempts) for row in rows(select(card.c.state, card.c.attempts))] == [("failed", 1)]


@pytest.mark.parametrize("signal", ["TERM", "KILL"], ids=["with the worker", "for want of memory"])
def test_a_page_whose_reader_is_ended_by_the_system_is_tried_again(
    site, ann, make_post, fetch, rows, monkeypatch, signal
):
    monkeypatch.setattr(page_process, "COMMAND", ("/bin/sh", "-c", f"kill -{signal} $$"))
    make_post(ann, f"{site.url}/")
    fetch()

    assert [row.state for row in rows(select(card.c.state))] == ["due"]


@pytest.mark.parametrize("url", ["http://[x/", "http://a..b/", f"http://{'a' * 64}.example/"])
def test_an_address_that_cannot_be_asked_has_no_card(ann, make_post, fetch, rows, url):
    make_post(ann, url)
    fetch()

    assert [row.state for row in rows(select(card.c.state))] == ["failed"]


def test_a_page_in_a_private_network_is_not_asked_for(site, ann, make_post, context, rows):
    make_post(ann, f"{site.url}/")
    ((id,),) = rows(select(card.c.id))
    cards.fetch(context, id)

    assert site.asked == []
    assert [row.state for row in rows(select(card.c.state))] == ["failed"]


def test_a_page_that_cannot_be_reached_is_tried_again(ann, make_post, fetch, rows):
    make_post(ann, "http://127.0.0.1:9/")
    fetch()

    assert [(row.state, row.attempts) for row in rows(select(card.c.state, card.c.attempts))] == [("due", 1)]


def test_a_page_whose_picture_has_to_wait_too_long_is_tried_again(site, ann, make_post, fetch, rows, monkeypatch):
    busy = FairSemaphore(1, timeout_seconds=0.0)
    monkeypatch.setattr(process.SHARED, "_turns", busy)
    make_post(ann, f"{site.url}/")
    with busy.turn():
        fetch()

    assert [(row.state, row.attempts) for row in rows(select(card.c.state, card.c.attempts))] == [("due", 1)]


def test_a_page_that_nobody_survives_is_given_up(ann, make_post, database, rows):
    make_post(ann, "http://deadly.example/")
    ((id,),) = rows(select(card.c.id))
    with database.writing() as db:
        taken = [service.claim(db, id, now=NOW + n * clock.DAY) is not None for n in range(10)]

    assert taken == [n <= len(service.DELAYS_MS) for n in range(10)]
    assert [row.state for row in rows(select(card.c.state))] == ["failed"]


def test_this_sites_own_pages_have_no_card(ann, make_post, rows):
    make_post(ann, "https://twite.example/@ann and https://twite.example")

    assert rows(select(card.c.id)) == []
