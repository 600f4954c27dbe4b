"""Servers that a user has blocked."""

import msgspec
from sqlalchemy import Connection, select

from twite_common.queries.paging import Page, Pageable
from twite_common.tables import account_domain_block
from twite_common.visibility import VIEWER


class BlockedDomain(msgspec.Struct, frozen=True):
    """A server's name in a list that is paged by when it came into it; `cursor` is that entry's id."""

    cursor: int
    domain: str


BLOCKED = Pageable(
    select(account_domain_block.c.id, account_domain_block.c.domain).where(account_domain_block.c.account_id == VIEWER),
    account_domain_block.c.id,
)


def blocked_domains(db: Connection, page: Page, *, viewer_id: int) -> list[BlockedDomain]:
    """Return which servers the viewer blocks, the latest first."""
    return [BlockedDomain(*row) for row in BLOCKED.rows(db, page, {"viewer_id": viewer_id})]
