"""Redis tells of news; while it is away, whoever listens looks without being told."""

import logging
import subprocess
import threading
from contextlib import contextmanager

import msgspec
import pytest

from support.site_under_test import free_port, listens, wait_for
from twite_broker import news

pytestmark = pytest.mark.needs("redis")


@pytest.fixture
def port():
    return free_port()


@pytest.fixture
def on_redis(settings, port):
    return msgspec.structs.replace(settings, redis=f"redis://127.0.0.1:{port}/")


@contextmanager
def redis_server(port, folder):
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        wait_for(lambda: listens(port))
        yield
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def looks(on_redis, monkeypatch):
    """The looks that a listener takes, and a way to stop it."""
    monkeypatch.setattr(news, "LOOK_SECONDS", 600.0)
    monkeypatch.setattr(news, "AWAY_LOOK_SECONDS", 0.1)
    taken, stopped = [], threading.Event()

    def listen():
        for _ in news.changes(on_redis)(stopped):
            taken.append(1)  # noqa: PERF401 - each is to be seen at once

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    yield taken
    stopped.set()
    thread.join(10)
    assert not thread.is_alive()


def more(looks, number=1):
    before = len(looks)
    wait_for(lambda: len(looks) >= before + number)


def test_whoever_listens_is_told_at_once(on_redis, port, tmp_path, looks):
    publish = news.publisher(on_redis)
    with redis_server(port, tmp_path):

        def told():
            before = len(looks)
            publish()
            wait_for(lambda: len(looks) > before)

        # The first looks are those at the beginning, and while there was no server.
        for _ in range(5):
            told()


def test_whoever_listens_looks_all_the_same_while_redis_is_away(on_redis, port, tmp_path, looks, caplog):
    with caplog.at_level(logging.WARNING, logger="twite_broker"):
        more(looks, 3)
        with redis_server(port, tmp_path):
            wait_for(lambda: "redis_up" in caplog.text)
        more(looks, 3)
        with redis_server(port, tmp_path):
            wait_for(lambda: caplog.text.count("redis_up") == 2)

    said = [record.getMessage().partition(" ")[0] for record in caplog.records]
    # That it was down at first may have been said before the test began.
    first_up = said.index("redis_up")
    assert said[first_up : first_up + 3] == ["redis_up", "redis_down", "redis_up"]


def test_without_the_setting_the_database_tells(settings):
    assert (news.publisher(settings), news.changes(settings)) == (None, None)
