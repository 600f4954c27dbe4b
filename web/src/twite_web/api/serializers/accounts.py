"""Where the entities of accounts are made."""

from collections.abc import Collection, Mapping
from typing import Any

from twite_common import ids
from twite_common.clock import DAY, as_date
from twite_common.permissions import PERMISSIONS
from twite_common.post_details import decode_emojis
from twite_common.queries.accounts import accounts as account_queries
from twite_common.queries.accounts.accounts import Account
from twite_common.queries.accounts.relationships import Relationship
from twite_web.api.access import Access
from twite_web.api.schemas import accounts as account_schemas
from twite_web.api.schemas import timestamp
from twite_web.api.schemas.accounts import AccountRole, Field, Role
from twite_web.api.serializers import post_parts
from twite_web.core import Core

ROLES = {"admin": ("1", "Administrator"), "moderator": ("2", "Moderator")}
NO_ROLE = "-99"
ROLE_NAMES = {NO_ROLE: "", **{id: role for role, (id, _) in ROLES.items()}}
"""Our names of roles by the API's ids."""


def verified_at(at: int | None) -> str | None:
    """Return when a field of a profile was verified, if it was."""
    return timestamp(at) if at is not None else None


def accounts(access: Access, account_ids: Collection[int]) -> dict[int, account_schemas.Account]:
    """Return accounts by id, in one statement."""
    return {id: account(access.core, row) for id, row in account_queries.load(access.db, account_ids).items()}


def of_versions(access: Access, versions: Mapping[int, int]) -> dict[int, account_schemas.Account]:
    """Return accounts by id, in the order of their ids; only those are read that weren't made from these versions."""
    cache = access.core.caches.accounts
    kept = {id: cache.get((id, version)) for id, version in versions.items()}
    made = {id: account for id, account in kept.items() if account is not None}
    made |= accounts(access, versions.keys() - made.keys())
    return dict(sorted(made.items()))


def account(core: Core, account: Account) -> account_schemas.Account:
    """Return an account as everybody sees it; a suspended one without texts and pictures."""
    cache, key = core.caches.accounts, (account.id, account.version)
    return cache.get(key) or cache.put(key, account_schemas.Account(**account_values(core, account)))


def account_values(core: Core, account: Account) -> dict[str, Any]:
    """Return the members that every form of an account has."""
    visible = account.suspended_at is None
    avatar, header = (core.addresses.avatar(account.avatar), core.addresses.header(account.header))
    if not visible:
        avatar, header = core.addresses.avatar(None), core.addresses.header(None)
    profile = core.addresses.profile(account.username)
    values: dict[str, Any] = {
        "id": str(account.id),
        "username": account.username,
        "acct": account.username,
        "url": profile,
        "uri": profile,
        "display_name": account.display_name if visible else "",
        "note": core.texts.html(account.bio) if visible else "",
        "avatar": avatar,
        "avatar_static": avatar,
        "header": header,
        "header_static": header,
        "avatar_description": account.avatar_description if visible else "",
        "header_description": account.header_description if visible else "",
        "locked": account.locked,
        "bot": account.bot,
        "discoverable": account.discoverable,
        "indexable": account.indexable,
        "noindex": account.noindex,
        "hide_collections": account.hide_collections,
        "show_media": account.show_media,
        "show_media_replies": account.show_media_replies,
        "show_featured": account.show_featured,
        "created_at": timestamp(ids.created_at(account.id) // DAY * DAY),
        "last_status_at": as_date(account.last_post_at).isoformat() if account.last_post_at else None,
        "followers_count": account.followers_count,
        "following_count": account.following_count,
        "statuses_count": account.posts_count,
        "fields": _fields(core, account) if visible else [],
        "emojis": [post_parts.emoji(core.addresses, emoji) for emoji in decode_emojis(account.emojis)]
        if visible
        else [],
        "roles": shown_roles(account.role),
    }
    if account.limited_at is not None:
        values["limited"] = True
    return values if visible else {**values, "suspended": True}


def relationship(relationship: Relationship) -> account_schemas.Relationship:
    """Return how the viewer stands to an account."""
    return account_schemas.Relationship(
        id=str(relationship.account_id),
        following=relationship.following,
        showing_reblogs=relationship.boosts,
        notifying=relationship.notify,
        languages=relationship.languages.strip(",").split(",") if relationship.languages else None,
        followed_by=relationship.followed_by,
        blocking=relationship.blocking,
        blocked_by=relationship.blocked_by,
        muting=relationship.muting,
        muting_notifications=relationship.muting_notifications,
        muting_expires_at=timestamp(relationship.muting_expires_at) if relationship.muting_expires_at else None,
        requested=relationship.requested,
        requested_by=relationship.requested_by,
        endorsed=relationship.endorsed,
        note=relationship.note,
    )


def _fields(core: Core, account: Account) -> list[Field]:
    return [
        Field(name=field.name, value=core.texts.html(field.value, me=True), verified_at=verified_at(field.verified_at))
        for field in account_queries.fields_of(account)
    ]


def role(name: str) -> Role:
    """Return what a role may do."""
    id, label = ROLES.get(name, (NO_ROLE, ""))
    return Role(id=id, name=label, color="", permissions=str(PERMISSIONS[name]), highlighted=bool(name))


def shown_roles(name: str) -> list[AccountRole]:
    """Return the role that a profile shows, if it is one."""
    if name not in ROLES:
        return []
    id, label = ROLES[name]
    return [AccountRole(id=id, name=label, color="")]
