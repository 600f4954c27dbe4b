"""How many mails an address gets that it didn't ask for, however many people ask and in however many ways."""

import random
from threading import Barrier, Thread

import msgspec
import pytest
from sqlalchemy import func, select

from support.moment import NOW
from twite_common import clock, secret
from twite_common.queries.notifications import mails as queries
from twite_common.services import one_time_links
from twite_common.services.accounts import accounts
from twite_common.services.identity import confirmations, passwords, registrations
from twite_common.services.identity.registrations import SignUp
from twite_common.services.notifications import mail_allowances, mails
from twite_common.settings import Settings
from twite_common.tables import account, mail, mail_allowance

VICTIM = "victim@mail.example"


def sent_to(db, address=VICTIM, kind=None):
    """Return when mails went, or are to go, to an address."""
    found = select(mail.c.due_at).where(mail.c.state == "due", mail.c.address == address).order_by(mail.c.due_at)
    return list(db.scalars(found if kind is None else found.where(mail.c.kind == kind)))


def sign_up(db, settings, username, email, now=NOW):
    return registrations.sign_up(
        db, settings, now=now, sign_up=SignUp(username=username, email=email, password_hash="x")
    )


@pytest.mark.faults
def test_strangers_cannot_fill_a_mailbox_in_any_way_nor_all_of_them_together(db, settings: Settings, make_account):
    attackers = [make_account(f"attacker{number}") for number in range(10)]
    for attacker in attackers:
        passwords.ask_to_change_email(db, now=NOW, account_id=attacker.id, email=VICTIM, smtp_utf8=False)
    sign_up(db, settings, "mallory", VICTIM)
    for number in range(10):
        sign_up(db, settings, f"mallory{number}", "VICTIM+x@mail.example")
        registrations.register(
            db,
            settings,
            now=NOW,
            form=SignUp(username=f"app{number}", email=VICTIM, password_hash="x"),
            scopes="read",
        )
        confirmations.ask_to_confirm_again(db, now=NOW, email=VICTIM)
        passwords.ask_to_reset(db, now=NOW, email=VICTIM)

    reached = select(func.count()).select_from(mail).where(mail.c.state == "due", mail.c.address.ilike("victim%"))
    assert db.scalar(reached) == 3


@pytest.mark.faults
def test_sixty_confirmations_a_minute_are_three_within_any_hour(db, settings, long_faults):
    sign_up(db, settings, "mallory", VICTIM)
    chance = random.Random(7)
    now = NOW
    for _ in range(2000 if long_faults else 200):
        now += chance.choice((1, 1000, clock.MINUTE, 20 * clock.MINUTE))
        ask = chance.choice((confirmations.ask_to_confirm_again, passwords.ask_to_reset))
        ask(db, now=now, email=VICTIM)
    times = sent_to(db)

    assert len(times) > 6
    assert all(later - earlier >= clock.HOUR for earlier, later in zip(times, times[3:], strict=False))


@pytest.mark.faults
def test_those_who_ask_at_the_same_moment_are_counted_one_by_one(database):
    start = Barrier(12)

    def ask():
        start.wait(20)
        with database.writing() as db:
            mails.add(db, "reset", now=NOW, address=VICTIM)

    threads = [Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with database.reading() as db:
        assert len(sent_to(db)) == 3


@pytest.mark.parametrize("other", ["VICTIM@Mail.Example", "vic.tim@mail.example", "victim+1@mail.example"])
def test_addresses_that_lead_to_one_mailbox_count_as_one(db, other):
    for address in (VICTIM, other, VICTIM, other):
        mails.add(db, "reset", now=NOW, address=address)

    assert len(sent_to(db) + sent_to(db, other)) == 3


def test_of_two_addresses_each_gets_its_own(db):
    for address in (VICTIM, "other@mail.example"):
        mails.add(db, "reset", now=NOW, address=address)

    assert (len(sent_to(db)), len(sent_to(db, "other@mail.example"))) == (1, 1)


def test_what_was_held_back_says_why(db):
    last = [mails.add(db, "reset", now=NOW, address=VICTIM) for _ in range(4)][-1]
    found = queries.get(db, last)

    assert (found.state, found.error) == ("dropped", mails.TOO_MANY)


def test_sign_ups_with_an_address_leave_its_owner_links_for_a_new_password(db, settings, bob):
    for number in range(5):
        sign_up(db, settings, f"mallory{number}", "bob@mail.example")
    for _ in range(5):
        passwords.ask_to_reset(db, now=NOW, email="bob@mail.example")

    assert len(sent_to(db, "bob@mail.example", "reset")) == 2
    assert len(sent_to(db, "bob@mail.example", "already_registered")) == 1


@pytest.mark.faults
def test_whoever_has_the_password_cannot_hide_that_they_take_the_account(db, settings, bob):
    for _ in range(10):
        passwords.ask_to_reset(db, now=NOW, email="bob@mail.example")
        passwords.change(db, now=NOW, account_id=bob.id, password_hash="y", end_tokens=False)
        mails.add(
            db,
            "new_login",
            now=NOW,
            address="bob@mail.example",
            account_id=bob.id,
            from_address="192.0.2.7",
            browser="x",
            at=NOW,
        )
    for number in range(10):
        passwords.ask_to_change_email(
            db, now=NOW, account_id=bob.id, email=f"thief{number}@mail.example", smtp_utf8=False
        )
    signer = secret.signer(settings)
    link_id = one_time_links.add(db, "change_email", now=NOW, account_id=bob.id, detail="thief@mail.example")
    passwords.change_email(db, signer, now=NOW, token=one_time_links.token(signer, link_id, "change_email"))
    asked = sent_to(db, "bob@mail.example", "change_email_asked")

    assert sent_to(db, "bob@mail.example", "email_changed") == [NOW]
    assert asked == [NOW, NOW, NOW, NOW + clock.HOUR]


def test_a_notice_that_waits_tells_the_newest(db, bob):
    for number in range(6):
        passwords.ask_to_change_email(
            db, now=NOW + number, account_id=bob.id, email=f"thief{number}@mail.example", smtp_utf8=False
        )
    told = [one.details()["new_address"] for one in queries.latest(db, bob.id, "change_email_asked", limit=10)]

    assert told == [f"thief{number}@mail.example" for number in (5, 2, 1, 0)]


@pytest.mark.faults
def test_notices_that_come_at_the_same_moment_leave_one_waiting(database):
    with database.writing() as db:
        sign_up = SignUp(username="bob", email="bob@mail.example", password_hash="x")
        bob_id = registrations.create(db, now=NOW, sign_up=sign_up, confirmed=True, smtp_utf8=False)
    start = Barrier(8)

    def notice(number):
        start.wait(20)
        with database.writing() as db:
            mails.add(db, "password_changed", now=NOW, address="bob@mail.example", account_id=bob_id, at=number)

    threads = [Thread(target=notice, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with database.reading() as db:
        assert sent_to(db, "bob@mail.example") == [NOW, NOW, NOW, NOW + clock.HOUR]


def test_what_people_chose_to_get_is_not_counted(db):
    for _ in range(5):
        mails.add(db, "notifications", now=NOW, address=VICTIM)

    assert len(sent_to(db)) == 5


def test_a_clock_that_was_ahead_keeps_no_mail_back(db):
    for _ in range(3):
        mails.add(db, "reset", now=NOW + clock.DAY, address=VICTIM)
    mails.add(db, "reset", now=NOW, address=VICTIM)

    assert NOW in sent_to(db)


def test_counts_are_forgotten_when_they_say_nothing_any_more(db):
    mails.add(db, "reset", now=NOW, address=VICTIM)
    mail_allowances.forget_old(db, now=NOW + clock.HOUR)
    kept = db.scalar(select(func.count()).select_from(mail_allowance))
    mail_allowances.forget_old(db, now=NOW + clock.HOUR + 1)

    assert (kept, db.scalar(select(func.count()).select_from(mail_allowance))) == (1, 0)


def test_the_old_address_hears_of_a_change_although_the_new_one_is_taken(db, ann, bob):
    passwords.ask_to_change_email(db, now=NOW, account_id=bob.id, email="ann@mail.example", smtp_utf8=False)

    assert len(sent_to(db, "bob@mail.example", "change_email_asked")) == 1
    assert sent_to(db, "ann@mail.example") == []


def test_moderators_hear_of_many_who_wait_in_few_mails(db, settings, make_account):
    admin = make_account("keeper")
    accounts.set_role(db, account_id=admin.id, role="admin")
    settings = msgspec.structs.replace(settings, registration="approval")
    for number in range(10):
        sign_up(db, settings, f"new{number}", f"new{number}@mail.example")
        [id] = db.scalars(select(account.c.id).where(account.c.username == f"new{number}"))
        confirmations.confirm(db, now=NOW, account_id=id)

    assert sent_to(db, "keeper@mail.example") == [NOW, NOW, NOW, NOW + clock.HOUR]
