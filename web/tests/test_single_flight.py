"""What takes long and stays is made a single time, however many ask for it at once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from twite_web.api import openapi
from twite_web.api.routes import routers
from twite_web.middleware import compression
from twite_web.single_flight import made_once

ASKING = 4


def all_at_once(ask):
    """Have several threads ask at the same time; return what they get."""
    together = threading.Barrier(ASKING)

    def one(_):
        together.wait()
        return ask()

    with ThreadPoolExecutor(ASKING) as threads:
        return list(threads.map(one, range(ASKING)))


@pytest.fixture
def counted(monkeypatch):
    """Count how often something of a module, or of a dict, is called."""

    def counted(where, name):
        calls = []
        whole = where[name] if isinstance(where, dict) else getattr(where, name)

        def call(*args, **kwargs):
            calls.append(args)
            return whole(*args, **kwargs)

        (monkeypatch.setitem if isinstance(where, dict) else monkeypatch.setattr)(where, name, call)
        return calls

    return counted


def test_the_apis_description_is_made_once(counted):
    calls = counted(openapi, "Litestar")
    answers = all_at_once(lambda: openapi.described(routers, "https://once.example"))

    assert len(set(answers)) == len(calls) == 1


def test_a_file_is_compressed_once(counted):
    calls = counted(compression._ONCE, "br")
    body = b"The finch sings over heath and moor. " * 5000
    answers = all_at_once(lambda: compression._compressed_once("br", body))

    assert len(set(answers)) == len(calls) == 1


def test_what_fails_is_tried_again():
    tries = []

    @made_once
    def make(name):
        tries.append(name)
        if len(tries) == 1:
            raise OSError("full")
        return name

    with pytest.raises(OSError, match="full"):
        make("a")
    assert (make("a"), make("a"), make("b"), tries) == ("a", "a", "b", ["a", "a", "b"])
