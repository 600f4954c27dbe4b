"""Guessing passwords: what is limited, what isn't, and who isn't kept out by it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock

import pytest

from support.moment import NOW
from support.site_under_test import PASSWORD
from twite_common import secret
from twite_common.errors import NotAllowed, NotAuthenticated, TooMany
from twite_common.passwords import AT_ONCE, Passwords
from twite_common.services.identity import devices, registrations, sessions
from twite_common.services.identity.registrations import SignUp

pytestmark = pytest.mark.faults

OFFICE = "192.0.2.1"


@pytest.fixture
def passwords(settings):
    return Passwords(settings)


@pytest.fixture
def make(database, passwords):
    def make(name, **options):
        sign_up = SignUp(username=name, email=f"{name}@mail.example", password_hash=passwords.hash(PASSWORD, about=()))
        with database.writing() as db:
            return registrations.create(db, now=NOW, sign_up=sign_up, smtp_utf8=False, **{"confirmed": True, **options})

    return make


@pytest.fixture
def ann(make):
    return make("ann")


@pytest.fixture
def log_in(database, passwords, settings):
    def log_in(name="ann", password=PASSWORD, *, device="", address=OFFICE, now=NOW):
        return sessions.log_in(
            database,
            passwords,
            settings,
            now=now,
            name=name,
            password=password,
            address=address,
            browser="Firefox/140.0",
            device=device,
        ).device

    return log_in


@pytest.fixture
def guess(log_in, settings):
    """Try wrong passwords as often as the limit allows."""

    def guess(name="ann", *, device="", address=OFFICE):
        for _ in range(settings.login_attempts):
            with pytest.raises(NotAuthenticated):
                log_in(name, "wrong horse", device=device, address=address)

    return guess


def test_strangers_who_try_a_name_do_not_lock_its_owner_out_where_they_logged_in_before(ann, log_in, guess):
    device = log_in()
    guess(address="198.51.100.1")

    assert log_in(device=device)
    assert log_in(device=device, address="203.0.113.9"), "a browser goes along to other networks"
    with pytest.raises(TooMany):
        log_in(address="203.0.113.9")


def test_who_tries_others_names_at_the_same_address_does_not_lock_a_known_browser_out(ann, log_in, guess):
    device = log_in()
    guess("nobody")

    assert log_in(device=device)
    with pytest.raises(TooMany):
        log_in()


def test_guessing_is_limited_in_a_known_browser_too(ann, make, log_in, guess):
    make("bob")
    device = log_in()
    guess(device=device)

    with pytest.raises(TooMany):
        log_in(device=device)
    assert log_in(), "its attempts count for nobody else"


def test_a_browser_is_known_for_the_account_that_logged_in_there_only(ann, make, log_in, guess):
    make("bob")
    device = log_in("bob")
    guess(address="198.51.100.1")

    with pytest.raises(TooMany):
        log_in(device=device)


@pytest.mark.parametrize("forged", ["x", "x.y", "." * 500, "\0", "\ud800.\ud800", "é.é"])
def test_a_forged_cookie_is_that_of_a_stranger(ann, log_in, guess, forged):
    guess(address="198.51.100.1")

    with pytest.raises(TooMany):
        log_in(device=forged)


def test_several_people_are_known_in_one_browser(settings):
    signer, cookie = secret.signer(settings), ""
    for account_id in range(1, 8):
        cookie = devices.marked(signer, cookie, account_id)
    known = [devices.known(signer, cookie, account_id) for account_id in range(1, 8)]

    assert [one is not None for one in known] == [False, False, True, True, True, True, True]
    assert len(set(known[2:])) == 5
    assert devices.marked(signer, cookie, 7).count(".") == cookie.count(".") <= devices.MAX_ACCOUNTS
    assert len(cookie) <= devices.MAX_LENGTH


def test_right_log_ins_do_not_count(ann, make, log_in, settings):
    make("dot", confirmed=False)
    for _ in range(settings.login_attempts + 1):
        assert log_in()
        with pytest.raises(NotAllowed):
            log_in("dot")


def test_right_log_ins_give_who_guesses_no_further_attempts(ann, log_in, guess, settings):
    for n in range(settings.login_attempts - 1):
        with pytest.raises(NotAuthenticated):
            log_in(password="wrong horse", address=f"198.51.100.{n}")
    log_in()
    with pytest.raises(NotAuthenticated):
        log_in(password="wrong horse", address="203.0.113.1")

    with pytest.raises(TooMany):
        log_in(password="wrong horse", address="203.0.113.2")


def test_a_failed_log_in_is_one_line_with_the_address_and_nothing_that_was_typed(ann, log_in, guess, caplog):
    log_in()
    before = len(caplog.records)
    guess("hunter2 typed in the wrong field")
    with pytest.raises(TooMany):
        log_in("hunter2 typed in the wrong field", "wrong horse")
    lines = [record.getMessage() for record in caplog.records]

    assert before == 0
    assert set(lines[:-1]) == {"login_failed {'address': '192.0.2.1', 'reason': 'wrong'}"}
    assert lines[-1] == "login_failed {'address': '192.0.2.1', 'reason': 'limited'}"
    assert {record.levelname for record in caplog.records} == {"WARNING"}


def test_who_goes_on_trying_costs_neither_a_write_nor_a_hash(ann, log_in, guess, database, passwords, monkeypatch):
    guess()

    def untouched(*_given):
        raise AssertionError

    monkeypatch.setattr(database, "writing", untouched)
    monkeypatch.setattr(passwords, "verify", untouched)
    for name in ("ann", "bob"):
        with pytest.raises(TooMany) as refused:
            log_in(name)
    assert 0 < refused.value.retry_after_seconds <= 300


def test_few_passwords_are_hashed_at_once(passwords, monkeypatch):
    lock, number, most, enough = Lock(), 0, 0, Event()

    class Hasher:
        def hash(self, _password):
            nonlocal number, most
            with lock:
                number += 1
                most = max(most, number)
            enough.wait(0.02)
            with lock:
                number -= 1
            return ""

        def verify(self, _stored, tried):
            return self.hash(tried)

    monkeypatch.setattr(passwords, "_hasher", Hasher())
    with ThreadPoolExecutor(16) as threads:
        for _ in range(8):
            threads.submit(passwords.hash_again, PASSWORD)
            threads.submit(passwords.verify, None, PASSWORD)

    assert most == AT_ONCE
