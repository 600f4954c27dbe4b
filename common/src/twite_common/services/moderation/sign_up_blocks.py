"""Blocking e-mail providers, e-mail addresses and networks.

Functions that change this raise NotAllowed without the permission, and each change is recorded.
"""

import hashlib
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypedDict

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import BigInteger, Connection, Integer, LargeBinary, Text, bindparam, delete, insert, select, update

from twite_common import clock, ids, permissions, text
from twite_common.errors import Invalid, NotAllowed, NotFound
from twite_common.queries.moderation import sign_up_blocks as queries
from twite_common.queries.moderation.sign_up_blocks import NetworkBlock
from twite_common.queries.viewers import Viewer
from twite_common.services import audit_log
from twite_common.services.moderation import disposable_domains
from twite_common.services.validators import canonical_email_hash, checked_domain, checked_email
from twite_common.sql.dialects import among, upsert
from twite_common.tables import canonical_email_block, email_domain_block, email_domain_refusal, ip_block
from twite_common.translations import gettext as _
from twite_common.translations import marked

SEVERITIES = ("sign_up_requires_approval", "sign_up_block", "no_access")
"""How far a network is kept out, each further than those before it."""
MAX_COMMENT_LENGTH = 1000
REFUSALS_DAYS = 7


class _NetworkColumns(TypedDict, total=False):
    """Columns of a network's block that are given."""

    network: str
    severity: str
    comment: str
    expires_at: int | None


Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class NetworkChanges(msgspec.Struct, frozen=True, kw_only=True):
    """A network to be kept out, and how far; what is left out stays. `expires_in_seconds` None or 0: for good."""

    network: str | UnsetType = UNSET
    severity: str | UnsetType = UNSET
    comment: str | UnsetType = UNSET
    expires_in_seconds: int | UnsetType | None = UNSET


_ID = bindparam("the_id", type_=BigInteger)
ADD_DOMAIN = upsert(email_domain_block).on_conflict_do_nothing()
DROP_DOMAIN = delete(email_domain_block).where(email_domain_block.c.id == _ID)
ADD_EMAIL = upsert(canonical_email_block).on_conflict_do_nothing()
DROP_EMAIL = delete(canonical_email_block).where(canonical_email_block.c.id == _ID)
ADD_NETWORK = insert(ip_block)
CHANGE_NETWORK = update(ip_block).where(ip_block.c.id == _ID)
DROP_NETWORK = delete(ip_block).where(ip_block.c.id == _ID)
HAS_DOMAIN = select(email_domain_block.c.id).where(among(email_domain_block.c.domain, "domains"))
HAS_EMAIL = select(canonical_email_block.c.id).where(
    canonical_email_block.c.email_hash == bindparam("hash", type_=LargeBinary)
)
_count_refused = upsert(email_domain_refusal).values(number=1)
COUNT_REFUSED = _count_refused.on_conflict_do_update(
    index_elements=list(email_domain_refusal.primary_key), set_={"number": email_domain_refusal.c.number + 1}
)
FORGET_REFUSED = delete(email_domain_refusal).where(email_domain_refusal.c.day < bindparam("first_day", type_=Integer))
BY_NETWORK = select(ip_block.c.id).where(ip_block.c.network == bindparam("network", type_=Text))


def check_email(db: Connection, email: str) -> None:
    """Raise Invalid for a mail address that is kept out, or whose provider is, or one for a few minutes."""
    if _blocks_of(db, email) or db.scalar(HAS_EMAIL, {"hash": canonical_email_hash(email)}):
        sentence = _("This e-mail address can't be used here.")
        raise Invalid(sentence, {"email": [("ERR_BLOCKED", sentence)]})
    disposable_domains.check_email(db, email)


def count_refused(db: Connection, *, now: int, email: str, address: str) -> None:
    """Count a sign-up that is refused because of the provider of its mail address, if it is."""
    for id in _blocks_of(db, email):
        db.execute(COUNT_REFUSED, {"block_id": id, "day": now // clock.DAY, "address": address})


def forget_refused(db: Connection, *, now: int) -> None:
    """Remove the counts of refused sign-ups of more than a week ago."""
    db.execute(FORGET_REFUSED, {"first_day": first_counted_day(now)})


def first_counted_day(now: int) -> int:
    """Return the first day of the last week, from the epoch, of which refused sign-ups are kept."""
    return now // clock.DAY - REFUSALS_DAYS + 1


def check_address(db: Connection, *, now: int, address: str) -> bool:
    """Return whether somebody who signs up from an address must wait for approval.

    Raises NotAllowed for a network from which nobody can sign up.
    """
    here = parsed_address(address)
    if here is None:
        return False
    severities = [
        block.severity for block in queries.networks_in_force(db, now=now) if here in ip_network(block.network)
    ]
    severity = max(severities, key=SEVERITIES.index, default="")
    if severity in {"sign_up_block", "no_access"}:
        raise NotAllowed(_("Nobody can sign up from your network at the moment."))
    return severity == "sign_up_requires_approval"


def networks_without_access(db: Connection, *, now: int) -> list[Network]:
    """Return the networks from which nobody may use the site at all."""
    return [
        ip_network(block.network) for block in queries.networks_in_force(db, now=now) if block.severity == "no_access"
    ]


@lru_cache(1024)
def parsed_address(address: str) -> Address | None:
    """Return an address, one of IPv4 that is written as IPv6 as what it is; None for what isn't one."""
    try:
        ip = ip_address(address)
    except ValueError:
        return None
    return (ip.ipv4_mapped or ip) if isinstance(ip, IPv6Address) else ip


def add_domain(db: Connection, *, now: int, viewer: Viewer, domain: str) -> int:
    """Keep a provider of mail out, with all below it, and return the block's id.

    Raises Invalid for what is no domain, or is kept out already.
    """
    permissions.check(viewer, "manage_blocks")
    id, name = ids.new(now), checked_domain(domain)
    if not db.execute(ADD_DOMAIN, {"id": id, "domain": name}).rowcount:
        raise _taken("domain", _("Validation failed: Domain has already been taken"))
    audit_log.record(db, viewer, "create", "email_domain_block", now=now, target_id=id, target_name=name)
    return id


def remove_domain(db: Connection, *, now: int, viewer: Viewer, block_id: int) -> None:
    """Let a provider of mail in again. Raises NotFound when there is no such block."""
    permissions.check(viewer, "manage_blocks")
    block = queries.domain(db, block_id)
    if block is None:
        raise _not_there()
    db.execute(DROP_DOMAIN, {"the_id": block_id})
    audit_log.record(db, viewer, "delete", "email_domain_block", now=now, target_id=block_id, target_name=block.domain)


def add_email(db: Connection, *, now: int, viewer: Viewer, email: str = "", email_hash: str = "") -> int:
    """Keep a mail address out, given itself or its hash in hexadecimal digits, and return the block's id.

    Raises Invalid for what is neither, or is kept out already.
    """
    permissions.check(viewer, "manage_blocks")
    digest = canonical_email_hash(checked_email(email, smtp_utf8=True)) if email.strip() else _parsed_hash(email_hash)
    id = ids.new(now)
    if not db.execute(ADD_EMAIL, {"id": id, "email_hash": digest}).rowcount:
        raise _taken("canonical_email_hash", _("Validation failed: Canonical email hash has already been taken"))
    audit_log.record(db, viewer, "create", "canonical_email_block", now=now, target_id=id, target_name=digest.hex())
    return id


def remove_email(db: Connection, *, now: int, viewer: Viewer, block_id: int) -> None:
    """Let a mail address in again. Raises NotFound when there is no such block."""
    permissions.check(viewer, "manage_blocks")
    block = queries.email(db, block_id)
    if block is None:
        raise _not_there()
    db.execute(DROP_EMAIL, {"the_id": block_id})
    name = block.email_hash.hex()
    audit_log.record(db, viewer, "delete", "canonical_email_block", now=now, target_id=block_id, target_name=name)


def add_network(db: Connection, *, now: int, viewer: Viewer, address: str, changes: NetworkChanges) -> int:
    """Keep a network out and return the block's id. `address` is the viewer's own, so that they don't shut themselves
    out.

    Raises Invalid for what is no network or severity, or is kept out already.
    """
    permissions.check(viewer, "manage_blocks")
    columns = _columns(changes, now)
    for name, field, sentence in (
        ("network", "ip", marked("IP can't be blank")),
        ("severity", "severity", marked("Severity can't be blank")),
    ):
        if name not in columns:
            raise _invalid(field, _(sentence))
    _check_network(db, columns, None, address)
    id = ids.new(now)
    db.execute(ADD_NETWORK, {"id": id, **columns})
    audit_log.record(db, viewer, "create", "ip_block", now=now, target_id=id, target_name=columns["network"])
    return id


def change_network(
    db: Connection, *, now: int, viewer: Viewer, address: str, block_id: int, changes: NetworkChanges
) -> None:
    """Change how a network is kept out. Raises NotFound when there is no such block, Invalid like `add_network`."""
    permissions.check(viewer, "manage_blocks")
    block, columns = _found_network(db, block_id), _columns(changes, now)
    _check_network(db, _NetworkColumns(network=block.network, severity=block.severity) | columns, block_id, address)
    if columns:
        db.execute(CHANGE_NETWORK.values(**columns), {"the_id": block_id})
    name = columns.get("network", block.network)
    audit_log.record(db, viewer, "update", "ip_block", now=now, target_id=block_id, target_name=name)


def remove_network(db: Connection, *, now: int, viewer: Viewer, block_id: int) -> None:
    """Let a network in again. Raises NotFound when there is no such block."""
    permissions.check(viewer, "manage_blocks")
    block = _found_network(db, block_id)
    db.execute(DROP_NETWORK, {"the_id": block_id})
    audit_log.record(db, viewer, "delete", "ip_block", now=now, target_id=block_id, target_name=block.network)


def _blocks_of(db: Connection, email: str) -> list[int]:
    """Return the ids of the blocks that keep a mail address's provider out."""
    return list(db.scalars(HAS_DOMAIN, {"domains": disposable_domains.domains_above(email)}))


def _columns(changes: NetworkChanges, now: int) -> _NetworkColumns:
    columns: _NetworkColumns = {}
    if changes.network is not UNSET:
        columns["network"] = _parsed_network(changes.network)
    if changes.severity is not UNSET:
        if changes.severity not in SEVERITIES:
            raise _invalid("severity", _("Severity must be one of %(severities)s", severities=", ".join(SEVERITIES)))
        columns["severity"] = changes.severity
    if changes.comment is not UNSET:
        columns["comment"] = text.clean(changes.comment)
        if beyond := text.excess(columns["comment"], MAX_COMMENT_LENGTH):
            raise _invalid("comment", _("Comment is too long (maximum is %(limit)s)", limit=beyond))
    if changes.expires_in_seconds is not UNSET:
        seconds = changes.expires_in_seconds
        columns["expires_at"] = clock.after(now, seconds) if seconds else None
    return columns


def _check_network(db: Connection, columns: _NetworkColumns, block_id: int | None, address: str) -> None:
    """Check that a block is the network's only one, and doesn't shut out who makes it."""
    existing_id = db.scalar(BY_NETWORK, {"network": columns["network"]})
    if existing_id is not None and existing_id != block_id:
        raise _taken("ip", _("Validation failed: IP has already been taken"))
    here = parsed_address(address)
    if columns["severity"] == "no_access" and here is not None and here in ip_network(columns["network"]):
        raise _invalid("ip", _("IP is your own: you would lock yourself out"))


def _found_network(db: Connection, block_id: int) -> NetworkBlock:
    block = queries.network(db, block_id)
    if block is None:
        raise _not_there()
    return block


def _parsed_network(network: str) -> str:
    try:
        return str(ip_network(network.strip(), strict=False))
    except ValueError as error:
        raise _invalid("ip", _("IP is not a valid address or network")) from error


def _parsed_hash(email_hash: str) -> bytes:
    try:
        digest = bytes.fromhex(email_hash)
    except ValueError:
        digest = b""
    if len(digest) != hashlib.sha256().digest_size:
        raise _invalid("canonical_email_hash", _("Canonical email hash can't be blank"))
    return digest


def _invalid(field: str, sentence: str) -> Invalid:
    return Invalid(
        _("Validation failed: %(sentence)s", sentence=sentence),
        {field: [("ERR_INVALID", _("%(sentence)s.", sentence=sentence))]},
    )


def _taken(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, {field: [("ERR_TAKEN", _("This is already blocked."))]})


def _not_there() -> NotFound:
    return NotFound(_("There is no such block."))
