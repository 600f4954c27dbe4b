"""How far people have read their timelines."""

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, select

from twite_common.tables import marker

TIMELINES = ("home", "notifications")


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


def last_read(db: Connection, account_id: int) -> dict[str, int]:
    """Return the last entry that an account has read of each timeline; 0 for one without a marker."""
    markers = of_account(db, account_id)
    return {name: markers[name].last_read_id if name in markers else 0 for name in TIMELINES}
