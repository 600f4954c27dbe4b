"""The one place that reads the time; everything else takes `now` as an argument."""

import time
from datetime import UTC, date, datetime, timedelta

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
SKEW_MS = MINUTE
"""How far the clocks of a site's machines may be apart. A time that the system itself wrote and that lies further ahead
was written before the clock was set back."""
MAX_SECONDS = 100 * 365 * DAY // SECOND
"""What people ask for ends after this long at the latest: the times of all too far a future can't be written down."""


def now() -> int:
    """Return the time in milliseconds since the epoch, UTC."""
    return time.time_ns() // 1_000_000


def after(now: int, seconds: int) -> int:
    """Return the time so many seconds later, as people ask for them: not before, and within a hundred years."""
    return now + min(max(seconds, 0), MAX_SECONDS) * SECOND


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
