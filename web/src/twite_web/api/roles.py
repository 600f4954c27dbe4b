"""Roles, as the API shows them."""

from twite_common.permissions import PERMISSIONS
from twite_web.api.schemas.entities import AccountRole, Role

SHOWN = {"admin": ("1", "Administrator"), "moderator": ("2", "Moderator")}
EVERYBODY = "-99"
NAMES = {EVERYBODY: "", **{id: role for role, (id, _) in SHOWN.items()}}
"""Our names of roles by the API's ids."""


def role(name: str) -> Role:
    """Return what a role may do."""
    id, label = SHOWN.get(name, (EVERYBODY, ""))
    return Role(id=id, name=label, color="", permissions=str(PERMISSIONS[name]), highlighted=bool(name))


def shown_roles(name: str) -> list[AccountRole]:
    """Return the role that a profile shows, if it is one."""
    if name not in SHOWN:
        return []
    id, label = SHOWN[name]
    return [AccountRole(id=id, name=label, color="")]
