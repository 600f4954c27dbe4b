"""Periodic jobs: when each last did its work decides when it is due, whatever the clock's ticks say."""

from sqlalchemy import BigInteger, Connection, Text, bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_ignore

from twite_common import clock
from twite_common.tables import job

STALE_MS = 15 * clock.MINUTE
"""After this long, whoever started a job without finishing it is taken for dead."""

_NAME = bindparam("the_name", type_=Text)
ADD = insert_or_ignore(job).on_conflict_do_nothing()
START = (
    update(job)
    .where(
        job.c.name == _NAME,
        or_(job.c.succeeded_at.is_(None), job.c.succeeded_at <= bindparam("due_before", type_=BigInteger)),
        or_(job.c.started_at.is_(None), job.c.started_at <= bindparam("stale_before", type_=BigInteger)),
    )
    .values(started_at=bindparam("now", type_=BigInteger))
)
CHANGE = update(job).where(job.c.name == _NAME)
LAST = select(job.c.succeeded_at).where(job.c.name == _NAME)


def start(db: Connection, name: str, *, now: int, every_ms: int) -> bool:
    """Say whether a job is due and nobody else is at it; if so it is taken to have started."""
    db.execute(ADD, {"name": name})
    parameters = {"the_name": name, "now": now, "due_before": now - every_ms, "stale_before": now - STALE_MS}
    return bool(db.execute(START, parameters).rowcount)


def succeed(db: Connection, name: str, *, now: int) -> None:
    """Record that a job has done its work."""
    db.execute(CHANGE.values(succeeded_at=now, started_at=None, error=""), {"the_name": name})


def fail(db: Connection, name: str, error: str) -> None:
    """Record that a job failed; it is due again at the next tick."""
    db.execute(CHANGE.values(started_at=None, error=error[:1000]), {"the_name": name})


def last_success(db: Connection, name: str) -> int | None:
    """Return when a job last did its work, in milliseconds."""
    return db.scalar(LAST, {"the_name": name})
