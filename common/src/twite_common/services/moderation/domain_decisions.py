"""Decisions about other servers: data only, since this site talks to none.

Each function raises NotAllowed without the permission, and each change is recorded.
"""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import BigInteger, Connection, bindparam, delete, insert, update

from twite_common import ids, permissions, text
from twite_common.errors import Invalid, NotFound
from twite_common.queries.moderation import domain_decisions as queries
from twite_common.queries.moderation.domain_decisions import DomainBlock
from twite_common.queries.viewers import Viewer
from twite_common.services import audit_log
from twite_common.services.validators import checked_domain
from twite_common.tables import domain_allow, domain_block
from twite_common.translations import gettext as _

MAX_COMMENT_LENGTH = 1000
SEVERITIES = ("noop", "silence", "suspend")
"""How far a server is kept out, each further than those before it."""


class DomainBlockChanges(msgspec.Struct, frozen=True, kw_only=True):
    """How a server is to be kept out; what is left out stays, or for a new decision is the table's default."""

    severity: str | UnsetType = UNSET
    reject_media: bool | UnsetType = UNSET
    reject_reports: bool | UnsetType = UNSET
    private_comment: str | UnsetType | None = UNSET
    public_comment: str | UnsetType | None = UNSET
    obfuscate: bool | UnsetType = UNSET


class AlreadyBlocked(Invalid):
    """The server, or one that it is part of, is kept out already; `existing` is that decision."""

    def __init__(self, domain: str, existing: DomainBlock) -> None:
        super().__init__(_("You have already imposed stricter limits on %(domain)s.", domain=domain))
        self.existing = existing


_ID = bindparam("the_id", type_=BigInteger)
ADD_BLOCK = insert(domain_block)
CHANGE_BLOCK = update(domain_block).where(domain_block.c.id == _ID)
DROP_BLOCK = delete(domain_block).where(domain_block.c.id == _ID)
ADD_ALLOW = insert(domain_allow)
DROP_ALLOW = delete(domain_allow).where(domain_allow.c.id == _ID)


def block(db: Connection, *, now: int, viewer: Viewer, domain: str, changes: DomainBlockChanges) -> int:
    """Decide to keep a server out and return the decision's id.

    Raises Invalid for what is no domain or severity, AlreadyBlocked when it is kept out as far already.
    """
    permissions.check(viewer, "manage_federation")
    name, columns = checked_domain(domain), _columns(changes)
    _check_new(db, name, columns.get("severity", "silence"))
    id = ids.new(now)
    db.execute(ADD_BLOCK, {"id": id, "domain": name, **columns})
    audit_log.record(db, viewer, "create", "domain_block", now=now, target_id=id, target_name=name)
    return id


def change_block(db: Connection, *, now: int, viewer: Viewer, block_id: int, changes: DomainBlockChanges) -> None:
    """Change how a server is to be kept out. Raises NotFound when that isn't decided, Invalid for the severity."""
    permissions.check(viewer, "manage_federation")
    decision, columns = _found(queries.block(db, block_id)), _columns(changes)
    if columns:
        db.execute(CHANGE_BLOCK.values(columns), {"the_id": block_id})
    audit_log.record(db, viewer, "update", "domain_block", now=now, target_id=block_id, target_name=decision.domain)


def unblock(db: Connection, *, now: int, viewer: Viewer, block_id: int) -> None:
    """Take a decision to keep a server out back. Raises NotFound when there is none."""
    permissions.check(viewer, "manage_federation")
    decision = _found(queries.block(db, block_id))
    db.execute(DROP_BLOCK, {"the_id": block_id})
    audit_log.record(db, viewer, "delete", "domain_block", now=now, target_id=block_id, target_name=decision.domain)


def allow(db: Connection, *, now: int, viewer: Viewer, domain: str) -> int:
    """Decide to let a server in and return the decision's id; deciding twice changes nothing.

    Raises Invalid for what is no domain.
    """
    permissions.check(viewer, "manage_federation")
    name = checked_domain(domain)
    decision = queries.allow_of(db, name)
    if decision is not None:
        return decision.id
    id = ids.new(now)
    db.execute(ADD_ALLOW, {"id": id, "domain": name})
    audit_log.record(db, viewer, "create", "domain_allow", now=now, target_id=id, target_name=name)
    return id


def disallow(db: Connection, *, now: int, viewer: Viewer, allow_id: int) -> None:
    """Take a decision to let a server in back. Raises NotFound when there is none."""
    permissions.check(viewer, "manage_federation")
    decision = queries.allow(db, allow_id)
    if decision is None:
        raise NotFound(_("There is no such decision."))
    db.execute(DROP_ALLOW, {"the_id": allow_id})
    audit_log.record(db, viewer, "delete", "domain_allow", now=now, target_id=allow_id, target_name=decision.domain)


def _check_new(db: Connection, name: str, severity: str) -> None:
    """Raise AlreadyBlocked for a server that is decided about, or part of one that is kept out at least as far."""
    parts = name.split(".")
    names = [".".join(parts[start:]) for start in range(len(parts))]
    for block in queries.blocks_of(db, names):
        if block.domain == name or SEVERITIES.index(block.severity) >= SEVERITIES.index(severity):
            raise AlreadyBlocked(block.domain, block)


def _found(decision: DomainBlock | None) -> DomainBlock:
    if decision is None:
        raise NotFound(_("There is no such decision."))
    return decision


def _columns(changes: DomainBlockChanges) -> dict[str, Any]:
    columns = {name: value for name, value in msgspec.structs.asdict(changes).items() if value is not UNSET}
    if columns.get("severity", SEVERITIES[0]) not in SEVERITIES:
        sentence = _("Validation failed: Severity must be one of %(severities)s", severities=", ".join(SEVERITIES))
        raise Invalid(sentence, {"severity": [("ERR_INCLUSION", _("There is no such severity."))]})
    for name in ("private_comment", "public_comment"):
        if columns.get(name) is not None:
            columns[name] = text.clean(columns[name])
            if beyond := text.excess(columns[name], MAX_COMMENT_LENGTH):
                sentence = _("A comment can have at most %(limit)s.", limit=beyond)
                raise Invalid(
                    _("Validation failed: %(sentence)s", sentence=sentence), {name: [("ERR_TOO_LONG", sentence)]}
                )
    return columns
