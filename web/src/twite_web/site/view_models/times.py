"""How pages write times: in the visitor's time zone."""

from datetime import UTC, datetime
from datetime import date as calendar_date

from twite_common import clock, formats, time_zones
from twite_common.translations import gettext as _
from twite_common.translations import ngettext

WEEK = 7 * clock.DAY


def ago(at: int, now: int) -> str:
    """Return how long ago a time was, in a word; after a week, the day."""
    age = now - at
    if age < clock.MINUTE:
        return _("now")
    if age < clock.HOUR:
        return ngettext("%(count)s min", "%(count)s min", age // clock.MINUTE)
    if age < clock.DAY:
        return ngettext("%(count)s h", "%(count)s h", age // clock.HOUR)
    if age < WEEK:
        return ngettext("%(count)s d", "%(count)s d", age // clock.DAY)
    return formats.short_day(_date(at))


def when(at: int, now: int) -> str:
    """Return when a time was, within a sentence: a moment ago, so long ago, or on that day."""
    age = now - at
    if age < clock.MINUTE:
        return _("a moment ago")
    return _("%(age)s ago", age=ago(at, now)) if age < WEEK else _("on %(day)s", day=ago(at, now))


def iso(at: int) -> str:
    """Return a time as ISO 8601 writes it."""
    return clock.as_datetime(at).isoformat(timespec="seconds")


def month(at: int) -> str:
    """Return the month of a time, as people write it."""
    return formats.month(_date(at))


def year(at: int) -> str:
    """Return the year of a time."""
    return str(_date(at).year)


def day(at: int) -> str:
    """Return the day of a time, as people write it."""
    return formats.day(_date(at))


def date(at: int) -> str:
    """Return a time to the minute, as people write it; UTC is named, since it may be nobody's choice."""
    local = _local(at)
    values = {"day": formats.day(local.date()), "time": formats.time(local)}
    in_utc = str(local.tzinfo) == str(UTC)
    return _("%(day)s, %(time)s UTC", **values) if in_utc else _("%(day)s, %(time)s", **values)


def _local(at: int) -> datetime:
    return clock.as_datetime(at).astimezone(time_zones.current())


def _date(at: int) -> calendar_date:
    return _local(at).date()
