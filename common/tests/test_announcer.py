"""Telling others from a thread: whoever has something to tell never waits, and nothing that it fails at ends it."""

import logging
import threading
from functools import partial

import pytest

from support.site_under_test import wait_for
from twite_common.announcer import Announcer


@pytest.fixture
def make_announcer():
    made = []

    def make(publish):
        made.append(Announcer(publish))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_what_comes_meanwhile_is_told_once(make_announcer):
    told, go_on = [], threading.Event()

    def publish():
        told.append(1)
        assert go_on.wait(10)

    announcer = make_announcer(publish)
    announcer.announce()
    wait_for(lambda: told)
    for _ in range(100):
        announcer.announce()
    go_on.set()
    announcer.close()

    assert len(told) == 2


def told_more_than(told, number):
    return len(told) > number


def test_a_failure_is_logged_once_and_does_not_end_it(make_announcer, caplog):
    told = []

    def publish():
        told.append(1)
        raise OSError("away")

    announcer = make_announcer(publish)
    with caplog.at_level(logging.WARNING, logger="twite_common"):
        for _ in range(3):
            before = len(told)
            announcer.announce()
            wait_for(partial(told_more_than, told, before))
        announcer.close()

    assert [record.getMessage() for record in caplog.records] == ["news_not_told {'error': 'OSError'}"]


def test_what_is_still_to_be_told_is_told_when_it_is_closed(make_announcer):
    told = threading.Event()
    announcer = make_announcer(told.set)
    announcer.announce()
    announcer.close()

    assert told.is_set()
