import pytest
from sqlalchemy import select

from support.moment import NOW
from twite_common.errors import Invalid, NotFound
from twite_common.services.accounts import aliases
from twite_common.tables import account_alias


@pytest.fixture
def add(db, ann):
    return lambda address, by=ann: aliases.add(db, now=NOW, account_id=by.id, address=address)


@pytest.fixture
def named(db):
    return lambda: list(db.scalars(select(account_alias.c.address).order_by(account_alias.c.id)))


def test_an_account_elsewhere_is_named_once_however_its_server_is_spelled(add, named):
    add(" @ann@Bücher.Example ")
    add("ann@xn--bcher-kva.example")

    assert named() == ["ann@xn--bcher-kva.example"]


@pytest.mark.parametrize(
    "address", ["", "ann", "@ann", "ann@", "ann@localhost", "an n@other.example", "@@other.example"]
)
def test_what_is_no_accounts_address_is_refused(add, named, address):
    with pytest.raises(Invalid, match="account on another site"):
        add(address)
    assert named() == []


def test_twenty_accounts_are_named(add, named, bob):
    for number in range(20):
        add(f"ann{number}@other.example")

    with pytest.raises(Invalid, match="20 other accounts"):
        add("ann@other.example")
    add("ann0@other.example")
    add("ann@other.example", bob)
    assert len(named()) == 21


def test_an_account_is_named_no_longer_by_its_owner(db, add, named, ann, bob):
    add("ann@other.example")
    alias_id = db.scalar(select(account_alias.c.id))

    with pytest.raises(NotFound):
        aliases.remove(db, account_id=bob.id, alias_id=alias_id)
    aliases.remove(db, account_id=ann.id, alias_id=alias_id)
    assert named() == []
