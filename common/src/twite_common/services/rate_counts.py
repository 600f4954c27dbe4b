"""How often something was done within a period of time, across all processes."""

from collections.abc import Collection

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, delete

from twite_common.sql.dialects import upsert
from twite_common.tables import rate_count


class Counted(msgspec.Struct, frozen=True):
    """What one process has counted: under which name, the period's end in milliseconds, and how often."""

    subject: str
    ends_at: int
    number: int


_add = upsert(rate_count)
ADD = _add.on_conflict_do_update(
    index_elements=[rate_count.c.subject], set_={"number": rate_count.c.number + _add.excluded.number}
).returning(rate_count.c.subject, rate_count.c.number)
FORGET_OLD = delete(rate_count).where(rate_count.c.ends_at <= bindparam("now", type_=BigInteger))


def subject(name: str, of: int | str, number: int) -> str:
    """Return what something is counted under: its name, who does it, and the number of the period since the epoch."""
    return f"{name}:{of}:{number}"


def add(db: Connection, counted: Collection[Counted]) -> dict[str, int]:
    """Add what was counted to what others have, and return all of it by subject."""
    # In one order everywhere, so that two processes never wait for each other.
    rows = [msgspec.structs.asdict(entry) for entry in sorted(counted, key=lambda entry: entry.subject)]
    return {row.subject: row.number for row in db.execute(ADD, rows)} if rows else {}


def forget_old(db: Connection, *, now: int) -> None:
    """Remove counts of periods that are over."""
    db.execute(FORGET_OLD, {"now": now})
