"""How the API writes times."""

from datetime import UTC, datetime
from typing import overload


@overload
def timestamp(at: int) -> str: ...
@overload
def timestamp(at: None) -> None: ...
def timestamp(at: int | None) -> str | None:
    """Return a time in milliseconds as the API writes it, such as 2026-02-25T11:35:01.394Z; None for none."""
    if at is None:
        return None
    moment = datetime.fromtimestamp(at // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at % 1000:03}Z"
