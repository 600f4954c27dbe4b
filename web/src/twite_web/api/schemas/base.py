"""The base of the API's entities."""

import msgspec


class Entity(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the API answers with: plain data with the names that its clients know."""


class Empty(Entity, frozen=True, kw_only=True, gc=False):
    """An answer that says nothing but that it was done."""
