"""Who is blocked from signing up or from using the site."""

from collections.abc import Collection

import msgspec
from sqlalchemy import BigInteger, Connection, Integer, LargeBinary, bindparam, func, or_, select

from twite_common.queries.paging import Page, Pageable
from twite_common.sql.dialects import among
from twite_common.tables import canonical_email_block, email_domain_block, email_domain_refusal, ip_block
from twite_common.visibility import NOW


class EmailDomainBlock(msgspec.Struct, frozen=True):
    """A provider of mail that is kept out, with all below it."""

    id: int
    domain: str


class Refusals(msgspec.Struct, frozen=True):
    """How many sign-ups were refused on a day, counted from the epoch, and from how many addresses of the network."""

    day: int
    number: int
    addresses: int


class EmailBlock(msgspec.Struct, frozen=True):
    """A mail address that is kept out, known by its hash only."""

    id: int
    email_hash: bytes


class NetworkBlock(msgspec.Struct, frozen=True):
    """A network that is kept out. `expires_at` is in milliseconds; None: never."""

    id: int
    network: str
    severity: str
    comment: str
    expires_at: int | None


_ID = bindparam("id", type_=BigInteger)
_DOMAIN = select(email_domain_block.c.id, email_domain_block.c.domain)
_EMAIL = select(canonical_email_block.c.id, canonical_email_block.c.email_hash)
_NETWORK = select(*[ip_block.c[name] for name in NetworkBlock.__struct_fields__])
DOMAINS = Pageable(_DOMAIN, email_domain_block.c.id)
DOMAIN = _DOMAIN.where(email_domain_block.c.id == _ID)
EMAILS = Pageable(_EMAIL, canonical_email_block.c.id)
EMAIL = _EMAIL.where(canonical_email_block.c.id == _ID)
EMAIL_BY_HASH = _EMAIL.where(canonical_email_block.c.email_hash == bindparam("hash", type_=LargeBinary))
NETWORKS = Pageable(_NETWORK, ip_block.c.id)
NETWORK = _NETWORK.where(ip_block.c.id == _ID)
REFUSALS = (
    select(
        email_domain_refusal.c.block_id,
        email_domain_refusal.c.day,
        func.sum(email_domain_refusal.c.number),
        func.count(),
    )
    .where(
        among(email_domain_refusal.c.block_id, "ids"),
        email_domain_refusal.c.day >= bindparam("first_day", type_=Integer),
    )
    .group_by(email_domain_refusal.c.block_id, email_domain_refusal.c.day)
)
IN_FORCE = _NETWORK.where(or_(ip_block.c.expires_at.is_(None), ip_block.c.expires_at > NOW))


def domains(db: Connection, page: Page) -> list[EmailDomainBlock]:
    """Return the providers of mail that are kept out, the latest first."""
    return [EmailDomainBlock(*row) for row in DOMAINS.rows(db, page, {})]


def domain(db: Connection, block_id: int) -> EmailDomainBlock | None:
    """Return a provider of mail that is kept out."""
    row = db.execute(DOMAIN, {"id": block_id}).one_or_none()
    return EmailDomainBlock(*row) if row else None


def refusals(db: Connection, block_ids: Collection[int], *, first_day: int) -> dict[int, list[Refusals]]:
    """Return the sign-ups that were refused because of their provider of mail since a day, by block."""
    refusals_by_block: dict[int, list[Refusals]] = {}
    if block_ids:
        for id, *row in db.execute(REFUSALS, {"ids": list(block_ids), "first_day": first_day}):
            refusals_by_block.setdefault(id, []).append(Refusals(*row))
    return refusals_by_block


def emails(db: Connection, page: Page) -> list[EmailBlock]:
    """Return the mail addresses that are kept out, the latest first."""
    return [EmailBlock(*row) for row in EMAILS.rows(db, page, {})]


def email(db: Connection, block_id: int) -> EmailBlock | None:
    """Return a mail address that is kept out."""
    row = db.execute(EMAIL, {"id": block_id}).one_or_none()
    return EmailBlock(*row) if row else None


def email_by_hash(db: Connection, email_hash: bytes) -> EmailBlock | None:
    """Return the block of a mail address with that hash."""
    row = db.execute(EMAIL_BY_HASH, {"hash": email_hash}).one_or_none()
    return EmailBlock(*row) if row else None


def networks(db: Connection, page: Page) -> list[NetworkBlock]:
    """Return the networks that are kept out, the latest first, those whose time is over too."""
    return [NetworkBlock(*row) for row in NETWORKS.rows(db, page, {})]


def network(db: Connection, block_id: int) -> NetworkBlock | None:
    """Return a network that is kept out."""
    row = db.execute(NETWORK, {"id": block_id}).one_or_none()
    return NetworkBlock(*row) if row else None


def networks_in_force(db: Connection, *, now: int) -> list[NetworkBlock]:
    """Return the networks that are kept out now."""
    return [NetworkBlock(*row) for row in db.execute(IN_FORCE, {"now": now})]
