"""FairSemaphore are taken in the order in which they were asked for."""

from threading import Thread

import pytest

from support.site_under_test import wait_for
from twite_common.errors import Unavailable
from twite_common.processes.fair_semaphore import FairSemaphore


def waiting(turns, number):
    """Wait until so many threads wait."""
    wait_for(lambda: turns.waiting >= number)


def test_whoever_came_first_is_first():
    turns, order = FairSemaphore(1, timeout_seconds=10), []

    def take(name):
        with turns.turn():
            order.append(name)

    threads = [Thread(target=take, args=[name]) for name in range(5)]
    with turns.turn():
        for number, thread in enumerate(threads, 1):
            thread.start()
            waiting(turns, number)
    for thread in threads:
        thread.join()

    assert order == list(range(5))


def test_who_comes_with_many_keeps_no_other_waiting():
    turns, order = FairSemaphore(1, timeout_seconds=10, max_waiting_of_one=3), []

    def take(key):
        with turns.turn(key):
            order.append(key)

    threads = [Thread(target=take, args=[key]) for key in ("ann", "ann", "ann", "bob", "cem")]
    with turns.turn("ann"):
        for number, thread in enumerate(threads, 1):
            thread.start()
            waiting(turns, number)
        with pytest.raises(Unavailable), turns.turn("ann"):
            pass
    for thread in threads:
        thread.join()

    assert order == ["bob", "cem", "ann", "ann", "ann"]


def test_each_of_many_has_a_turn_before_anybody_has_another_one():
    turns, order = FairSemaphore(1, timeout_seconds=10), []

    def take(key):
        with turns.turn(key):
            order.append(key)

    def start(keys):
        started = []
        for key in keys:
            started.append(Thread(target=take, args=[key]))
            before = turns.waiting
            started[-1].start()
            waiting(turns, before + 1)
        return started

    with turns.turn("ann"):
        threads = start(["ann", "ann", "ann", "bob", "bob", "bob", "cem"])
    for thread in threads:
        thread.join()
    assert "".join(key[0] for key in order) == "bcababa"

    order.clear()
    with turns.turn("ann"):
        threads = start(["ann", "bob"])
    for thread in threads:
        thread.join()
    assert order == ["bob", "ann"]


def test_who_comes_again_at_once_overtakes_nobody():
    turns, order = FairSemaphore(1, timeout_seconds=10), []

    def take(key, times=1):
        for _ in range(times):
            with turns.turn(key):
                order.append(key)
                # Until the others wait, nothing is fair or unfair.
                waiting(turns, 1 if len(order) < 4 else 0)

    with turns.turn("dan"):
        threads = [Thread(target=take, args=given) for given in (("ann", 3), ("bob", 2))]
        for number, thread in enumerate(threads, 1):
            thread.start()
            waiting(turns, number)
    for thread in threads:
        thread.join()

    assert order == ["ann", "bob", "ann", "bob", "ann"]


def test_so_many_have_their_turn_at_once():
    turns = FairSemaphore(2, timeout_seconds=0)
    with turns.turn(), turns.turn(), pytest.raises(Unavailable), turns.turn():
        pass

    with turns.turn(), turns.turn():
        assert turns.waiting == 0


def test_a_turn_ends_when_what_is_done_in_it_fails():
    turns = FairSemaphore(1, timeout_seconds=0)
    with pytest.raises(KeyError), turns.turn():
        raise KeyError

    with turns.turn():
        pass


def test_who_writes_again_and_again_overtakes_nobody(database, monkeypatch):
    monkeypatch.setattr(database, "_turns", FairSemaphore(1, timeout_seconds=10))
    order = []

    def write(name):
        with database.writing():
            order.append(name)

    other = Thread(target=write, args=["other"])
    with database.writing():
        other.start()
        waiting(database._turns, 1)
    for _ in range(10):
        write("first")
    other.join()

    assert order == ["other", *["first"] * 10]
