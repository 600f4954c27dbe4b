import pytest
from sqlalchemy import select

from support.moment import NOW
from twite_common.queries.accounts import accounts as queries
from twite_common.services.accounts import field_verification, profiles
from twite_common.services.accounts.profiles import ProfileChanges
from twite_common.tables import field_check

PAGE = "https://ann.example/"


@pytest.fixture
def write(db, ann):
    def write(*fields):
        profiles.change_profile(db, now=NOW, account_id=ann.id, changes=ProfileChanges(fields=list(fields)))

    return write


@pytest.fixture
def claim(db):
    """Take the check that is due."""

    def claim(now=NOW):
        [check_id] = field_verification.due(db, now=now)
        return field_verification.claim(db, check_id, now=now)

    return claim


@pytest.fixture
def verified(db, ann):
    return lambda: {one.value: one.verified_at for one in queries.fields_of(queries.get(db, ann.id))}


@pytest.fixture
def waiting(db):
    return lambda: list(db.scalars(select(field_check.c.url).order_by(field_check.c.id)))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (PAGE, True),
        ("https://ann.example/about?x=1", True),
        ("http://ann.example/", False),
        ("ann.example", False),
        ("My page: https://ann.example/", False),
        ("https://ann.example/ https://bob.example/", False),
        ("", False),
    ],
)
def test_a_line_is_looked_at_that_is_the_address_of_one_page_over_tls(value, expected):
    assert field_verification.is_page(value) is expected


def test_each_page_is_looked_at_once(write, waiting):
    write(("Home", PAGE), ("Again", PAGE), ("Town", "Bern"))

    assert waiting() == [PAGE]


def test_a_page_that_names_the_profile_verifies_the_line(db, write, claim, verified, waiting):
    write(("Home", PAGE), ("Town", "Bern"))
    field_verification.finish(db, claim(), now=NOW + 1, links_back=True)

    assert (verified(), waiting()) == ({PAGE: NOW + 1, "Bern": None}, [])


def test_a_page_that_does_not_name_the_profile_verifies_nothing(db, write, claim, verified, waiting):
    write(("Home", PAGE))
    field_verification.finish(db, claim(), now=NOW, links_back=False)

    assert (verified(), waiting()) == ({PAGE: None}, [])


def test_a_verified_line_stays_so_and_is_not_looked_at_again(db, write, claim, verified, waiting):
    write(("Home", PAGE))
    field_verification.finish(db, claim(), now=NOW + 1, links_back=True)
    write(("Website", PAGE))

    assert (verified(), waiting()) == ({PAGE: NOW + 1}, [])


def test_a_line_that_was_changed_meanwhile_is_not_verified(db, write, claim, verified):
    write(("Home", PAGE))
    check = claim()
    write(("Home", "https://other.example/"))
    field_verification.finish(db, check, now=NOW, links_back=True)

    assert verified() == {"https://other.example/": None}


def test_a_page_is_looked_at_by_one_until_they_are_taken_for_dead(db, write, claim):
    write(("Home", PAGE))
    check = claim()

    assert field_verification.claim(db, check.id, now=NOW) is None
    assert field_verification.due(db, now=NOW + field_verification.CLAIM_MS - 1) == []
    assert claim(NOW + field_verification.CLAIM_MS).attempts == 2


def test_a_page_that_cannot_be_read_is_tried_again_and_not_for_ever(db, write, claim, waiting):
    write(("Home", PAGE))
    now = NOW
    for delay in field_verification.DELAYS_MS:
        field_verification.postpone(db, claim(now), now=now)
        assert field_verification.due(db, now=now + delay - 1) == []
        now += delay
    field_verification.postpone(db, claim(now), now=now)

    assert waiting() == []


def test_a_page_that_ends_whoever_looks_at_it_is_given_up(write, claim, waiting):
    write(("Home", PAGE))
    times = range(len(field_verification.DELAYS_MS) + 2)
    checks = [claim(NOW + number * field_verification.CLAIM_MS) for number in times]

    assert (checks[-1], None in checks[:-1], waiting()) == (None, False, [])
