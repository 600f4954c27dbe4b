"""How pages write times."""

from twite_common import clock


def ago(at: int, now: int) -> str:
    """Return how long ago a time was, in a word; after a week, the day."""
    seconds = max(0, (now - at) // clock.SECOND)
    if seconds < 60:
        return "now"
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            if unit == "d" and seconds >= 7 * length:
                return f"{clock.as_datetime(at):%-d %b %Y}"
            return f"{seconds // length} {unit}"
    return "now"


def when(at: int, now: int) -> str:
    """Return when a time was, within a sentence: a moment ago, so long ago, or on that day."""
    age = ago(at, now)
    if age == "now":
        return "a moment ago"
    return f"{age} ago" if age[-1].isalpha() else f"on {age}"


def iso(at: int) -> str:
    """Return a time as ISO 8601 writes it."""
    return clock.as_datetime(at).isoformat(timespec="seconds")


def day(at: int) -> str:
    """Return the day of a time, as people write it."""
    return f"{clock.as_datetime(at):%-d %B %Y}"


def date(at: int) -> str:
    """Return a time to the minute, as people write it."""
    return f"{clock.as_datetime(at):%-d %B %Y, %H:%M} UTC"
