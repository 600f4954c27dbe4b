"""How far people have read their timelines."""

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, select

from twite_common.tables import marker


class Marker(msgspec.Struct, frozen=True):
    """The last entry of a timeline that somebody has read. `updated_at` is in milliseconds."""

    timeline: str
    last_read_id: int
    version: int
    updated_at: int


OF_ACCOUNT = select(marker.c.timeline, marker.c.last_read_id, marker.c.version, marker.c.updated_at).where(
    marker.c.account_id == bindparam("id", type_=BigInteger)
)


def of_account(db: Connection, account_id: int) -> dict[str, Marker]:
    """Return an account's markers by timeline; only those that were ever set."""
    return {row[0]: Marker(*row) for row in db.execute(OF_ACCOUNT, {"id": account_id})}
