"""Many requests of one person, or from one address: what they leave to others, and what is answered to too many."""

import asyncio
import threading
from functools import partial
from types import SimpleNamespace
from urllib.parse import urlencode

import msgspec
import pytest

from support.scopes import http_scope
from twite_common import clock, secret
from twite_common.errors import TooMany
from twite_common.passwords import Passwords
from twite_common.queries.operations import statistics
from twite_common.services.identity import sessions, tokens
from twite_web import cookies
from twite_web.core import STATIC
from twite_web.middleware import compression
from twite_web.middleware.request_concurrency import MAX_WAITING, Turns
from twite_web.proxies import counted_address

THREADS = 8
AT_ONCE = THREADS // 4
SLOW, PLAIN_READ = "/nodeinfo/2.0", "/api/v2/instance"
PROXY = "10.0.0.1"
SECONDS = 10


@pytest.fixture
def settings(settings):
    return msgspec.structs.replace(settings, threads=THREADS, trusted_proxies=[f"{PROXY}/32"])


class Held:
    """Work that lasts until it is let go, and how much of it is being done."""

    def __init__(self):
        self.let_go = threading.Event()
        self.lock = threading.Lock()
        self.number = self.most = 0

    def work(self, *_given, **_named):
        with self.lock:
            self.number += 1
            self.most = max(self.most, self.number)
        self.let_go.wait(SECONDS)
        with self.lock:
            self.number -= 1
        return False


@pytest.fixture
def held(monkeypatch):
    held = Held()
    wait = held.work
    read = statistics.totals
    monkeypatch.setattr(statistics, "totals", lambda *given, **named: (wait(), read(*given, **named))[1])
    return held


@pytest.fixture
def ask(app):
    """Send a request from an address; return its status, headers and body."""

    async def ask(path=SLOW, *, method="GET", address="192.0.2.1", body=b"", **headers):
        scope = http_scope(method, path, headers, address=address, length=len(body))
        sent = []

        async def receive():
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message):
            sent.append(message)

        await app(scope, receive, send)
        headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return SimpleNamespace(status=sent[0]["status"], headers=headers)

    return ask


@pytest.fixture
def crowd(bare, ask, held):
    """Have requests be worked on, look at what others are answered meanwhile, and return the statuses of all."""

    def crowd(requests, meanwhile, *, begun=AT_ONCE):
        async def run():
            async with bare.lifespan():
                try:
                    asked = [asyncio.ensure_future(request()) for request in requests]
                    async with asyncio.timeout(SECONDS):
                        while held.number < begun:
                            await asyncio.sleep(0.005)
                        others = [await request() for request in meanwhile]
                finally:
                    held.let_go.set()
                return [one.status for one in others], await asyncio.gather(*asked)

        return asyncio.run(run())

    return crowd


@pytest.fixture
def bearer(database, ann):
    with database.writing() as db:
        token = tokens.create_personal(db, now=clock.now(), account_id=ann.id, name="test", scopes="read")
    return f"Bearer {token}"


@pytest.mark.parametrize("path", [SLOW, PLAIN_READ])
def test_one_address_leaves_threads_to_others(crowd, ask, held, path):
    others = [lambda: ask("/public", address="192.0.2.2"), lambda: ask("/health", address="192.0.2.2")]

    statuses, answers = crowd([partial(ask, path)] * 30, others)

    assert statuses == [200, 200]
    assert held.most == AT_ONCE
    assert {one.status for one in answers} == {200}


def test_one_token_leaves_threads_to_others_from_however_many_addresses_it_is_used(crowd, ask, held, bearer):
    spellings = (bearer, bearer.replace("Bearer", "bearer  "))
    mine = [lambda n=n: ask(address=f"192.0.2.{n}", authorization=spellings[n % len(spellings)]) for n in range(1, 31)]

    statuses, answers = crowd(mine, [lambda: ask("/public", address="192.0.2.99")])

    assert statuses == [200]
    assert held.most == AT_ONCE
    assert {one.status for one in answers} == {200}


def test_one_session_leaves_threads_to_others(crowd, ask, held, monkeypatch, settings, database, ann):
    from twite_web.site.timelines import search

    monkeypatch.setattr(search, "reading_replica", held.work)
    with database.writing() as db:
        mine = sessions.start(db, settings, now=clock.now(), account_id=ann.id, address="192.0.2.1", browser="Firefox")
    cookie = f"{cookies.session_name(settings)}={mine}"
    requests = [lambda n=n: ask("/search", address=f"192.0.2.{n}", cookie=cookie) for n in range(1, 31)]

    statuses, _ = crowd(requests, [lambda: ask("/public", address="192.0.2.99")])

    assert statuses == [200]
    assert held.most == AT_ONCE


def test_who_has_too_many_waiting_is_told_when_to_try_again(crowd, ask):
    _, answers = crowd([ask] * (AT_ONCE + MAX_WAITING + 3), [])

    refused = [one for one in answers if one.status != 200]
    assert [one.status for one in refused] == [429] * 3
    assert all(int(one.headers["retry-after"]) > 0 for one in refused)


def test_whether_the_site_is_there_is_answered_while_all_threads_are_at_work(crowd, ask):
    everybody = [lambda n=n: ask("/about", address=f"192.0.2.{n}") for n in range(1, THREADS + 1)]

    statuses, _ = crowd(everybody, [lambda: ask("/health", address="192.0.2.99")], begun=THREADS)

    assert statuses == [200]


def test_files_are_had_at_once(crowd, ask):
    statuses, _ = crowd([ask] * (AT_ONCE + MAX_WAITING), [lambda: ask("/static/favicon.ico")])

    assert statuses == [200]


def test_files_are_had_while_all_threads_are_at_work(crowd, ask):
    # By whoever asked for it first.
    compression._compressed_once("zstd", (STATIC / "styles/post.css").read_bytes())
    everybody = [lambda n=n: ask("/about", address=f"192.0.2.{n}") for n in range(1, THREADS + 1)]
    style = "/static/styles/post.css"

    statuses, answers = crowd(
        everybody, [lambda: ask(style, accept_encoding="zstd"), lambda: ask(style)], begun=THREADS
    )

    assert statuses == [200, 200]
    assert {answer.status for answer in answers} == {200}


def test_passwords_of_many_leave_threads_to_others(crowd, ask, held, monkeypatch, settings):
    monkeypatch.setattr(Passwords, "verify", held.work)
    value = "a value"
    token = secret.signer(settings).sign("form", value)
    body = urlencode({"form_token": token, "name": "nobody", "password": "wrong horse"}).encode()

    def log_in(n):
        return ask(
            "/login",
            method="POST",
            address=f"192.0.2.{n}",
            body=body,
            content_type="application/x-www-form-urlencoded",
            cookie=f"{cookies.form_name(settings)}={value}",
        )

    requests = [lambda n=n: log_in(n) for n in range(1, 21)]

    statuses, answers = crowd(requests, [lambda: ask("/public", address="192.0.2.99")])

    assert statuses == [200]
    assert held.most == AT_ONCE
    assert {one.status for one in answers} == {422}


def test_turns_come_in_the_order_of_asking_and_who_gives_up_is_forgotten():
    order = []

    async def take(turns, name, release):
        async with turns.of([("address", "one")]):
            order.append(name)
            await release.wait()

    async def run():
        turns, release = Turns(THREADS), asyncio.Event()
        asked = [asyncio.ensure_future(take(turns, n, release)) for n in range(AT_ONCE + 4)]
        await asyncio.sleep(0)
        asked[AT_ONCE].cancel()
        await asyncio.sleep(0)
        release.set()
        await asyncio.gather(*asked, return_exceptions=True)
        return turns._lines

    assert asyncio.run(run()) == {}
    assert order == [n for n in range(AT_ONCE + 4) if n != AT_ONCE]


def test_whoever_gives_up_when_it_is_their_turn_leaves_it_to_the_next():
    order = []

    async def run():
        turns = Turns(THREADS)

        async def take(name):
            async with turns.of([("address", "one")]):
                order.append(name)

        begun = [turns.of([("address", "one")]) for _ in range(AT_ONCE)]
        for turn in begun:
            await turn.__aenter__()
        first, second = asyncio.ensure_future(take("first")), asyncio.ensure_future(take("second"))
        await asyncio.sleep(0)
        begun[0].end()
        first.cancel()
        await asyncio.gather(first, second, return_exceptions=True)
        for turn in begun:
            turn.end()
        return turns._lines

    assert asyncio.run(run()) == {}
    assert order == ["second"]


def test_a_line_that_is_full_takes_nobody():
    async def run():
        turns = Turns(THREADS)

        async def take():
            async with turns.of([("address", "one")]):
                await asyncio.Event().wait()

        asked = [asyncio.ensure_future(take()) for _ in range(AT_ONCE + MAX_WAITING)]
        await asyncio.sleep(0)
        with pytest.raises(TooMany):
            async with turns.of([("address", "one")]):
                pass
        for one in asked:
            one.cancel()
        await asyncio.gather(*asked, return_exceptions=True)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("peer", "named", "counted"),
    [
        ("192.0.2.1", None, "192.0.2.1"),
        ("2001:db8::1:2:3:4", None, "2001:db8::/64"),
        ("127.0.0.1", None, None),
        ("::1", None, None),
        (PROXY, None, None),
        (PROXY, "198.51.100.7", "198.51.100.7"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
    ],
)
def test_addresses_are_counted_but_for_this_machine_and_proxies_that_name_nobody(app, bare, peer, named, counted):
    headers = [(b"x-forwarded-for", named.encode())] if named else []
    scope = {"type": "http", "client": (peer, 1), "headers": headers, "litestar_app": bare}

    assert counted_address(bare.request_class(scope)) == counted
