"""How long a time statistics show, and the days, weeks or months that its charts have a column for."""

from collections.abc import Mapping
from datetime import UTC, date, timedelta, tzinfo
from typing import Literal

import msgspec

from twite_common import clock, formats, time_zones
from twite_common.queries.operations.statistics import MAX_DAYS
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.site.view_models.charts import Columns

CHOICES = {
    "7": marked("7 days"),
    "30": marked("30 days"),
    "90": marked("90 days"),
    "365": marked("A year"),
    "all": marked("All time"),
}
USUAL = "30"
MAX_BY_DAY, MAX_BY_WEEK = 31, 400
"""Days up to which charts have a column for each day, and for each week; longer ones have one a month."""
WEEK = 7

Combined = Literal["sum", "mean", "last"]
"""What a column of several days shows: their sum, their mean, or how much it was by their end."""


class Period(msgspec.Struct, frozen=True):
    """The days from `first` to `last` in a time zone, both included; `name` is how addresses say it."""

    name: str
    first: date
    last: date
    zone: tzinfo = UTC

    @property
    def first_at(self) -> int:
        """When it begins, in milliseconds."""
        return time_zones.start_of(self.first, self.zone)

    @property
    def end_at(self) -> int:
        """When it is over, in milliseconds."""
        return time_zones.start_of(self.last + timedelta(days=1), self.zone)

    @property
    def days(self) -> list[date]:
        """Every day of it."""
        return clock.days(self.first, self.last)

    def since(self, began: date) -> "Period":
        """Return it without the days before something began, if it is all time."""
        return _whole(self.name, max(began, self.first), self.last, self.zone) if self.name == "all" else self


class Spans(msgspec.Struct, frozen=True):
    """A period's days as charts show them: by the column that they belong to, and what the columns are called.

    `first` and `last` are its ends as people write them.
    """

    days: list[list[date]]
    columns: Columns
    first: str
    last: str


def chosen(name: str, now: int, zone: tzinfo = UTC) -> Period:
    """Return the period that an address names by its days up to today, or by "all"; the usual one for what is none."""
    today = clock.as_datetime(now).astimezone(zone).date()
    if name == "all":
        return Period(name, today - timedelta(days=MAX_DAYS - 1), today, zone)
    number = int(name) if name.isascii() and name.isdigit() and len(name) < 6 else int(USUAL)
    number = min(max(number, 1), MAX_DAYS)
    return _whole(str(number), today - timedelta(days=number - 1), today, zone)


def _whole(name: str, first: date, last: date, zone: tzinfo) -> Period:
    """Return a period that begins where a column of its charts does."""
    number = (last - first).days + 1
    if number > MAX_BY_WEEK:
        first = first.replace(day=1)
    elif number > MAX_BY_DAY:
        first = last - timedelta(days=WEEK * round(number / WEEK) - 1)
    return Period(name, first, last, zone)


def spans(period: Period) -> Spans:
    """Return a period's days by the columns of its charts."""
    days = period.days
    if len(days) <= MAX_BY_DAY:
        short = [formats.day_of_year(day) for day in days]
        full = [formats.day(day) for day in days]
        return _spans(period, [[day] for day in days], Columns(_("Day"), short, full))
    if len(days) <= MAX_BY_WEEK:
        weeks = [days[start : start + WEEK] for start in range(0, len(days), WEEK)]
        short = [formats.day_of_year(week[0]) for week in weeks]
        full = [formats.days(week[0], week[-1]) for week in weeks]
        return _spans(period, weeks, Columns(_("Week"), short, full))
    return by_month(period)


def by_month(period: Period) -> Spans:
    """Return a period's days by their months."""
    months: dict[date, list[date]] = {}
    for day in period.days:
        months.setdefault(day.replace(day=1), []).append(day)
    full = [formats.short_month(month) for month in months]
    short = [formats.month_of_year(month) for month in months] if period.first.year == period.last.year else full
    return _spans(period, list(months.values()), Columns(_("Month"), short, full))


def _spans(period: Period, days: list[list[date]], columns: Columns) -> Spans:
    return Spans(days, columns, formats.day(period.first), formats.day(period.last))


def numbers(spans: Spans, by_day: Mapping[date, int], combined: Combined) -> list[int]:
    """Return a figure of each column of a chart; days on which nothing happened have none."""
    return [combine([by_day.get(day, 0) for day in days], combined) for days in spans.days]


def total(period: Period, by_day: Mapping[date, int], numbers: list[int], combined: Combined) -> int:
    """Return what stands for a figure of the whole period, of which a chart's columns have these numbers."""
    if combined == "mean":
        return combine([by_day.get(day, 0) for day in period.days], combined)
    return combine(numbers, combined)


def combine(figures: list[int], combined: Combined) -> int:
    """Return what stands for the figures of several days."""
    if combined == "last":
        return figures[-1]
    return sum(figures) if combined == "sum" else round(sum(figures) / len(figures))


def totals(days: list[date], known: Mapping[date, int], gained: Mapping[date, int], *, at_last: int) -> dict[date, int]:
    """Return how much there was by the end of each day.

    Known is `at_last`, how much it is by the last day, and how much it was on some; before those, what was gained
    later is taken off.
    """
    found: dict[date, int] = {}
    total = at_last
    for day in reversed(days):
        found[day] = total = max(known.get(day, total), 0)
        total -= gained.get(day, 0)
    return found
