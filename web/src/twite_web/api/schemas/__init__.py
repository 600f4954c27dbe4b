"""The API's schemas: what its clients are sent, with the names that they know."""

from datetime import UTC, datetime

import msgspec


class Entity(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the API answers with: plain data with the names that its clients know."""


class Empty(Entity, frozen=True, kw_only=True, gc=False):
    """An answer that says nothing but that it was done."""


def timestamp(at: int) -> str:
    """Return a time in milliseconds as the API writes it, such as 2026-02-25T11:35:01.394Z."""
    moment = datetime.fromtimestamp(at // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at % 1000:03}Z"
