"""What a token may do: OAuth scopes, in Mastodon's hierarchy."""

from functools import lru_cache

_READ = (
    "accounts",
    "blocks",
    "bookmarks",
    "collections",
    "favourites",
    "filters",
    "follows",
    "lists",
    "mutes",
    "notifications",
    "search",
    "statuses",
)
_WRITE = (
    "accounts",
    "blocks",
    "bookmarks",
    "collections",
    "conversations",
    "favourites",
    "filters",
    "follows",
    "lists",
    "media",
    "mutes",
    "notifications",
    "reports",
    "statuses",
)
_ADMIN = (
    "accounts",
    "reports",
    "domain_allows",
    "domain_blocks",
    "ip_blocks",
    "email_domain_blocks",
    "canonical_email_blocks",
)

CONTAINED: dict[str, frozenset[str]] = {
    "read": frozenset(f"read:{name}" for name in _READ),
    "write": frozenset(f"write:{name}" for name in _WRITE),
    "follow": frozenset({"read:blocks", "write:blocks", "read:follows", "write:follows", "read:mutes", "write:mutes"}),
    "push": frozenset(),
    "profile": frozenset(),
    "offline_access": frozenset(),
    "admin:read": frozenset(f"admin:read:{name}" for name in _ADMIN),
    "admin:write": frozenset(f"admin:write:{name}" for name in _ADMIN),
}
"""Each top-level scope and those that it contains.

`offline_access` (OpenID Connect Core, section 11) is asked for by applications that want tokens which expire and
can be refreshed; all others get tokens that last until they are revoked.
"""

ALL: frozenset[str] = frozenset(CONTAINED) | frozenset().union(*CONTAINED.values())
DEFAULT = "read"


@lru_cache(1024)
def allow(granted: frozenset[str], needed: str) -> bool:
    """Say whether granted scopes cover a needed one, themselves or by containing it."""
    return needed in granted or any(needed in CONTAINED.get(scope, ()) for scope in granted)


def unknown(requested_scopes: str) -> list[str]:
    """Return the scopes in a space-separated list that don't exist."""
    return [scope for scope in requested_scopes.split() if scope not in ALL]


def of_staff(requested_scopes: str | None) -> bool:
    """Say whether there are scopes in a space-separated list for what only staff may do."""
    return any(scope.startswith("admin:") for scope in (requested_scopes or "").split())


def within(requested_scopes: str, granted: str) -> bool:
    """Say whether every scope of one space-separated list is covered by another."""
    granted_scopes = frozenset(granted.split())
    return all(allow(granted_scopes, scope) for scope in requested_scopes.split())
