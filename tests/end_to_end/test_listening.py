"""Streams that are opened on one process: they hear of another, are refused, end and are probed.

All tests use one site, each with people of its own.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from sqlalchemy import bindparam, delete, update
from websockets.exceptions import InvalidStatus

from support.site_under_test import Site, wait_for
from support.streaming import Processes, hear, started
from twite_common import clock
from twite_common.services.accounts import blocks
from twite_common.services.identity import sessions, tokens
from twite_common.tables import account, credentials, session


@pytest.fixture(scope="module")
def site(make_shared_site: Callable[..., Site]) -> tuple[Site, int]:
    return started(make_shared_site)


@pytest.fixture
def processes(site: tuple[Site, int]) -> Iterator[Processes]:
    with ExitStack() as open_streams:
        yield Processes(*site, open_streams)


def test_what_one_process_does_is_heard_in_another(processes):
    site = processes.site
    _, eve = site.make_account("eve")
    _, fay = site.make_account("fay")
    public, own = processes.listen(eve, "public"), processes.listen(eve, "user")
    lines = processes.events(eve, "/hashtag?tag=birds")
    id = processes.post(fay, "@eve look at the #birds")

    assert [(event, status["id"]) for event, status in [hear(public)]] == [("update", id)]
    event, notification = hear(own)
    assert (event, notification["status"]["id"]) == ("notification", id)
    assert next(lines) == "event: update"
    assert json.loads(next(lines).removeprefix("data: "))["id"] == id


def test_a_refused_socket_is_answered_by_http(processes):
    with pytest.raises(InvalidStatus) as refused:
        processes.listen("forged", "user")

    assert refused.value.response.status_code == 401
    assert json.loads(refused.value.response.body) == {"error": "Invalid access token"}


def test_a_revoked_token_ends_its_events(processes):
    site = processes.site
    gus_id, gus = site.make_account("gus")
    lines = processes.events(gus, "/user")
    with site.database.writing() as db:
        tokens.revoke_all(db, now=clock.now(), account_id=gus_id)

    assert list(lines) == []


@pytest.fixture
def log_in(processes: Processes) -> Callable[[int], str]:
    """Start a session of an account, and return its secret."""

    def log_in(account_id: int) -> str:
        site = processes.site
        with site.database.writing() as db:
            now = clock.now()
            return sessions.start(db, site.settings, now=now, account_id=account_id, address="", browser="")

    return log_in


def test_a_page_hears_what_its_reader_may_see_by_ids_alone(processes, log_in):
    site = processes.site
    ida_id, ida = site.make_account("ida")
    _, jon = site.make_account("jon")
    mel_id, mel = site.make_account("mel")
    with site.database.writing() as db:
        blocks.block_account(db, now=clock.now(), account_id=mel_id, blocked_id=ida_id)
    lines = processes.live(log_in(ida_id), "?show=public")
    processes.post(mel, "Not for Ida")
    seen = processes.post(jon, "For everybody")
    heard = [next(lines) for _ in range(2)]
    own = processes.post(ida, "Mine")
    heard_of_own = {(next(lines), next(lines)) for _ in range(2)}

    assert heard == ["event: shown.update", f"data: {seen}"]
    assert heard_of_own == {("event: update", f"data: {own}"), ("event: shown.update", f"data: {own}")}


_WHOSE = bindparam("whose")
OVER = {
    "logged_out": delete(session).where(session.c.account_id == _WHOSE),
    "expired": update(session).where(session.c.account_id == _WHOSE).values(expires_at=1),
    "suspended": update(account).where(account.c.id == _WHOSE).values(suspended_at=1),
    "disabled": update(credentials).where(credentials.c.account_id == _WHOSE).values(disabled_at=1),
}


@pytest.mark.parametrize("how", OVER)
def test_a_session_that_is_over_ends_what_its_pages_hear(processes, log_in, how):
    site = processes.site
    account_id, _ = site.make_account(f"kim_{how}")
    lines = processes.live(log_in(account_id))
    with site.database.writing() as db:
        db.execute(OVER[how], {"whose": account_id})

    assert list(lines) == []


def test_who_has_no_session_hears_nothing(processes):
    answer = httpx.get(f"{processes.site.base_url}/live", cookies={"twite": "forged"})

    assert (answer.status_code, answer.json()) == (401, {"error": "Please log in first."})


def is_probed(port: int, own_port: int) -> bool:
    """Say whether the system probes a connection that a server has accepted, by its list of them (proc(5))."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, _, _, timer, *_ = line.split()
        if (int(local.partition(":")[2], 16), int(remote.partition(":")[2], 16)) == (port, own_port):
            return timer.startswith("02:")
    return False


def test_a_silent_listener_is_probed(processes):
    _, hal = processes.site.make_account("hal")
    own_port = processes.listen(hal, "user").local_address[1]

    wait_for(lambda: is_probed(processes.site.port, own_port), processes.site.printed)
