"""Names of deleted accounts can't be taken by others."""

import pytest
from sqlalchemy import select

from support.moment import NOW
from twite_common import clock, secret
from twite_common.errors import Invalid, NotFound
from twite_common.services.accounts import account_deletion, deleted_names
from twite_common.services.identity import registrations
from twite_common.services.identity.registrations import SignUp
from twite_common.services.operations import cleaning, commands
from twite_common.settings import Settings
from twite_common.tables import audit_entry, deleted_name

pytestmark = pytest.mark.faults


@pytest.fixture
def sign_up(db, settings):
    def sign_up(name):
        form = SignUp(username=name, email=f"new-{name}@mail.example", password_hash="x")
        return registrations.add(db, settings, now=NOW, sign_up=form)

    return sign_up


@pytest.mark.parametrize("name", ["ann", "Ann", "ANN"])
def test_nobody_takes_the_name_of_a_deleted_account_however_it_is_written(db, ann, sign_up, name):
    account_deletion.delete_account(db, now=NOW, account_id=ann.id)

    with pytest.raises(Invalid, match=f"The name {name} is taken."):
        sign_up(name)
    with pytest.raises(Invalid, match="release-name"):
        registrations.create(
            db, now=NOW, sign_up=SignUp(username=name, email="a@mail.example", password_hash="x"), smtp_utf8=False
        )
    assert sign_up("annie")


def test_what_stays_is_a_hash_that_depends_on_no_key(db, ann):
    account_deletion.delete_account(db, now=NOW, account_id=ann.id)

    assert db.scalars(select(deleted_name.c.name_hash)).all() == [secret.digest("ann")]


def test_an_operator_releases_a_name(db, ann, sign_up):
    account_deletion.delete_account(db, now=NOW, account_id=ann.id)
    commands.release_name(db, now=NOW, name="Ann")

    assert sign_up("ann")
    assert db.execute(select(audit_entry.c.action, audit_entry.c.target_name)).all()[-1] == ("release", "Ann")
    with pytest.raises(NotFound):
        deleted_names.release(db, "ann")


def test_a_name_that_nobody_has_seen_stays_free(db, settings: Settings, sign_up):
    first = sign_up("dot")
    account_deletion.delete_account(db, now=NOW, account_id=first)
    again = sign_up("dot")
    cleaning.delete_unconfirmed(db, account_ids=[again], now=NOW + 8 * clock.DAY)

    assert again
    assert sign_up("dot")


def test_a_name_is_deleted_more_than_once(db, make_account):
    for _ in range(2):
        account_deletion.delete_account(db, now=NOW, account_id=make_account("ann").id)
        commands.release_name(db, now=NOW, name="ann")
    deleted_names.add(db, "ann")
    deleted_names.add(db, "ANN")

    assert len(db.scalars(select(deleted_name.c.name_hash)).all()) == 1
