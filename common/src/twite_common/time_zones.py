"""The time zones that users can choose, by their IANA names.

Which one times are written in is a matter of the context, as the language is: UTC, until `switch` says otherwise.
"""

import zoneinfo
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, tzinfo
from functools import cache

from twite_common import clock
from twite_common.errors import Invalid
from twite_common.settings import time_zone
from twite_common.translations import gettext as _

_current: ContextVar[tzinfo] = ContextVar("time_zone", default=UTC)


def current() -> tzinfo:
    """Return the time zone that times are written in here."""
    return _current.get()


def switch(zone: str) -> None:
    """Have times written in a zone in the rest of this context, which must be one that ends: a request's."""
    _current.set(time_zone(zone))


@cache
def names() -> frozenset[str]:
    """Return every name that is known here. Looking them up reads a folder of files, so it is done once."""
    return frozenset(zoneinfo.available_timezones())


def from_local(text: str, zone: str) -> int:
    """Return a time that somebody wrote as their clocks show it, such as 2026-12-24T18:30, in milliseconds.

    Raises Invalid for what is no time.
    """
    try:
        moment = datetime.fromisoformat(text).replace(tzinfo=zoneinfo.ZoneInfo(zone))
        return int(moment.timestamp()) * clock.SECOND
    except (ValueError, OverflowError) as error:
        raise Invalid(_("Please choose a date and a time.")) from error


def start_of(day: date, zone: tzinfo) -> int:
    """Return the first millisecond of a day in a time zone."""
    return int(datetime.combine(day, time.min, zone).timestamp()) * clock.SECOND


def as_local(at: int, zone: str) -> datetime:
    """Return a time in milliseconds as clocks show it somewhere."""
    return clock.as_datetime(at).astimezone(zoneinfo.ZoneInfo(zone))
