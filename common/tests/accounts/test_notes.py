import pytest

from support.moment import NOW
from twite_common.errors import Invalid
from twite_common.queries.accounts import relationships
from twite_common.services.accounts import notes


@pytest.fixture
def relationship(db, ann, bob):
    return lambda: relationships.load(db, [bob.id], viewer_id=ann.id, now=NOW)[0]


@pytest.fixture
def write(db, ann, bob):
    return lambda comment: notes.write(db, account_id=ann.id, about_id=bob.id, comment=comment)


def test_a_note_takes_the_place_of_the_one_before_and_an_empty_one_takes_it_away(write, relationship):
    shown = []
    for comment in (" From the choir ", "Sings tenor", " "):
        write(comment)
        shown.append(relationship().note)

    assert shown == ["From the choir", "Sings tenor", ""]


def test_a_note_has_two_thousand_characters(write, relationship):
    write("x" * 2000)

    with pytest.raises(Invalid, match="too long"):
        write("x" * 2001)
    assert len(relationship().note) == 2000


def test_a_note_is_its_writers_alone(db, write, ann, bob, cho):
    write("Sings tenor")

    for viewer in (bob, cho):
        assert relationships.load(db, [bob.id], viewer_id=viewer.id, now=NOW)[0].note == ""
