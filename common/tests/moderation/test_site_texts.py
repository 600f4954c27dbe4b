import pytest

from support.moment import NOW
from twite_common.errors import Invalid, NotAllowed, NotFound
from twite_common.queries import viewers
from twite_common.queries.moderation import site_texts as queries
from twite_common.services.accounts import accounts
from twite_common.services.moderation import site_texts


@pytest.fixture
def admin(db, ann):
    accounts.set_role(db, account_id=ann.id, role="admin")
    return viewers.by_account(db, ann.id)


@pytest.fixture
def write(db, admin):
    def write(words="Welcome", *, name="about", viewer=admin, now=NOW, effective_at=None):
        site_texts.write(db, now=now, viewer=viewer, name=name, words=words, effective_at=effective_at)

    return write


@pytest.fixture
def current(db):
    def current(now=NOW):
        found = queries.current(db, "about", now=now)
        return found and found.text

    return current


def test_a_text_holds_until_the_next_one(write, current):
    assert current() is None

    write("First")
    write("Second", now=NOW + 1, effective_at=NOW + 10)
    assert [current(NOW + 9), current(NOW + 10)] == ["First", "Second"]


def test_an_empty_text_takes_it_away(db, write):
    write()
    assert queries.names_in_effect(db, now=NOW) == {"about"}

    write(" ", now=NOW + 1)
    assert queries.names_in_effect(db, now=NOW + 1) == set()


def test_a_text_has_a_name_a_length_and_no_past(write, current):
    with pytest.raises(NotFound):
        write(name="imprint")
    with pytest.raises(Invalid, match="100000 characters"):
        write("x" * 100_001)
    with pytest.raises(Invalid, match="in the past"):
        write(effective_at=NOW - 1)
    assert current() is None


def test_only_administrators_write_texts(db, write, current, bob):
    accounts.set_role(db, account_id=bob.id, role="moderator")

    with pytest.raises(NotAllowed):
        write(viewer=viewers.by_account(db, bob.id))
    assert current() is None
