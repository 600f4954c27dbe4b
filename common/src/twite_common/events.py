"""The outbox: what is to be done because of a write, kept from that write's transaction until it is done.

The broker is only told the ids; a message that is lost is made up for by `due`, one that comes twice finds
nothing.
"""

from typing import Any

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, delete, insert, select, update

from twite_common import clock, ids
from twite_common.database import announce
from twite_common.errors import NotFound
from twite_common.tables import event

TASK = "events.handle"
"""Name of the task that acts on an event, given its id."""

GRACE_MS = 20 * clock.SECOND
"""How long the broker's message has the first try before a periodic job hands the event over again."""

DELAYS_MS = tuple(minutes * clock.MINUTE for minutes in (1, 2, 5, 15, 60, 240, 720))
"""Waits after each failed try; after the last the event is parked."""


class Event(msgspec.Struct, frozen=True):
    """Something that happened and what is needed to act on it. Times in milliseconds."""

    id: int
    kind: str
    payload: str
    attempts: int
    due_at: int
    error: str
    parked_at: int | None

    def details(self) -> dict[str, Any]:
        """Return the payload as it was given to `add`."""
        return msgspec.json.decode(self.payload, type=dict[str, Any])


_ID = bindparam("event_id", type_=BigInteger)
ADD = insert(event)
TAKE = delete(event).where(event.c.id == _ID, event.c.parked_at.is_(None)).returning(*event.c)
GET = select(*event.c).where(event.c.id == _ID)
DUE = (
    select(event.c.id)
    .where(event.c.parked_at.is_(None), event.c.due_at <= bindparam("now", type_=BigInteger))
    .order_by(event.c.due_at)
    .limit(bindparam("limit"))
)
POSTPONE = update(event).where(event.c.id == _ID)
DROP = delete(event).where(event.c.id == _ID)
PENDING = select(*event.c).order_by(event.c.id).limit(bindparam("limit"))
PARKED = PENDING.where(event.c.parked_at.is_not(None))


def add(db: Connection, kind: str, *, now: int, **payload: Any) -> int:
    """Record an event in the transaction that causes it; its id goes to the broker after the commit."""
    id = ids.new(now)
    encoded = msgspec.json.encode(payload).decode()
    db.execute(ADD, {"id": id, "kind": kind, "payload": encoded, "due_at": now + GRACE_MS})
    announce(db, TASK, id)
    return id


def take(db: Connection, event_id: int) -> Event | None:
    """Remove an event and return it, to be acted on in this very transaction; None when it is done already."""
    row = db.execute(TAKE, {"event_id": event_id}).one_or_none()
    return Event(*row) if row else None


def due(db: Connection, *, now: int, limit: int = 500) -> list[int]:
    """Return the ids of events whose time has come, the longest waiting first."""
    return list(db.scalars(DUE, {"now": now, "limit": limit}))


def postpone(db: Connection, event_ids: list[int], *, now: int) -> None:
    """Give the broker's message for these events its time again before they are handed over once more."""
    db.execute(POSTPONE, [{"event_id": id, "due_at": now + GRACE_MS} for id in event_ids])


def fail(db: Connection, event_id: int, error: str, *, now: int) -> None:
    """Record that acting on an event failed; it is tried again later, or parked after the last try."""
    row = db.execute(GET, {"event_id": event_id}).one_or_none()
    if row is None:
        return
    tried = row.attempts
    changes: dict[str, Any] = {"attempts": tried + 1, "error": error[:1000]}
    if tried < len(DELAYS_MS):
        changes["due_at"] = now + DELAYS_MS[tried]
    else:
        changes["parked_at"] = now
    db.execute(POSTPONE.values(changes), {"event_id": event_id})


def pending(db: Connection, *, limit: int = 1000) -> list[Event]:
    """Return the events that still stand in the outbox, oldest first, parked ones among them."""
    return [Event(*row) for row in db.execute(PENDING, {"limit": limit})]


def parked(db: Connection, *, limit: int = 1000) -> list[Event]:
    """Return the events that are no longer tried, oldest first."""
    return [Event(*row) for row in db.execute(PARKED, {"limit": limit})]


def retry(db: Connection, event_id: int, *, now: int) -> None:
    """Put a parked or waiting event up to be acted on at once.

    Raises NotFound when there is none.
    """
    changes = {"attempts": 0, "due_at": now + GRACE_MS, "parked_at": None}
    if not db.execute(POSTPONE.values(changes), {"event_id": event_id}).rowcount:
        raise NotFound(f"There is no event {event_id}.")
    announce(db, TASK, event_id)


def drop(db: Connection, event_id: int) -> None:
    """Remove an event without acting on it.

    Raises NotFound when there is none.
    """
    if not db.execute(DROP, {"event_id": event_id}).rowcount:
        raise NotFound(f"There is no event {event_id}.")
