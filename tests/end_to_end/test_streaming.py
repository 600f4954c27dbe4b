"""Streaming between processes: what happens in one is heard in every other, on the database that the run is for."""

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from support import nginx
from support.site_under_test import Site, wait_for
from support.streaming import SECONDS, Processes, hear, started
from twite_common import clock
from twite_common.services.accounts import follows
from twite_common.services.timelines import stream_events
from twite_web.streaming.frame_limits import MAX_UNFINISHED


@pytest.fixture
def processes(make_site: Callable[..., Site]) -> Iterator[Processes]:
    with ExitStack() as open_streams:
        yield Processes(*started(make_site), open_streams)


def test_what_a_task_does_is_heard_once(processes):
    site = processes.site
    ann_id, ann = site.make_account("ann")
    bob_id, bob = site.make_account("bob")
    with site.database.writing() as db:
        follows.follow_account(db, now=clock.now(), follower_id=ann_id, followee_id=bob_id)
    site.start("worker")
    wait_for(lambda: "ready" in site.printed(), site.printed)
    home = processes.listen(ann, "user")
    sent = [processes.post(bob, f"number {number}") for number in range(3)]

    assert sorted(hear(home)[1]["id"] for _ in sent) == sent
    with site.database.writing() as db:
        stream_events.add(db, "announcement.deleted", now=clock.now(), subject_id=7)
    assert hear(home) == ("announcement.delete", 7)


@pytest.mark.needs("redis")
def test_what_another_process_does_is_heard_by_redis(make_site):
    with ExitStack() as open_streams:
        processes = Processes(*started(make_site, redis="redis://127.0.0.1:6379/"), open_streams)
        _, ann = processes.site.make_account("ann")
        connection = processes.listen(ann, "public")
        sent = [processes.post(ann, f"number {number}") for number in range(3)]

        assert [hear(connection)[1]["id"] for _ in sent] == sent
        assert "redis_down" not in processes.site.printed()


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
                stream_events.add(db, "announcement.reacted", now=clock.now(), subject_id=1, payload=payload)
        heard = [hear(quick)[1]["count"] for _ in range(50)]
        assert heard == list(range(first, first + 50))

    with pytest.raises(ConnectionClosed):
        for _ in range(number):
            slow.recv(SECONDS)


def test_a_listener_keeps_no_process_from_stopping(processes):
    _, ann = processes.site.make_account("ann")
    lines = processes.events(ann, "/user")
    processes.post(ann, "Hello")
    assert "event: update" in lines
    [first, _] = processes.site.processes
    first.terminate()

    assert first.wait(30) is not None


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
