import pytest

from support.moment import NOW
from twite_common.errors import Invalid
from twite_common.queries.accounts import accounts, relationships
from twite_common.queries.paging import Page
from twite_common.services.accounts import blocks, endorsements, follows


@pytest.fixture
def relationship(db, ann, bob):
    return lambda: relationships.load(db, [bob.id], viewer_id=ann.id, now=NOW)[0]


@pytest.fixture
def endorse(db, ann, bob):
    return lambda: endorsements.endorse(db, now=NOW, account_id=ann.id, endorsed_id=bob.id)


@pytest.fixture
def follow(db, ann, bob):
    follows.follow_account(db, now=NOW, follower_id=ann.id, followee_id=bob.id)


def test_only_who_is_followed_is_featured(endorse, relationship):
    with pytest.raises(Invalid, match="already following"):
        endorse()
    assert not relationship().endorsed


@pytest.mark.usefixtures("follow")
def test_who_is_featured_is_so_once_and_until_that_ends(db, endorse, relationship, ann, bob):
    endorse()
    endorse()
    assert [one.account_id for one in accounts.endorsements(db, ann.id, Page())] == [bob.id]

    for _ in range(2):
        endorsements.unendorse(db, account_id=ann.id, endorsed_id=bob.id)
    assert not relationship().endorsed


@pytest.mark.usefixtures("follow")
@pytest.mark.parametrize("end", ["unfollow", "block", "are blocked"])
def test_who_is_no_longer_followed_is_no_longer_featured(db, endorse, relationship, ann, bob, end):
    endorse()
    if end == "unfollow":
        follows.unfollow_account(db, follower_id=ann.id, followee_id=bob.id)
    elif end == "block":
        blocks.block_account(db, now=NOW, account_id=ann.id, blocked_id=bob.id)
    else:
        blocks.block_account(db, now=NOW, account_id=bob.id, blocked_id=ann.id)

    assert not relationship().endorsed
