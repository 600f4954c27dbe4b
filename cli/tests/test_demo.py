import re

import pytest
from sqlalchemy import select

from twite.demo import people, pictures
from twite_common import clock, ids, outbox
from twite_common.passwords import Passwords
from twite_common.queries.accounts import accounts, credentials
from twite_common.queries.notifications import notifications
from twite_common.queries.paging import Page
from twite_common.services.operations import counts
from twite_common.settings import load
from twite_common.tables import mail

KINDS = {"mention", "favourite", "boost", "follow", "signup", "report", "poll", "post", "update"}

pytestmark = pytest.mark.usefixtures("integration")


def test_it_fills_a_site_with_people_who_can_log_in_and_a_past(twite, database):
    made = twite("demo")
    assert made.exit_code == 0, made.output
    password = re.search(r"password: (\S+)", made.output)[1]
    now = clock.now()
    with database.reading() as db:
        mira = credentials.by_login(db, "mira")
        shown = accounts.load(db, [mira.account_id])[mira.account_id]
        found = notifications.page(db, Page(limit=500), viewer_id=mira.account_id, now=now)
        differences = counts.check(db)
        waiting, mails = outbox.pending(db), db.scalars(select(mail.c.state)).all()

    assert [line.split(",")[0].strip() for line in made.output.splitlines()[2:14]] == list(people.TOWN)
    assert mira.role == "admin"
    assert Passwords(load()).verify(mira.password_hash, password)
    assert now - ids.created_at(mira.account_id) > 39 * clock.DAY
    assert shown.posts_count >= 8
    assert {one.kind for one in found} >= KINDS
    assert (differences, waiting) == ([], [])
    assert set(mails) == {"dropped"}


def test_it_refuses_a_site_that_has_accounts(twite, ann):
    refused = twite("demo")

    assert refused.exit_code == 1
    assert "has accounts" in refused.output


def test_the_same_name_gives_the_same_picture():
    one, same, other = (pictures.landscape(name, (60, 40), kind="dawn").tobytes() for name in ("a", "a", "b"))

    assert one != other
    assert len(one) == len(same)
