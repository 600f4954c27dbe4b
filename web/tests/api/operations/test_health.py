"""Whether the site is there, for everybody, and how its processes stand, for operators alone."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest

from twite_common import clock
from twite_common.services.operations import heartbeats
from twite_web.api.operations import health


@pytest.fixture
def here(monkeypatch):
    """Have requests come from this machine."""
    monkeypatch.setattr(health, "client_address", lambda _request: "127.0.0.1")


@pytest.fixture
def dead_worker(database):
    with database.writing() as db:
        for kind in ("web", "worker", "clock"):
            ago = 5 * clock.MINUTE if kind == "worker" else 0
            for before in (100, 50, 0):
                heartbeats.record(db, f"{kind} here 1", kind, now=clock.now() - ago - before * clock.SECOND)


def test_everybody_is_told_that_the_site_is_there(client):
    assert client.get("/health").text == "OK"


@pytest.mark.usefixtures("here")
def test_who_is_on_the_machine_is_told_how_the_processes_stand(client):
    answer = client.get("/health?full")

    assert answer.status_code == 200
    assert answer.json() == {
        "problems": [],
        "last_seen_at": {},
        "oldest_task_at": None,
        "oldest_mail_due_at": None,
        "overdue_jobs": [],
    }


@pytest.mark.usefixtures("here", "dead_worker")
def test_what_is_wrong_is_said_with_a_status_that_monitors_understand(client):
    answer = client.get("/health?full")

    assert answer.status_code == 503
    assert answer.json()["problems"] == ["no worker is running: last seen 5 minutes ago."]
    assert answer.json()["last_seen_at"].keys() == {"web", "worker", "clock"}


@pytest.mark.usefixtures("dead_worker")
def test_a_stranger_is_told_nothing(client):
    answer = client.get("/health?full")

    assert answer.status_code == 403
    assert "worker" not in answer.text


@pytest.mark.usefixtures("here", "dead_worker")
@pytest.mark.parametrize("header", health.FORWARDED)
def test_who_comes_through_a_proxy_on_the_machine_is_a_stranger(client, header):
    assert client.get("/health?full", headers={header: "127.0.0.1"}).status_code == 403


@pytest.mark.parametrize(
    ("role", "scopes", "status"),
    [("admin", "admin:read", 200), ("admin", "read", 403), ("moderator", "admin:read", 403), ("", "read", 403)],
)
def test_a_token_has_to_be_an_operators(api, make_account, role, scopes, status):
    person = make_account("ann", role=role)

    assert api(person, scopes).get("/health?full").status_code == status


class SilentDatabase:
    """A database that doesn't answer before it is told to."""

    def __init__(self):
        self.looks = 0
        self.answers = Event()

    @contextmanager
    def reading(self):
        self.looks += 1
        assert self.answers.wait(30)
        yield


def test_all_who_ask_at_once_share_one_look():
    database = SilentDatabase()

    async def ask_at_once():
        with ThreadPoolExecutor(1) as thread:
            probe = health.DatabaseProbe(database, thread)
            asking = [asyncio.create_task(probe.check()) for _ in range(20)]
            await asyncio.sleep(0)
            asking[0].cancel()
            await asyncio.sleep(0)
            database.answers.set()
            results = await asyncio.gather(*asking, return_exceptions=True)
            await probe.check()
        return results

    first, *others = asyncio.run(ask_at_once())

    assert (type(first), set(others)) == (asyncio.CancelledError, {None})
    assert database.looks == 2
