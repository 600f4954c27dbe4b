"""Providers of mail addresses that work for a few minutes only."""

from sqlalchemy import BigInteger, Connection, Text, bindparam, func, select

from twite_common.sql.dialects import among
from twite_common.tables import disposable_email_domain

_DOMAIN = disposable_email_domain.c.domain
ANY_OF = select(_DOMAIN).where(among(_DOMAIN, "domains")).limit(1)
COUNT = select(func.count()).select_from(disposable_email_domain)
FROM = (
    select(_DOMAIN)
    .where(bindparam("first", type_=Text) <= _DOMAIN)
    .order_by(_DOMAIN)
    .limit(bindparam("most", type_=BigInteger))
)


def any_of(db: Connection, domains: list[str]) -> bool:
    """Say whether one of these domains is on the list."""
    return db.scalar(ANY_OF, {"domains": domains}) is not None


def count(db: Connection) -> int:
    """Return how many domains are on the list."""
    return int(db.scalars(COUNT).one())


def listed(db: Connection, *, first: str = "", limit: int) -> list[str]:
    """Return domains of the list in their order, from the first one that isn't before `first`."""
    return list(db.scalars(FROM, {"first": first, "most": limit}))
