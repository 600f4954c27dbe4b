"""What a process keeps in memory, by the version of what it was made from, so never stale."""

from collections.abc import Hashable
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec
from markupsafe import Markup

from twite_common.filtering import Matcher

if TYPE_CHECKING:
    from twite_web.api.schemas.accounts import Account
    from twite_web.api.schemas.posts import Status
    from twite_web.rendering import Rendered
    from twite_web.site.view_models.accounts import AccountView

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

KEPT = 20_000
KEPT_CARDS = 100
"""Pictures of posts, 20 to 40 kB each."""
KEPT_PAGES = 200
"""Whole pages, 20 to 60 kB each."""


class Versions(Generic[Key, Value]):
    """A bounded store of what was made from a version of something; the oldest entry goes first.

    Each step is one operation on a dict, so that threads need no lock.
    """

    def __init__(self, limit: int = KEPT) -> None:
        self._limit = limit
        self._made: dict[Key, Value] = {}

    def get(self, key: Key) -> Value | None:
        """Return what was made from this version, or None."""
        return self._made.get(key)

    def put(self, key: Key, value: Value) -> Value:
        """Keep what was made from this version, and return it."""
        if len(self._made) >= self._limit:
            oldest = next(iter(self._made), None)
            if oldest is not None:
                self._made.pop(oldest, None)
        self._made[key] = value
        return value


class Caches(msgspec.Struct, frozen=True):
    """All that a process keeps of a site.

    Accounts are known by id and version, the API's posts by id and version and their author's version, rendered texts
    of posts by id and version, filters by their owner's id and their version. `headers` of posts on pages depend on
    more (`twite_web.site.view_models.posts`). Above answers, a former username may be shown a while longer: it leads to
    the account. `share_cards` are known by their entity tag; one that can't be drawn is empty. `pages` for strangers
    are known by their entity tag and the query of their address.
    """

    accounts: "Versions[tuple[int, int], Account]" = msgspec.field(default_factory=Versions)
    account_views: "Versions[tuple[int, int], AccountView]" = msgspec.field(default_factory=Versions)
    usernames: Versions[int, str] = msgspec.field(default_factory=Versions)
    posts: "Versions[tuple[int, int, int], Status]" = msgspec.field(default_factory=Versions)
    texts: "Versions[tuple[int, int], Rendered]" = msgspec.field(default_factory=Versions)
    headers: Versions[tuple[object, ...], Markup] = msgspec.field(default_factory=Versions)
    share_cards: Versions[str, bytes] = msgspec.field(default_factory=lambda: Versions(KEPT_CARDS))
    pages: Versions[tuple[str, bytes], bytes] = msgspec.field(default_factory=lambda: Versions(KEPT_PAGES))
    matchers: Versions[tuple[int, int], Matcher] = msgspec.field(default_factory=Versions)
