"""Deactivating an account: gone for everybody at once, and back when its owner logs in."""

import pytest
from sqlalchemy import select

from support.site_under_test import PASSWORD
from twite_common import clock
from twite_common.errors import NotAllowed
from twite_common.queries.accounts import credentials
from twite_common.services.accounts import accounts
from twite_common.services.identity import deactivation
from twite_common.tables import mail

PAGE = "/settings/account/deactivate"


@pytest.fixture
def log_in(stranger):
    def log_in():
        stranger.open("/login")
        return stranger.submit("/login", {"name": "ann", "password": PASSWORD})

    return log_in


def test_all_of_it_is_hidden_at_once_and_back_after_a_login(as_ann, bob, ann, api, make_post, stranger, log_in):
    post_id = make_post(ann, "a wren sings")
    addresses = ("/@ann", f"/@ann/{post_id}", "/@ann/feed.atom", f"/api/v1/statuses/{post_id}")
    as_ann.open(PAGE)
    as_ann.submit(PAGE, {"current_password": PASSWORD})
    as_ann.open("/settings")
    hidden = [stranger.client.get(address).status_code for address in addresses]
    searched = api(bob).get("/api/v2/search?q=ann").json()["accounts"]
    timeline = api(bob).get("/api/v1/timelines/public").json()
    answered = log_in()
    shown = [stranger.client.get(address).status_code for address in addresses]

    assert as_ann.path == "/login"
    assert all(status in {404, 410} for status in hidden), hidden
    assert (searched, timeline) == ([], [])
    assert (answered.status_code, stranger.path) == (200, "/")
    assert shown == [200] * len(addresses)


def test_it_takes_the_password_and_its_owner_is_told(as_ann, database, ann):
    as_ann.open(PAGE)
    refused = as_ann.submit(PAGE, {"current_password": "wrong horse"})
    as_ann.submit(PAGE, {"current_password": PASSWORD})
    with database.reading() as db:
        kinds = list(db.scalars(select(mail.c.kind)))
        found = credentials.get(db, ann.id)

    assert (refused.status_code, kinds) == (422, ["account_deactivated"])
    assert found.deactivated_at is not None


def test_a_forgotten_password_keeps_nobody_away(database, ann, stranger):
    with database.writing() as db:
        deactivation.deactivate(db, now=clock.now(), account_id=ann.id)
    stranger.open("/forgot")
    stranger.submit("/forgot", {"email": "ann@mail.example"})
    with database.reading() as db:
        kinds = set(db.scalars(select(mail.c.kind)))

    assert "reset" in kinds


def test_who_was_suspended_meanwhile_stays_out_and_staff_show_nobody_against_their_will(database, ann, bob, log_in):
    with database.writing() as db:
        for person in (ann, bob):
            deactivation.deactivate(db, now=clock.now(), account_id=person.id)
        accounts.suspend(db, now=clock.now(), account_id=ann.id)
    with database.writing() as db, pytest.raises(NotAllowed, match="Only they"):
        accounts.unsuspend(db, account_id=bob.id)

    assert log_in().status_code == 403


def test_the_page_that_deletes_speaks_of_backups_and_of_other_ways(as_ann):
    as_ann.open("/settings/account/delete")

    assert "Only backups" in as_ann.text
    assert as_ann.page.find("a", href=PAGE) is not None
