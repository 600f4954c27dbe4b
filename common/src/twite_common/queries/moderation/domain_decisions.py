"""What administrators decided about other servers."""

from collections.abc import Collection

import msgspec
from sqlalchemy import BigInteger, Connection, Text, bindparam, select

from twite_common.queries.paging import Page, Pageable
from twite_common.sql.dialects import among
from twite_common.tables import domain_allow, domain_block


class DomainBlock(msgspec.Struct, frozen=True):
    """A server that is to be kept out."""

    id: int
    domain: str
    severity: str
    reject_media: bool
    reject_reports: bool
    private_comment: str | None
    public_comment: str | None
    obfuscate: bool


class DomainAllow(msgspec.Struct, frozen=True):
    """A server that may come in."""

    id: int
    domain: str


_BLOCK = select(*[domain_block.c[name] for name in DomainBlock.__struct_fields__])
_ALLOW = select(domain_allow.c.id, domain_allow.c.domain)
_ID, _DOMAIN = bindparam("id", type_=BigInteger), bindparam("domain", type_=Text)
BLOCKS = Pageable(_BLOCK, domain_block.c.id)
BLOCK = _BLOCK.where(domain_block.c.id == _ID)
BLOCKS_OF = _BLOCK.where(among(domain_block.c.domain, "domains"))
ALLOWS = Pageable(_ALLOW, domain_allow.c.id)
ALLOW = _ALLOW.where(domain_allow.c.id == _ID)
ALLOW_OF = _ALLOW.where(domain_allow.c.domain == _DOMAIN)


def blocks(db: Connection, page: Page) -> list[DomainBlock]:
    """Return the servers to be kept out, the latest decision first."""
    return [DomainBlock(*row) for row in BLOCKS.rows(db, page, {})]


def block(db: Connection, block_id: int) -> DomainBlock | None:
    """Return a decision to keep a server out."""
    row = db.execute(BLOCK, {"id": block_id}).one_or_none()
    return DomainBlock(*row) if row else None


def blocks_of(db: Connection, domains: Collection[str]) -> list[DomainBlock]:
    """Return the decisions to keep these servers out, those with the longest names first."""
    blocks = [DomainBlock(*row) for row in db.execute(BLOCKS_OF, {"domains": list(domains)})]
    return sorted(blocks, key=lambda block: len(block.domain), reverse=True)


def allows(db: Connection, page: Page) -> list[DomainAllow]:
    """Return the servers that may come in, the latest decision first."""
    return [DomainAllow(*row) for row in ALLOWS.rows(db, page, {})]


def allow(db: Connection, allow_id: int) -> DomainAllow | None:
    """Return a decision to let a server in."""
    row = db.execute(ALLOW, {"id": allow_id}).one_or_none()
    return DomainAllow(*row) if row else None


def allow_of(db: Connection, domain: str) -> DomainAllow | None:
    """Return the decision to let that server in."""
    row = db.execute(ALLOW_OF, {"domain": domain}).one_or_none()
    return DomainAllow(*row) if row else None
