"""Periodic jobs: the last success of each decides when it is due, not the clock's ticks.

Whoever starts a job holds it by a lease: a time that they renew while they are at it. When they die, it runs out.
"""

import secrets

import msgspec
from sqlalchemy import BigInteger, Connection, Text, bindparam, or_, select, update

from twite_common import clock
from twite_common.errors import TwiteError
from twite_common.sql.dialects import upsert
from twite_common.tables import job

RENEW_SECONDS = 10.0
"""How often whoever is at a job says so."""
LEASE_MS = 40 * clock.SECOND
"""After this long without a word, whoever is at a job is taken for dead."""


class Lease(msgspec.Struct, frozen=True):
    """Somebody's hold on a job."""

    name: str
    holder: str


class TakenOver(TwiteError):
    """Somebody else has the job now, because its holder was silent for too long."""


_NAME = bindparam("the_name", type_=Text)
_NOW = bindparam("now", type_=BigInteger)
_AHEAD = bindparam("ahead", type_=BigInteger)
"""Times later than this were written by a clock that has been set back since."""
_HELD = (job.c.name == _NAME, job.c.holder == bindparam("the_holder", type_=Text))
ADD = upsert(job).on_conflict_do_nothing()
START = (
    update(job)
    .where(
        job.c.name == _NAME,
        or_(
            job.c.succeeded_at.is_(None),
            job.c.succeeded_at <= bindparam("due_before", type_=BigInteger),
            job.c.succeeded_at > _AHEAD,
        ),
        or_(
            job.c.started_at.is_(None),
            job.c.started_at <= bindparam("silent_since", type_=BigInteger),
            job.c.started_at > _AHEAD,
        ),
    )
    .values(
        started_at=_NOW,
        holder=bindparam("new_holder", type_=Text),
        every_ms=bindparam("the_period", type_=BigInteger),
    )
)
HOLDER = select(job.c.name).where(*_HELD)
CHANGE = update(job).where(*_HELD)
RENEW = CHANGE.values(started_at=_NOW)
LAST = select(job.c.succeeded_at).where(job.c.name == _NAME)


def start(db: Connection, name: str, *, now: int, every_ms: int) -> Lease | None:
    """Take a job that is due and that nobody is at; None when it isn't due, or somebody is."""
    lease = Lease(name, secrets.token_hex(8))
    db.execute(ADD, {"name": name})
    parameters = {
        "the_name": name,
        "new_holder": lease.holder,
        "the_period": every_ms,
        "now": now,
        "due_before": now - every_ms,
        "silent_since": now - LEASE_MS,
        "ahead": now + clock.SKEW_MS,
    }
    return lease if db.execute(START, parameters).rowcount else None


def renew(db: Connection, lease: Lease, *, now: int) -> None:
    """Say that the holder is still at the job. Raises TakenOver when somebody else is."""
    if not db.execute(RENEW, {**_parameters(lease), "now": now}).rowcount:
        raise _taken_over(lease)


def require(db: Connection, lease: Lease) -> None:
    """Raise TakenOver unless the job is still its holder's."""
    if db.execute(HOLDER, _parameters(lease)).one_or_none() is None:
        raise _taken_over(lease)


def succeed(db: Connection, lease: Lease, *, now: int) -> None:
    """Record that a job has done its work. Raises TakenOver when somebody else is at it: nothing of it may be kept."""
    values = {"succeeded_at": now, "started_at": None, "holder": None, "error": ""}
    if not db.execute(CHANGE.values(values), _parameters(lease)).rowcount:
        raise _taken_over(lease)


def fail(db: Connection, lease: Lease, error: str) -> None:
    """Record that a job failed, unless somebody else is at it by now; it is due again at the next tick."""
    db.execute(CHANGE.values(started_at=None, holder=None, error=error[:1000]), _parameters(lease))


def last_success(db: Connection, name: str) -> int | None:
    """Return when a job last did its work, in milliseconds."""
    return db.scalar(LAST, {"the_name": name})


def _parameters(lease: Lease) -> dict[str, str]:
    return {"the_name": lease.name, "the_holder": lease.holder}


def _taken_over(lease: Lease) -> TakenOver:
    return TakenOver(f"Another process has taken over the job {lease.name}.")
