import pytest

from support.moment import NOW
from twite_common import ids


def test_ids_grow_even_when_the_clock_stands_still_or_goes_back():
    made = [ids.new(NOW) for _ in range(1000)] + [ids.new(NOW - 5000)]

    assert made == sorted(set(made))


def test_some_ids_are_exact_in_javascript_and_grow_with_the_others():
    made = [make(NOW) for make in (ids.new, ids.new_exact, ids.new, ids.new_exact, ids.new_exact, *[ids.new] * 70)]

    assert made == sorted(set(made))
    assert all(int(float(id)) == id for id in (made[1], made[3], made[4]))


def test_an_id_tells_when_it_was_made():
    later = NOW + 10_000_000

    assert ids.created_at(ids.new(later)) == later


def test_the_first_id_of_a_moment_is_no_larger_than_any_made_then():
    later = NOW + 20_000_000

    assert ids.first_at(later) <= ids.new(later) < ids.first_at(later + 1)


@pytest.mark.parametrize("text", ["", "-1", "1.0", "x", "١٢", "9" * 19, "9" * 40, " 1", "0x1"])
def test_what_cannot_be_an_id_is_none(text):
    assert ids.parse(text) is None


def test_an_id_survives_the_way_out_and_in():
    id = ids.new(NOW)

    assert ids.parse(str(id)) == id


@pytest.mark.parametrize("distance", [-7, 0, 7])
def test_an_id_that_was_taken_for_a_number_stands_for_the_exact_one(distance):
    id = ids.new_exact(NOW)

    assert ids.exact(id + distance) == id
    assert 0 <= ids.exact(ids.MAXIMUM) <= ids.MAXIMUM
