"""What is logged of a database that is away: why, once, and nothing that is secret."""

import logging
import socket
import threading
from types import SimpleNamespace

import psycopg
import pytest

from support.site_under_test import free_port, wait_for
from twite_common import change_feed
from twite_common.database import Database
from twite_common.errors import DatabaseAway
from twite_common.processes import outage_log
from twite_common.sql import engines

pytestmark = pytest.mark.faults


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ('connection failed: FATAL:  password authentication failed for user "hush"', "authentication"),
        ('connection failed: FATAL:  role "hush" does not exist', "authentication"),
        ('connection failed: FATAL:  database "hush" does not exist', "no such database"),
        ("connection failed: FATAL:  sorry, too many clients already", "too many clients"),
        ("FATAL:  remaining connection slots are reserved for roles", "too many clients"),
        ("connection failed: Connection refused\n\tIs the server running on that host?", "refused"),
        ("connection timeout expired", "timeout"),
        ("FATAL:  the database system is starting up", "starting or stopping"),
        ("server closed the connection unexpectedly", "connection lost"),
        ("something with hush", "OperationalError"),
    ],
)
def test_a_cause_is_told_in_words_of_our_own(said, cause):
    assert outage_log.cause(psycopg.OperationalError(said)) == cause


def test_a_database_that_is_away_is_said_once_and_so_is_that_it_is_back(caplog, database):
    caplog.set_level(logging.WARNING)
    away = Database(f"postgresql://user:hush@127.0.0.1:{free_port()}/hush")
    for _ in range(3):
        with pytest.raises(DatabaseAway), away.reading():
            pass
        with pytest.raises(DatabaseAway), away.writing():
            pass
    away._readers = database._readers
    for _ in range(3):
        with away.reading():
            pass

    assert [record.getMessage() for record in caplog.records] == [
        "database_down {'cause': 'refused'}",
        "database_up {'seconds': 0}",
    ]


def test_a_database_that_lets_in_some_is_not_said_again_and_again(caplog):
    outage = outage_log.Outage()
    for _ in range(3):
        outage.begin(psycopg.OperationalError("too many clients already"))
        outage.end()

    assert [record.getMessage().split()[0] for record in caplog.records] == ["database_down", "database_up"]


@pytest.fixture
def tick(monkeypatch):
    """Set the clock that outages look at, in seconds."""
    seconds = [1000.0]
    monkeypatch.setattr(outage_log, "time", SimpleNamespace(monotonic=lambda: seconds[0]))

    def tick(by):
        seconds[0] += by

    return tick


def test_a_long_outage_soon_after_another_is_said_when_it_has_lasted(caplog, tick):
    outage, error = outage_log.Outage(), psycopg.OperationalError("connection refused")
    outage.begin(error)
    outage.end()
    tick(30)
    outage.begin(error)
    outage.begin(error)
    tick(30)
    outage.begin(error)
    outage.begin(error)
    tick(3600)
    outage.end()

    assert [record.getMessage() for record in caplog.records] == [
        "database_down {'cause': 'refused'}",
        "database_up {'seconds': 0}",
        "database_down {'cause': 'refused'}",
        "database_up {'seconds': 3630}",
    ]


def test_a_server_that_does_not_answer_is_away(monkeypatch):
    monkeypatch.setattr(engines, "CONNECT_SECONDS", 2)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        silent = Database(f"postgresql://user:hush@127.0.0.1:{listening.getsockname()[1]}/hush")
        with pytest.raises(DatabaseAway), silent.reading():
            pass


def test_that_changes_are_lost_is_said_once(caplog, monkeypatch):
    monkeypatch.setattr(change_feed, "FIRST_PAUSE_SECONDS", 0.01)
    tried = threading.Semaphore(0)
    noticed = threading.Event()

    def fails(*_):
        tried.release()
        if tried._value > 3:
            yield
        raise psycopg.OperationalError("connection refused")

    monkeypatch.setattr(engines, "changes", fails)
    watch = change_feed.Watch(change_feed.of_database("postgresql://"), noticed.set)
    watch.start()
    wait_for(noticed.is_set)
    watch.stop()
    watch.wait()

    assert [record.getMessage() for record in caplog.records][:2] == [
        "changes_lost {'cause': 'refused'}",
        "changes_found",
    ]
