"""Streaming between processes: what happens in one is heard in every other, on the database that the run is for."""

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from support import nginx
from support.site_under_test import Site, free_port, wait_for
from twite_common import clock
from twite_common.services.accounts import follows
from twite_common.services.identity import tokens
from twite_common.services.timelines import streams
from twite_web.streaming.frame_limits import MAX_UNFINISHED

SECONDS = 20


class Processes:
    """A site with two web processes, and the streams that were opened on one of them."""

    def __init__(self, site: Site, open_streams: ExitStack) -> None:
        self.site = site
        self.other_port = free_port()
        self.other = f"http://127.0.0.1:{self.other_port}"
        site.start("web")
        site.start("web", port=str(self.other_port))
        self._open = open_streams

    def listen(self, token: str, stream: str, **options: object) -> ClientConnection:
        """Open a WebSocket on the first process; it listens once this returns."""
        query = urlencode({"access_token": token, "stream": stream})
        address = f"ws://127.0.0.1:{self.site.port}/api/v1/streaming?{query}"
        connection = self._open.enter_context(connect(address, **options))
        connection.send(json.dumps({"type": "subscribe", "stream": "nothing"}))
        assert "error" in json.loads(connection.recv(SECONDS))
        return connection

    def events(self, token: str, path: str) -> Iterator[str]:
        """Open Server-Sent Events on the first process, and give their lines."""
        client = self._open.enter_context(httpx.Client(base_url=self.site.base_url, timeout=SECONDS))
        headers = {"Authorization": f"Bearer {token}"}
        answer = self._open.enter_context(client.stream("GET", f"/api/v1/streaming{path}", headers=headers))
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        lines = answer.iter_lines()
        assert next(lines) == ":)"
        return lines

    def post(self, token: str, text: str) -> str:
        """Publish a post by the second process, and return its id."""
        headers = {"Authorization": f"Bearer {token}"}
        answer = httpx.post(f"{self.other}/api/v1/statuses", json={"status": text}, headers=headers, timeout=SECONDS)
        id: str = answer.json()["id"]
        return id


@pytest.fixture
def processes(make_site: Callable[..., Site]) -> Iterator[Processes]:
    with ExitStack() as open_streams:
        yield Processes(make_site(fanout_at_once="0"), open_streams)


def hear(connection: ClientConnection) -> tuple[str, dict]:
    told = json.loads(connection.recv(SECONDS))
    return told["event"], json.loads(told["payload"])


def test_what_one_process_does_is_heard_in_another(processes):
    site = processes.site
    _, ann = site.make_account("ann")
    _, bob = site.make_account("bob")
    public, own = processes.listen(ann, "public"), processes.listen(ann, "user")
    lines = processes.events(ann, "/hashtag?tag=birds")
    id = processes.post(bob, "@ann look at the #birds")

    assert [(event, status["id"]) for event, status in [hear(public)]] == [("update", id)]
    event, notification = hear(own)
    assert (event, notification["status"]["id"]) == ("notification", id)
    assert next(lines) == "event: update"
    assert json.loads(next(lines).removeprefix("data: "))["id"] == id


def test_what_a_task_does_is_heard_once(processes):
    site = processes.site
    ann_id, ann = site.make_account("ann")
    bob_id, bob = site.make_account("bob")
    with site.database.writing() as db:
        follows.follow_account(db, now=clock.now(), follower_id=ann_id, followee_id=bob_id)
    site.start("worker")
    home = processes.listen(ann, "user")
    sent = [processes.post(bob, f"number {number}") for number in range(3)]

    assert sorted(hear(home)[1]["id"] for _ in sent) == sent
    with site.database.writing() as db:
        streams.add(db, "announcement.deleted", now=clock.now(), subject_id=7)
    assert hear(home) == ("announcement.delete", 7)


def test_a_slow_reader_is_cut_off_and_the_others_hear_everything(processes):
    site = processes.site
    _, ann = site.make_account("ann")
    _, bob = site.make_account("bob")
    slow = processes.listen(ann, "user", max_queue=1)
    quick = processes.listen(bob, "user")
    number = 600
    for first in range(0, number, 50):
        with site.database.writing() as db:
            for index in range(first, first + 50):
                payload = {"name": "x" * 50_000, "count": index}
                streams.add(db, "announcement.reacted", now=clock.now(), subject_id=1, payload=payload)
        heard = [hear(quick)[1]["count"] for _ in range(50)]
        assert heard == list(range(first, first + 50))

    with pytest.raises(ConnectionClosed):
        for _ in range(number):
            slow.recv(SECONDS)


def test_a_refused_socket_is_answered_by_http(processes):
    with pytest.raises(InvalidStatus) as refused:
        processes.listen("forged", "user")

    assert refused.value.response.status_code == 401
    assert json.loads(refused.value.response.body) == {"error": "Invalid access token"}


def test_a_revoked_token_ends_its_events(processes):
    site = processes.site
    ann_id, ann = site.make_account("ann")
    lines = processes.events(ann, "/user")
    with site.database.writing() as db:
        tokens.revoke_all(db, now=clock.now(), account_id=ann_id)

    assert list(lines) == []


def is_probed(port: int, own_port: int) -> bool:
    """Say whether the system probes a connection that a server has accepted, by its list of them (proc(5))."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, _, _, timer, *_ = line.split()
        if (int(local.partition(":")[2], 16), int(remote.partition(":")[2], 16)) == (port, own_port):
            return timer.startswith("02:")
    return False


def test_a_listener_keeps_no_process_from_stopping(processes):
    _, ann = processes.site.make_account("ann")
    lines = processes.events(ann, "/user")
    processes.post(ann, "Hello")
    assert "event: update" in lines
    [first, _] = processes.site.processes
    first.terminate()

    assert first.wait(30) is not None


def test_a_silent_listener_is_probed(processes):
    _, ann = processes.site.make_account("ann")
    own_port = processes.listen(ann, "user").local_address[1]

    wait_for(lambda: is_probed(processes.site.port, own_port), processes.site.printed)


def half_a_message(connection: ClientConnection) -> Iterator[str]:
    yield from itertools.repeat("a" * 1024, 4 * MAX_UNFINISHED // 1024)
    # Nothing comes: this ends with the connection.
    connection.recv(SECONDS)


@pytest.mark.needs("nginx")
@pytest.mark.parametrize("changes", [{}, {"proxy_pass http://streams;": "proxy_pass http://web;"}])
def test_a_connection_that_nginx_used_before_is_no_reason_to_end_a_stream(processes, tmp_path, changes):
    _, ann = processes.site.make_account("ann")
    stream = f"/api/v1/streaming?access_token={ann}&stream=user"
    direct = f"ws://127.0.0.1:{processes.site.port}{stream}"
    with nginx.started(tmp_path / "nginx", [processes.site.port], tmp_path, changes) as base, httpx.Client() as client:
        headers = {"Authorization": f"Bearer {ann}", "X-Long": "a" * 1024}
        for _ in range(2 * MAX_UNFINISHED // 1024):
            assert client.get(f"{base}/api/v1/preferences", headers=headers).status_code == 200
        with connect(base.replace("http", "ws") + stream) as behind, connect(direct) as unfinished:
            # Once this one has been ended, the others have been looked at, too.
            with pytest.raises(ConnectionClosed):
                unfinished.send(half_a_message(unfinished))
            behind.send(json.dumps({"type": "subscribe", "stream": "nothing"}))

            assert "error" in json.loads(behind.recv(SECONDS))
