"""The tasks that there are, and the threads that do what they ask for."""

import threading
import time

import pytest

from support.site_under_test import wait_for
from twite_broker.queues import QUEUES
from twite_common import outbox
from twite_common.services.accounts import field_verification
from twite_common.services.identity import archives, imports
from twite_common.services.notifications import mails, push, webhooks
from twite_common.services.posts import cards, media
from twite_tasks import celery_app, clock
from twite_tasks.pools import Pool


@pytest.fixture
def make_pool():
    pools = []

    def make_pool(threads, do_next):
        pool = Pool("test", threads, do_next)
        pools.append(pool)
        pool.start()
        return pool

    yield make_pool
    for pool in pools:
        pool.stop()
        pool.join(time.monotonic() + 10)


def test_every_kind_of_work_has_threads_and_every_task_a_kind(context):
    made = celery_app.make(context)
    known = {name for name in made.celery.tasks if not name.startswith("celery.")}
    works = (cards, outbox, field_verification, archives, imports, clock, mails, media, push, webhooks)
    named = {module.TASK for module in works}

    assert made.pools.keys() == celery_app.THREADS.keys() == QUEUES.keys()
    assert known == named == {task for tasks in QUEUES.values() for task in tasks}


def test_a_worker_for_one_kind_has_no_other_threads(context):
    assert celery_app.make(context, only=("media",)).pools.keys() == {"media"}


def test_one_message_is_enough_for_all_that_waits(make_pool):
    left = []
    pool = make_pool(1, lambda: bool(left and left.pop()))
    left.extend([True] * 100)
    pool.wake()

    wait_for(lambda: not left)


def test_a_failure_ends_no_thread(make_pool, caplog):
    tried = []

    def do_next():
        tried.append(1)
        raise ValueError("no")

    pool = make_pool(1, do_next)
    wait_for(lambda: len(tried) == 1)
    pool.wake()

    wait_for(lambda: len(tried) == 2)


def test_work_that_hangs_takes_no_more_threads_than_its_own(make_pool):
    hanging, done = threading.Event(), threading.Event()
    stuck = make_pool(2, lambda: hanging.wait(30) and False)
    other = make_pool(1, lambda: bool(done.set()))
    for _ in range(100):
        stuck.wake()
    other.wake()

    assert done.wait(10)
    hanging.set()


def test_threads_that_hang_are_noticed(make_pool):
    hanging, go_on = threading.Event(), threading.Event()

    def do_next():
        hanging.set()
        return not go_on.wait(30)

    pool = make_pool(1, do_next)
    assert hanging.wait(30)
    before = pool.alive()
    pool._longest_seconds = 0.0
    during = pool.alive()
    go_on.set()

    assert (before, during) == (True, False)


def test_who_is_stopped_begins_nothing_more(make_pool):
    begun = []
    pool = make_pool(1, lambda: bool(begun.append(1) or True))
    wait_for(lambda: begun)
    pool.stop()
    pool.join(time.monotonic() + 10)
    number = len(begun)
    pool.wake()

    assert not pool.goes_on()
    assert len(begun) == number
