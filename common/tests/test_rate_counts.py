from sqlalchemy import select

from support.moment import NOW
from twite_common.services import rate_counts
from twite_common.services.rate_counts import Counted
from twite_common.tables import rate_count


def test_what_processes_count_is_added_up_by_subject(db):
    first = rate_counts.add(db, [Counted("a", NOW, 3), Counted("b", NOW, 1)])
    second = rate_counts.add(db, [Counted("c", NOW, 1), Counted("a", NOW, 2)])

    assert (first, second) == ({"a": 3, "b": 1}, {"a": 5, "c": 1})
    assert rate_counts.add(db, []) == {}


def test_counts_of_periods_that_are_over_are_forgotten(db):
    rate_counts.add(db, [Counted("over", NOW, 1), Counted("running", NOW + 1, 1)])
    rate_counts.forget_old(db, now=NOW)

    assert list(db.scalars(select(rate_count.c.subject))) == ["running"]
