"""Mails that come back, a day's number of mails, and the log of what was sent."""

import msgspec
import pytest
from sqlalchemy import select

from support.moment import NOW
from twite_common import clock
from twite_common.queries.accounts import credentials
from twite_common.queries.notifications import mail_log
from twite_common.queries.notifications import mails as queries
from twite_common.queries.paging import Page
from twite_common.secret import Signer
from twite_common.services.notifications import mail_bounces, mail_followers, mail_health, mails
from twite_common.services.notifications.mail_bounces import Bounce
from twite_common.tables import credentials as credentials_table
from twite_common.tables import mail, mail_follower

SIGNER = Signer(b"a test's key")
SAID = "550 5.1.1 No such user"


@pytest.fixture
def settings(settings):
    return msgspec.structs.replace(settings, mail_bounces="bounces@twite.example", mails_per_day=10)


@pytest.fixture
def sent(db, ann):
    def sent(*, now=NOW, account_id=ann.id, kind="test"):
        id = mails.add(db, kind, now=now, address="ann@mail.example", account_id=account_id)
        mails.begin(db, now=now, mail_id=id)
        mails.sent(db, now=now, mail_id=id, answer="250 2.0.0 queued as 4711")
        return id

    return sent


@pytest.fixture
def come_back(db, settings):
    def come_back(mail_id, kind="hard", *, address=None):
        address = address or mail_bounces.return_address(settings, SIGNER, mail_id)
        return mail_bounces.record(db, SIGNER, now=NOW, bounce=Bounce(address, kind, SAID))

    return come_back


def failed(db, ann):
    return credentials.get(db, ann.id).mail_failed_at is not None


def test_a_mail_that_comes_back_for_good_stops_mail_until_its_owner_says_otherwise(db, ann, sent, come_back):
    id = sent()
    assert come_back(id)
    assert come_back(id)
    assert (queries.get(db, id).bounce, queries.get(db, id).error) == ("hard", SAID)
    assert credentials.get(db, ann.id).mail_failure == SAID

    # A mail server that takes the next mail only sends it back again.
    sent()
    assert failed(db, ann)
    mails.clear_failure(db, account_id=ann.id)
    assert not failed(db, ann)
    assert db.scalars(select(credentials_table.c.mail_bounced_at)).all() == [None]


def test_a_mail_that_comes_back_for_a_while_is_only_counted(db, ann, sent, come_back):
    id = sent()
    assert come_back(id, "soft")
    assert not failed(db, ann)
    assert mail_log.count_bounces(db, since=NOW) == {"soft": 1}
    come_back(id, "hard")
    come_back(id, "soft")
    assert mail_log.count_bounces(db, since=NOW) == {"hard": 1}


def test_nothing_is_believed_without_the_signature(db, ann, sent, come_back, settings):
    id = sent()
    right = mail_bounces.return_address(settings, SIGNER, id)
    for forged in (
        f"bounces+{id}-{'0' * 24}@twite.example",
        mail_bounces.return_address(settings, Signer(b"another"), id),
        right.replace(str(id), str(id + 1)),
        "bounces@twite.example",
        "@",
    ):
        assert not come_back(id, address=forged)
    assert not failed(db, ann)
    assert come_back(id, address=right.upper())
    assert len(right.partition("@")[0]) <= 64


@pytest.mark.parametrize(("kind", "left"), [("hard", 0), ("soft", 1)])
def test_a_reader_without_an_account_is_forgotten_once_mail_comes_back_for_good(
    db, settings, make_account, come_back, kind, left
):
    bee = make_account("bee", follow_by_mail=True)
    given = {"account_id": bee.id, "email": "reader@elsewhere.example", "frequency": "daily", "locale": None}
    mail_followers.ask(db, settings, now=NOW, **given)
    assert come_back(db.scalars(select(mail.c.id).where(mail.c.kind == "follow_by_mail")).one(), kind)

    assert len(db.scalars(select(mail_follower.c.id)).all()) == left


def test_an_address_that_was_changed_meanwhile_is_not_touched(db, ann, sent, come_back):
    id = sent()
    db.execute(credentials_table.update().values(email="new@mail.example", email_key="new@mail.example"))
    come_back(id)
    assert not failed(db, ann)


def test_without_the_setting_mail_comes_back_to_its_sender(settings):
    plain = msgspec.structs.replace(settings, mail_bounces="")
    assert mail_bounces.return_address(plain, SIGNER, 1) == "twite@twite.example"


def test_a_days_mails_keep_a_fifth_for_those_that_somebody_waits_for(db, settings, ann, bob, sent):
    digest = mails.add(db, "digest", now=NOW, address="bob@mail.example", account_id=bob.id)
    for number in range(8):
        assert mails.next_ids(db, settings, now=NOW + number) == [digest]
        sent()
    assert mails.next_ids(db, settings, now=NOW) == []
    reset = mails.add(db, "reset", now=NOW, address="bob@mail.example", account_id=bob.id)
    assert mails.next_ids(db, settings, now=NOW) == [reset]
    sent()
    sent()
    assert mails.next_ids(db, settings, now=NOW) == []
    assert mails.next_ids(db, msgspec.structs.replace(settings, mails_per_day=0), now=NOW) == [reset]
    assert mails.next_ids(db, settings, now=NOW + clock.DAY) == [reset]


def test_accounts_take_turns_under_the_limit(db, settings, ann, bob):
    for number in range(3):
        mails.add(db, "digest", now=NOW + number, address=f"a{number}@mail.example", cause_id=ann.id)
    single = mails.add(db, "digest", now=NOW + 5, address="b@mail.example", cause_id=bob.id)
    first = mails.next_ids(db, settings, now=NOW + 10)
    mails.drop(db, mail_id=first[0], reason="")
    assert mails.next_ids(db, settings, now=NOW + 10) == [single]


def test_what_was_sent_is_found_by_address_name_and_result(db, ann, sent, come_back):
    id, other = sent(), sent(account_id=None)
    come_back(id)
    page = Page(limit=5)
    assert [one.id for one in mail_log.log(db, page)] == [other, id]
    assert [one.id for one in mail_log.log(db, page, result="bounced")] == [id]
    assert mail_log.log(db, page, result="failed") == []
    assert [one.id for one in mail_log.to_address(db, "ann@mail.example", page)] == [other, id]
    assert [one.id for one in mail_log.to_account(db, "ann", page)] == [id]
    assert mail_log.to_address(db, "ANN@elsewhere.example", page) == []
    assert mail_log.log(db, page)[0].answer == "250 2.0.0 queued as 4711"


def test_the_latest_check_of_the_domain_is_kept(db):
    finding = mail_log.Finding("spf", "missing")
    for now in (NOW, NOW + 1):
        mail_health.keep(db, now=now, domain="twite.example", findings=[finding])
    assert mail_log.domain_check(db) == mail_log.DomainCheck(NOW + 1, "twite.example", (finding,))
