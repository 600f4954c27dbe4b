"""Servers that the site blocks or limits."""

import msgspec
from sqlalchemy import Connection, or_, select

from twite_common.tables import domain_block


class DomainBlock(msgspec.Struct, frozen=True):
    """A server that is blocked; an obfuscated one isn't named in full to the public."""

    domain: str
    severity: str
    public_comment: str | None
    obfuscate: bool


SHOWN = (
    select(domain_block.c.domain, domain_block.c.severity, domain_block.c.public_comment, domain_block.c.obfuscate)
    .where(or_(domain_block.c.severity == "silence", domain_block.c.severity == "suspend"))
    .order_by(domain_block.c.domain)
)


def shown(db: Connection) -> list[DomainBlock]:
    """Return the blocks that the public may know of, by name."""
    return [DomainBlock(*row) for row in db.execute(SHOWN)]
