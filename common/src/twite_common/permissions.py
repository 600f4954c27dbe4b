"""What staff may do, by role. The names and bits are those of the client API's roles."""

from twite_common.errors import NotAllowed
from twite_common.queries.viewers import Viewer
from twite_common.translations import gettext as _

NAMES = (
    "administrator",
    "view_devops",
    "view_audit_log",
    "view_dashboard",
    "manage_reports",
    "manage_federation",
    "manage_settings",
    "manage_blocks",
    "manage_taxonomies",
    "manage_appeals",
    "manage_users",
    "manage_invites",
    "manage_rules",
    "manage_announcements",
    "manage_custom_emojis",
    "manage_webhooks",
    "invite_users",
    "manage_roles",
    "manage_user_access",
    "delete_user_data",
    "view_feeds",
)
BITS = {name: 1 << number for number, name in enumerate(NAMES)}
_EVERYBODY = BITS["invite_users"]
PERMISSIONS: dict[str, int] = {
    "": _EVERYBODY,
    "moderator": _EVERYBODY
    | BITS["view_audit_log"]
    | BITS["view_dashboard"]
    | BITS["manage_reports"]
    | BITS["manage_taxonomies"]
    | BITS["manage_users"],
    "admin": sum(BITS.values()),
}
"""What each role may do. They are in the order of their power: each is above those before it."""
_RANKS = tuple(PERMISSIONS)


def may(role: str, permission: str) -> bool:
    """Say whether a role has a permission."""
    return bool(PERMISSIONS[role] & BITS[permission])


def of_role(role: str) -> frozenset[str]:
    """Return the names of a role's permissions."""
    return frozenset(name for name in NAMES if may(role, name))


def roles_with(permission: str) -> list[str]:
    """Return the roles that have a permission."""
    return [role for role in PERMISSIONS if may(role, permission)]


def check(viewer: Viewer, permission: str) -> None:
    """Raise NotAllowed unless the viewer's role has a permission."""
    if viewer.role_rests:
        raise NotAllowed(_("Your role rests until you set up a second factor: in the settings, under “Security”."))
    if not may(viewer.role, permission):
        raise NotAllowed(_("This action is not allowed"))


def is_above(role: str, other: str) -> bool:
    """Say whether somebody with a role has power over somebody with another."""
    return _RANKS.index(role) > _RANKS.index(other)
