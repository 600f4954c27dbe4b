"""How the API writes times."""

from datetime import UTC, datetime


def timestamp(at: int) -> str:
    """Return a time in milliseconds as the API writes it, such as 2026-02-25T11:35:01.394Z."""
    moment = datetime.fromtimestamp(at // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at % 1000:03}Z"
