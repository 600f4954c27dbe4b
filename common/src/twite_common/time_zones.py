"""The time zones that users can choose, by their IANA names."""

import zoneinfo
from functools import cache


@cache
def names() -> frozenset[str]:
    """Return every name that is known here. Looking them up reads a folder of files, so it is done once."""
    return frozenset(zoneinfo.available_timezones())
