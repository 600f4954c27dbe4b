"""How pages write times."""

from twite_common import clock, formats
from twite_common.translations import gettext as _
from twite_common.translations import ngettext

MINUTE, HOUR, DAY = 60, 3600, 86_400
"""In seconds."""


def ago(at: int, now: int) -> str:
    """Return how long ago a time was, in a word; after a week, the day."""
    seconds = max(0, (now - at) // clock.SECOND)
    if seconds < MINUTE:
        return _("now")
    if seconds < HOUR:
        return ngettext("%(count)s min", "%(count)s min", seconds // MINUTE)
    if seconds < DAY:
        return ngettext("%(count)s h", "%(count)s h", seconds // HOUR)
    if seconds < 7 * DAY:
        return ngettext("%(count)s d", "%(count)s d", seconds // DAY)
    return formats.short_day(clock.as_date(at))


def when(at: int, now: int) -> str:
    """Return when a time was, within a sentence: a moment ago, so long ago, or on that day."""
    age, seconds = ago(at, now), max(0, (now - at) // clock.SECOND)
    if seconds < MINUTE:
        return _("a moment ago")
    return _("%(age)s ago", age=age) if seconds < 7 * DAY else _("on %(day)s", day=age)


def iso(at: int) -> str:
    """Return a time as ISO 8601 writes it."""
    return clock.as_datetime(at).isoformat(timespec="seconds")


def month(at: int) -> str:
    """Return the month of a time, as people write it."""
    return formats.month(clock.as_date(at))


def day(at: int) -> str:
    """Return the day of a time, as people write it."""
    return formats.day(clock.as_date(at))


def date(at: int) -> str:
    """Return a time to the minute, as people write it."""
    return _("%(day)s, %(time)s UTC", day=day(at), time=formats.time(clock.as_datetime(at)))
