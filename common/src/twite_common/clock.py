"""The one place that reads the time; everything else is handed `now`."""

import time
from datetime import UTC, date, datetime, timedelta

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def now() -> int:
    """Return the time in milliseconds since the epoch, UTC."""
    return time.time_ns() // 1_000_000


def as_datetime(at: int) -> datetime:
    """Return a time in milliseconds as an aware datetime in UTC."""
    return datetime.fromtimestamp(at / 1000, UTC)


def as_date(at: int) -> date:
    """Return the day, in UTC, that a time in milliseconds falls on."""
    return as_datetime(at).date()


def start_of(day: date) -> int:
    """Return the first millisecond of a day in UTC."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * SECOND


def days(first: date, last: date) -> list[date]:
    """Return every day from `first` to `last`, both included; empty when `last` is earlier."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
