"""The API's schemas: its responses, with Mastodon's names."""

from datetime import UTC, datetime
from typing import overload

import msgspec


class Entity(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the API answers with: plain data with the names that its clients know."""


class Empty(Entity, frozen=True, kw_only=True, gc=False):
    """An answer that says nothing but that it was done."""


@overload
def timestamp(at: int) -> str: ...
@overload
def timestamp(at: None) -> None: ...
def timestamp(at: int | None) -> str | None:
    """Return a time in milliseconds as the API writes it, such as 2026-02-25T11:35:01.394Z; None for none."""
    if at is None:
        return None
    # A quarter of what strftime takes; every post has one.
    seconds: str = msgspec.to_builtins(datetime.fromtimestamp(at // 1000, UTC))
    return f"{seconds[:-1]}.{at % 1000:03}Z"
