from datetime import date

import pytest
from sqlalchemy import select

from twite_common.tables import daily_statistics


def days(database):
    with database.reading() as db:
        return list(db.scalars(select(daily_statistics.c.day).order_by(daily_statistics.c.day)))


def test_statistics_are_computed_for_each_day_of_a_range(twite, database):
    done = twite("statistics compute --from 2026-11-01 --to 2026-11-03")

    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "Computed 3 days.")
    assert days(database) == [date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 3)]


def test_one_day_is_a_range_too(twite, database):
    done = twite("statistics compute --from 2026-11-01 --to 2026-11-01")

    assert (done.output.splitlines()[-1], len(days(database))) == ("Computed one day.", 1)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("--from 2026-11-03 --to 2026-11-01", 1),
        ("--from 2026-11-03 --to 2999-01-01", 1),
        ("--from yesterday --to 2026-11-01", 2),
        ("--from 2026-11-03", 2),
    ],
)
def test_a_range_that_is_none_is_refused(twite, database, typed, code):
    assert (twite(f"statistics compute {typed}").exit_code, days(database)) == (code, [])
