"""How charts are drawn and labelled, and which days their columns stand for."""

from datetime import date, timedelta

import pytest

from twite_common import clock
from twite_web.site.operations import periods
from twite_web.site.view_models import charts
from twite_web.site.view_models.charts import Columns

TODAY = date(2026, 3, 15)


def drawn(numbers, **options):
    names = [f"c{place}" for place in range(len(numbers))]
    columns = Columns("Day", names, names)
    return charts.chart("posts", "Posts", columns, numbers, total="", summary="", table="", **options)


@pytest.mark.parametrize(
    ("numbers", "scale"),
    [
        ([0, 0], ("2", "1", "0")),
        ([1, 3], ("4", "2", "0")),
        ([7], ("8", "4", "0")),
        ([11], ("20", "10", "0")),
        ([0, 2_500_000], ("4m", "2m", "0")),
        ([1.2, 2.5], ("4", "2", "0")),
    ],
)
def test_a_scale_ends_at_a_round_number_that_holds_all(numbers, scale):
    assert drawn(numbers).scale == scale


@pytest.mark.parametrize(
    ("numbers", "scale"),
    [
        ([5, 5], ("6", "5", "4")),
        ([0, 0], ("2", "1", "0")),
        ([1000, 1018], ("1,020", "1,010", "1,000")),
        ([1, 9], ("10", "5", "0")),
    ],
)
def test_the_scale_of_a_line_begins_close_below_it(numbers, scale):
    assert drawn(numbers, line=True).scale == scale


def test_bars_and_lines_stay_within_their_drawing():
    assert drawn([0, 1, 2]).drawing == "M11 100V50h8V100zM21 100V0h8V100z"
    assert drawn([3, 4, 5], line=True).drawing == "M5 100L15 50L25 0"
    assert drawn([3], line=True).drawing == "M0 50H10"


@pytest.mark.parametrize(
    ("columns", "labels", "labelled"),
    [
        (1, ("c0",), "each"),
        (7, tuple(f"c{place}" for place in range(7)), "each"),
        (12, ("c0", "c3", "c6", "c9"), "spans"),
        (30, ("c0", "c10", "c20"), "spans"),
        (13, ("c0", "c12"), "ends"),
    ],
)
def test_few_labels_stand_under_a_chart(columns, labels, labelled):
    chart = drawn([1] * columns)

    assert (chart.labels, chart.labelled) == (labels, labelled)


@pytest.mark.parametrize(
    ("name", "first", "columns"),
    [
        ("7", TODAY - timedelta(days=6), 7),
        ("31", TODAY - timedelta(days=30), 31),
        ("90", TODAY - timedelta(days=13 * 7 - 1), 13),
        ("365", TODAY - timedelta(days=52 * 7 - 1), 52),
        ("500", date(2024, 11, 1), 17),
        ("99999", date(2016, 3, 1), 121),
        ("-1", TODAY - timedelta(days=29), 30),
        ("٣", TODAY - timedelta(days=29), 30),
    ],
)
def test_a_period_begins_where_its_first_column_does(name, first, columns):
    period = periods.chosen(name, clock.start_of(TODAY))
    spans = periods.spans(period)

    assert (period.first, period.last, len(spans.days)) == (first, TODAY, columns)
    assert [day for days in spans.days for day in days] == period.days
    assert len(spans.columns.short) == len(spans.columns.full) == columns


def test_days_are_summed_averaged_or_stand_for_their_end():
    spans = periods.spans(periods.chosen("90", clock.start_of(TODAY)))
    by_day = {TODAY: 6, TODAY - timedelta(days=1): 8}

    assert [periods.numbers(spans, by_day, combined)[-1] for combined in ("sum", "mean", "last")] == [14, 2, 6]


def test_how_much_there_was_follows_from_what_is_known_and_what_came_later():
    days = [TODAY - timedelta(days=ago) for ago in (3, 2, 1, 0)]
    gained = {days[3]: 2, days[2]: 3, days[1]: 50}

    assert list(reversed(periods.totals(days, {}, gained, at_last=10).values())) == [0, 5, 8, 10]
    assert list(reversed(periods.totals(days, {days[1]: 7}, gained, at_last=10).values())) == [0, 7, 8, 10]
