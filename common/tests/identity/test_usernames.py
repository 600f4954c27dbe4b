"""Taking another username."""

import pytest
from sqlalchemy import select

from support.moment import NOW
from twite_common import clock
from twite_common.errors import Invalid
from twite_common.queries import usernames as username_queries
from twite_common.queries.accounts import accounts, credentials
from twite_common.queries.identity import security_events
from twite_common.queries.paging import Page
from twite_common.services.accounts import account_deletion, deleted_names
from twite_common.services.identity import usernames
from twite_common.tables import mail

LATER = NOW + usernames.AGAIN_AFTER_MS


def change(db, person, username, *, now=NOW):
    usernames.change(db, now=now, account_id=person.id, username=username)


def events(db, person):
    return [(event.kind, event.detail) for event in security_events.of_account(db, person.id, Page())]


def name_of(db, name):
    account = accounts.by_username(db, name)
    return account and account.username


def test_both_names_lead_to_the_account(db, ann):
    before = accounts.get(db, ann.id)
    change(db, ann, "Anna")
    account = accounts.get(db, ann.id)

    assert (account.username, account.version) == ("Anna", before.version + 1)
    assert accounts.by_username(db, "anna").id == ann.id
    assert accounts.by_username(db, "ANN").id == ann.id
    assert credentials.by_login(db, "ann").account_id == ann.id
    assert credentials.by_login(db, "anna").account_id == ann.id
    assert username_queries.ids_by_username(db, ["ann", "anna"]) == {"ann": (ann.id, "ann"), "anna": (ann.id, "Anna")}


def test_the_owner_is_told_and_finds_it_in_the_record(db, ann):
    change(db, ann, "anna")

    assert events(db, ann) == [("username_changed", "ann")]
    assert db.scalars(select(mail.c.kind)).all() == ["username_changed"]


def test_nobody_else_can_have_either_name(db, ann, bob):
    change(db, ann, "anna")

    for name in ("ann", "Ann", "anna", "ANNA"):
        with pytest.raises(Invalid, match="is taken"):
            change(db, bob, name)


def test_names_of_others_and_of_deleted_accounts_cannot_be_had(db, ann, bob):
    with pytest.raises(Invalid, match="is taken"):
        change(db, ann, "BOB")
    account_deletion.delete_account(db, now=NOW, account_id=bob.id)
    with pytest.raises(Invalid, match="is taken"):
        change(db, ann, "bob")


@pytest.mark.parametrize("name", ["", "a" * 31, "a b", "a@b", "admin"])
def test_a_name_that_nobody_can_have_is_refused(db, ann, name):
    with pytest.raises(Invalid):
        change(db, ann, name)

    assert accounts.get(db, ann.id).username == "ann"


def test_a_change_is_possible_once_in_thirty_days(db, ann):
    change(db, ann, "anna")
    with pytest.raises(Invalid, match="less than 30 days ago"):
        change(db, ann, "annie", now=LATER - 1)
    change(db, ann, "annie", now=LATER)

    assert name_of(db, "ann") == "annie"
    assert name_of(db, "anna") == "annie"


def test_writing_it_in_other_case_is_always_possible_and_leaves_no_former_name(db, ann):
    change(db, ann, "anna")
    change(db, ann, "Anna")

    assert accounts.get(db, ann.id).username == "Anna"
    assert len(events(db, ann)) == 1


def test_the_owner_can_go_back_to_a_former_name(db, ann):
    change(db, ann, "anna")
    change(db, ann, "ann", now=LATER)

    assert name_of(db, "ann") == "ann"
    assert name_of(db, "anna") == "ann"


def test_after_a_year_the_name_leads_nowhere_and_stays_taken(db, ann, bob):
    change(db, ann, "anna")
    usernames.forget_old(db, now=NOW + usernames.LEADS_MS, limit=9)
    assert accounts.by_username(db, "ann").id == ann.id
    usernames.forget_old(db, now=NOW + usernames.LEADS_MS + clock.SECOND, limit=9)

    assert name_of(db, "ann") is None
    with pytest.raises(Invalid, match="is taken"):
        change(db, bob, "ann")


def test_with_the_account_its_former_names_go_and_stay_taken(db, ann):
    change(db, ann, "anna")
    account_deletion.delete_account(db, now=NOW, account_id=ann.id)

    assert name_of(db, "ann") is None
    assert deleted_names.present(db, "ann")
    assert deleted_names.present(db, "anna")
