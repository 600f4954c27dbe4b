"""Recording which processes of the site are alive."""

from sqlalchemy import BigInteger, Connection, Text, and_, bindparam, case, delete, or_

from twite_common import clock
from twite_common.sql.dialects import upsert
from twite_common.tables import heartbeat

EVERY_SECONDS = 15.0
"""How often a process that is alive says so."""
KEEP_MS = clock.DAY
"""How long it is known of a process that it was there, unless it said that it ends."""

AWAY_MS = clock.MINUTE
"""After this long without a sign of life a name is another process's: machines give numbers of processes again."""
AHEAD_MS = clock.HOUR
"""What is dated further in the future was written while a clock was wrong."""

_seen = upsert(heartbeat)
SEEN = _seen.on_conflict_do_update(
    index_elements=[heartbeat.c.name],
    set_={
        "seen_at": _seen.excluded.seen_at,
        "started_at": case(
            (heartbeat.c.seen_at < _seen.excluded.seen_at - AWAY_MS, _seen.excluded.started_at),
            # Otherwise it would be about to start for as long as a clock was ahead.
            (heartbeat.c.started_at > _seen.excluded.seen_at, _seen.excluded.started_at),
            else_=heartbeat.c.started_at,
        ),
    },
)
FORGET = delete(heartbeat).where(heartbeat.c.name == bindparam("the_name", type_=Text))
FORGET_OTHERS = delete(heartbeat).where(
    or_(
        heartbeat.c.seen_at < bindparam("before", type_=BigInteger),
        heartbeat.c.seen_at > bindparam("after", type_=BigInteger),
        # Who was killed took no leave, and would be missed when the others have.
        and_(
            heartbeat.c.kind == bindparam("the_kind", type_=Text),
            heartbeat.c.seen_at < bindparam("away_before", type_=BigInteger),
        ),
    )
)


def record(db: Connection, name: str, kind: str, *, now: int) -> None:
    """Record that a process is alive.

    Forget others of its kind that haven't been for a minute, since one is there; who hasn't been for a day; and what a
    wrong clock has dated.
    """
    db.execute(SEEN, {"name": name, "kind": kind, "started_at": now, "seen_at": now})
    others = {"before": now - KEEP_MS, "after": now + AHEAD_MS, "the_kind": kind, "away_before": now - AWAY_MS}
    db.execute(FORGET_OTHERS, others)


def forget(db: Connection, name: str) -> None:
    """Record that a process ends: nobody is to wait for it."""
    db.execute(FORGET, {"the_name": name})
