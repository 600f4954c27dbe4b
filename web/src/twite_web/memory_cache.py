"""What a process keeps in memory, by the version of what it was made from, so never stale."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
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
Version = TypeVar("Version", bound=tuple[int, ...])
Value = TypeVar("Value")

KEPT = 20_000
KEPT_POSTS = 5_000
"""Posts: as JSON they mostly have 2 to 4 kB, rendered for pages up to 3 kB, otherwise about 1 kB. A few minutes of a
large site, or all that is read of a small one."""
KEPT_CARDS = 100
"""Pictures of posts, 20 to 40 kB each."""
KEPT_PAGES = 200
"""Whole pages, 20 to 60 kB each."""


class Versions(Generic[Key, Value]):
    """A bounded store of what was made from a version of something, for all threads; the oldest entry goes first."""

    def __init__(self, limit: int = KEPT) -> None:
        self._limit = limit
        # A plain dict takes longer the more of its first entries were removed before.
        self._made: OrderedDict[Key, Value] = OrderedDict()
        self._putting = Lock()

    def __len__(self) -> int:
        """Return how many are kept."""
        return len(self._made)

    def get(self, key: Key) -> Value | None:
        """Return what was made from this version, or None."""
        return self._made.get(key)

    def put(self, key: Key, value: Value) -> Value:
        """Keep what was made from this version, and return it."""
        with self._putting:
            self._made[key] = value
            if len(self._made) > self._limit:
                self._made.popitem(last=False)
        return value


class NewestVersions(Generic[Version, Value]):
    """The same for keys that begin with an id: of each thing, what was made from one version takes the place of others.

    Where all versions stayed, those of a few who write much would fill it.
    """

    def __init__(self, limit: int = KEPT) -> None:
        self._made: Versions[int, tuple[Version, Value]] = Versions(limit)

    def get(self, key: Version) -> Value | None:
        """Return what was made from this version, or None."""
        made = self._made.get(key[0])
        return made[1] if made is not None and made[0] == key else None

    def put(self, key: Version, value: Value) -> Value:
        """Keep what was made from this version, and return it."""
        self._made.put(key[0], (key, value))
        return value


class Caches(msgspec.Struct, frozen=True):
    """All that a process keeps of a site.

    Accounts are known by id and version, the API's posts by id and version and their author's version, rendered texts
    of posts by id and version, and filters by their owner's id and their version. `encoded_posts`, the API's posts as
    JSON, and `headers` of posts on pages are known by all that they are made from: see
    `twite_web.api.serializers.encoded_posts` and `twite_web.site.view_models.posts`. Above answers, a former username
    may be shown a while longer: it leads to the account. `share_cards` are known by their entity tag; one that can't be
    drawn is empty. `pages` for strangers are known by their entity tag and the query of their address.
    """

    accounts: "NewestVersions[tuple[int, int], Account]" = msgspec.field(default_factory=NewestVersions)
    account_views: "NewestVersions[tuple[int, int], AccountView]" = msgspec.field(default_factory=NewestVersions)
    usernames: Versions[int, str] = msgspec.field(default_factory=Versions)
    posts: "NewestVersions[tuple[int, int, int], Status]" = msgspec.field(
        default_factory=lambda: NewestVersions(KEPT_POSTS)
    )
    encoded_posts: Versions[Hashable, msgspec.Raw] = msgspec.field(default_factory=lambda: Versions(KEPT_POSTS))
    texts: "NewestVersions[tuple[int, int], Rendered]" = msgspec.field(
        default_factory=lambda: NewestVersions(KEPT_POSTS)
    )
    headers: Versions[tuple[object, ...], Markup] = msgspec.field(default_factory=lambda: Versions(KEPT_POSTS))
    share_cards: Versions[str, bytes] = msgspec.field(default_factory=lambda: Versions(KEPT_CARDS))
    pages: Versions[tuple[str, bytes], bytes] = msgspec.field(default_factory=lambda: Versions(KEPT_PAGES))
    matchers: NewestVersions[tuple[int, int], Matcher] = msgspec.field(default_factory=NewestVersions)
