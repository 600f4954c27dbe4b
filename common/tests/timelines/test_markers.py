import pytest

from support.moment import NOW
from twite_common import ids
from twite_common.errors import Invalid
from twite_common.queries.timelines import markers as queries
from twite_common.queries.timelines.markers import Marker
from twite_common.services.timelines import markers


@pytest.fixture
def read(db, ann):
    def read(timeline, last_read_id, *, now=NOW):
        markers.set_marker(db, now=now, account_id=ann.id, timeline=timeline, last_read_id=last_read_id)

    return read


def test_each_change_of_a_marker_counts_and_each_timeline_has_its_own(db, read, ann, bob):
    read("home", 5)
    read("home", 7, now=NOW + 1)
    read("notifications", 3)

    assert queries.of_account(db, ann.id) == {
        "home": Marker("home", 7, 1, NOW + 1),
        "notifications": Marker("notifications", 3, 0, NOW),
    }
    assert queries.of_account(db, bob.id) == {}


def test_other_timelines_have_no_marker(read):
    with pytest.raises(Invalid, match="home and notifications"):
        read("public", 5)


def test_a_marker_only_advances_where_a_device_may_be_behind(db, ann):
    def advance(last_read_id, *, timeline="home", now=NOW):
        markers.advance(db, now=now, account_id=ann.id, timeline=timeline, last_read_id=last_read_id)

    assert queries.last_read(db, ann.id) == {"home": 0, "notifications": 0}
    for last_read_id in (5, 9, 7, 9):
        advance(last_read_id)

    assert queries.last_read(db, ann.id) == {"home": 9, "notifications": 0}
    assert queries.of_account(db, ann.id)["home"].version == 1
    with pytest.raises(Invalid, match="home and notifications"):
        advance(5, timeline="public")


def test_no_marker_stands_where_nothing_can_be_yet(db, ann):
    for last_read_id, now in ((ids.MAXIMUM, NOW), (ids.first_at(NOW + 5000), NOW + 10_000)):
        markers.advance(db, now=now, account_id=ann.id, timeline="home", last_read_id=last_read_id)

    assert queries.last_read(db, ann.id)["home"] == ids.first_at(NOW + 5000)
