"""The outbox: what a write causes, stored in the write's transaction until it is done.

The broker is only told that there is something to do; what comes next is decided here. Accounts take turns: of what one
causes each event stands a while behind the one before, so that a thousand of one wait behind a single one of another.
"""

from typing import Any

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, case, delete, func, insert, select, update

from twite_common import clock, ids
from twite_common.database import dispatch
from twite_common.errors import NotFound
from twite_common.sql import fair_queue
from twite_common.tables import event
from twite_common.translations import gettext as _

TASK = "events.handle"
"""Name of the task that acts on an event, given its id."""

GRACE_MS = 20 * clock.SECOND
"""How long new events are left to whoever hears of them, before earlier versions of Twite take them for forgotten."""

DELAYS_MS = tuple(minutes * clock.MINUTE for minutes in (1, 2, 5, 15, 60, 240, 720))
"""Waits after each failed try; after the last the event is parked."""

HELD_MS = 15 * clock.MINUTE
"""After this long, whoever holds an event is taken for dead."""


class Event(msgspec.Struct, frozen=True):
    """Something that happened and what is needed to act on it. Times in milliseconds."""

    id: int
    kind: str
    payload: str
    attempts: int
    due_at: int
    error: str
    parked_at: int | None
    account_id: int | None

    def details(self) -> dict[str, Any]:
        """Return the payload as it was given to `add`."""
        return msgspec.json.decode(self.payload, type=dict[str, Any])


_ID = bindparam("event_id", type_=BigInteger)
_NOW = bindparam("now", type_=BigInteger)
_COLUMNS = [event.c[name] for name in Event.__struct_fields__]
ADD = insert(event).values(turn_at=fair_queue.place(event.c.account_id, event.c.turn_at))
WAITING = (
    select(event.c.id)
    .where(event.c.turn_at.is_not(None), event.c.parked_at.is_(None))
    .order_by(event.c.turn_at, event.c.id)
    .limit(bindparam("limit"))
)
NEXT = WAITING.with_for_update(skip_locked=True)
HOLD = insert(event).values(turn_at=None)
TAKE = delete(event).where(event.c.id == _ID, event.c.parked_at.is_(None)).returning(*_COLUMNS)
GET = select(*_COLUMNS).where(event.c.id == _ID)
_DUE = (
    select(
        event.c.id,
        # What nobody causes has a turn of its own.
        case(
            (event.c.account_id.is_(None), event.c.due_at),
            else_=event.c.due_at
            + fair_queue.STEP_MS
            * (func.row_number().over(partition_by=event.c.account_id, order_by=(event.c.due_at, event.c.id)) - 1),
        ).label("turn_at"),
    )
    .where(event.c.turn_at.is_(None), event.c.parked_at.is_(None), event.c.due_at <= _NOW)
    .subquery()
)
PUT_BACK = update(event).where(event.c.id == _DUE.c.id).values(turn_at=_DUE.c.turn_at)
CHANGE = update(event).where(event.c.id == _ID)
DROP = delete(event).where(event.c.id == _ID)
PENDING = select(*_COLUMNS).order_by(event.c.id).limit(bindparam("limit"))
PARKED = PENDING.where(event.c.parked_at.is_not(None))


def add(db: Connection, kind: str, *, now: int, account_id: int | None = None, **payload: object) -> int:
    """Record an event in the transaction that causes it; it is acted on soon after the commit.

    `account_id` says whose doing it is, if it is anybody's.
    """
    id = ids.new(now)
    row = {
        "id": id,
        "kind": kind,
        "payload": msgspec.json.encode(payload).decode(),
        "due_at": now + GRACE_MS,
        "account_id": account_id,
        **fair_queue.parameters(account_id, now=now),
    }
    db.execute(ADD, row)
    dispatch(db, TASK, id)
    return id


def waiting(db: Connection, *, limit: int = 1) -> list[int]:
    """Return the ids of events that can be taken now, in their order."""
    return list(db.scalars(WAITING, {"limit": limit}))


def next_id(db: Connection) -> int | None:
    """Return the id of the event whose turn it is, which nobody else can take while this transaction lasts."""
    return db.scalar(NEXT, {"limit": 1})


def take(db: Connection, event_id: int) -> Event | None:
    """Remove an event and return it, to be acted on in this very transaction; None when it is done already."""
    row = db.execute(TAKE, {"event_id": event_id}).one_or_none()
    return Event(*row) if row else None


def put_back(db: Connection, *, now: int) -> None:
    """Have events taken again that failed and whose time has come, the longest waiting first, in turns by account."""
    db.execute(PUT_BACK, {"now": now})


def hold(db: Connection, event: Event, *, now: int) -> None:
    """Keep an event that was just taken, for work that no transaction can wait for; take it again at its end.

    If whoever does the work doesn't come to its end, others begin with it later.
    """
    db.execute(HOLD, {**msgspec.structs.asdict(event), "due_at": now + HELD_MS})


def fail(db: Connection, event_id: int, error: str, *, now: int) -> None:
    """Record that acting on an event failed; it is tried again later, or parked after the last try."""
    row = db.execute(GET, {"event_id": event_id}).one_or_none()
    if row is None:
        return
    tried = row.attempts
    changes: dict[str, object] = {"attempts": tried + 1, "error": error[:1000], "turn_at": None}
    if tried < len(DELAYS_MS):
        changes["due_at"] = now + DELAYS_MS[tried]
    else:
        changes["parked_at"] = now
    db.execute(CHANGE.values(changes), {"event_id": event_id})


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
    changes = {"attempts": 0, "due_at": now, "parked_at": None, "turn_at": now}
    if not db.execute(CHANGE.values(changes), {"event_id": event_id}).rowcount:
        raise _no_such_event(event_id)
    dispatch(db, TASK, event_id)


def retry_parked(db: Connection, *, now: int) -> int:
    """Put all parked events up to be acted on at once, as after a fault that is mended; return how many there were."""
    events = parked(db)
    for one in events:
        retry(db, one.id, now=now)
    return len(events)


def drop(db: Connection, event_id: int) -> None:
    """Remove an event without acting on it.

    Raises NotFound when there is none.
    """
    if not db.execute(DROP, {"event_id": event_id}).rowcount:
        raise _no_such_event(event_id)


def _no_such_event(event_id: int) -> NotFound:
    return NotFound(_("There is no event %(id)s.", id=event_id))
