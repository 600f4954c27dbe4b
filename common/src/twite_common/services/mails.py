"""Writing down mails to be sent, and recording what became of them.

A mail's row holds no secret: links in it are made when it is sent, from the row and the server's key.
"""

from typing import Any

import msgspec
from sqlalchemy import BigInteger, Connection, Text, bindparam, delete, insert, or_, update

from twite_common import clock, ids
from twite_common.database import announce
from twite_common.queries import mails as queries
from twite_common.queries.mails import Mail
from twite_common.tables import credentials, mail

TASK = "mails.send"
"""Name of the task that sends a mail, given its id."""

DELAYS_MS = tuple(minutes * clock.MINUTE for minutes in (1, 5, 15, 60, 240, 720))
"""Waits after each temporary failure; after the last the mail is parked."""
CLAIM_MS = 10 * clock.MINUTE
"""After this long, whoever claimed a mail without saying what became of it is taken for dead."""
ONCE = frozenset({"notifications", "digest", "weekly", "statistics"})
"""Kinds that are rather lost than sent twice; the others people wait for."""

_ID = bindparam("mail_id", type_=BigInteger)
ADD = insert(mail)
CHANGE = update(mail).where(mail.c.id == _ID)
CLAIM = (
    update(mail)
    .where(mail.c.id == _ID, mail.c.state == "due", mail.c.due_at <= bindparam("now", type_=BigInteger))
    .values(state="claimed", claimed_at=bindparam("now", type_=BigInteger))
)
_LOST = mail.c.claimed_at < bindparam("before", type_=BigInteger)
PARK_LOST = (
    update(mail)
    .where(mail.c.state == "sending", _LOST, or_(*[mail.c.kind == kind for kind in sorted(ONCE)]))
    .values(state="parked", error="The sender stopped while sending; whether the mail arrived is not known.")
)
REPEAT_LOST = update(mail).where(or_(mail.c.state == "claimed", mail.c.state == "sending"), _LOST).values(state="due")
MARK_ADDRESS = (
    update(credentials)
    .where(credentials.c.account_id == bindparam("of_account_id", type_=BigInteger))
    .where(credentials.c.email == bindparam("address", type_=Text))
)
FORGET_OLD = delete(mail).where(mail.c.id < bindparam("before_id", type_=BigInteger), mail.c.state != "due")


def add(
    db: Connection,
    kind: str,
    *,
    now: int,
    address: str,
    account_id: int | None = None,
    due_at: int | None = None,
    **detail: Any,
) -> int:
    """Write down a mail to be sent, at once unless `due_at` is later, and return its id."""
    id = ids.new(now)
    due = now if due_at is None else max(due_at, now)
    row = {
        "id": id,
        "account_id": account_id,
        "kind": kind,
        "address": address,
        "detail": msgspec.json.encode(detail).decode(),
        "due_at": due,
    }
    db.execute(ADD, row)
    if due <= now:
        announce(db, TASK, id)
    return id


def claim(db: Connection, *, now: int, mail_id: int) -> Mail | None:
    """Take a due mail to send it, once this transaction is committed; None when it isn't to be sent now."""
    if not db.execute(CLAIM, {"mail_id": mail_id, "now": now}).rowcount:
        return None
    return queries.get(db, mail_id)


def begin(db: Connection, *, mail_id: int) -> None:
    """Record that a claimed mail is handed over from now on: who dies after this may have sent it."""
    db.execute(CHANGE.values(state="sending"), {"mail_id": mail_id})


def sent(db: Connection, *, now: int, mail_id: int) -> None:
    """Record that a mail server has taken a mail."""
    db.execute(CHANGE.values(state="sent", sent_at=now, error=""), {"mail_id": mail_id})


def drop(db: Connection, *, mail_id: int, reason: str) -> None:
    """Record that a mail isn't needed any more."""
    db.execute(CHANGE.values(state="dropped", error=reason), {"mail_id": mail_id})


def postpone(db: Connection, *, now: int, sending: Mail, error: str) -> None:
    """Record a temporary failure: the mail is tried again later, or parked after the last try."""
    changes: dict[str, Any] = {"attempts": sending.attempts + 1, "error": error[:1000], "state": "parked"}
    if sending.attempts < len(DELAYS_MS):
        changes |= {"state": "due", "due_at": now + DELAYS_MS[sending.attempts]}
    db.execute(CHANGE.values(changes), {"mail_id": sending.id})


def refuse(db: Connection, *, now: int, sending: Mail, error: str) -> None:
    """Record that an address takes no mail, for good: on the mail and on the account, until a new one is confirmed."""
    db.execute(CHANGE.values(state="parked", error=error[:1000]), {"mail_id": sending.id})
    if sending.account_id is not None:
        db.execute(
            MARK_ADDRESS.values(mail_failed_at=now, mail_failure=error[:1000]),
            {"of_account_id": sending.account_id, "address": sending.address},
        )


def recover(db: Connection, *, now: int) -> None:
    """Settle mails whose sender died.

    What it had not begun to hand over is due again. Of the others, notifications are parked, so that none is sent
    twice, and what people wait for is due again.
    """
    db.execute(PARK_LOST, {"before": now - CLAIM_MS})
    db.execute(REPEAT_LOST, {"before": now - CLAIM_MS})


def forget_old(db: Connection, *, before_id: int) -> None:
    """Remove mails that were made before an id and are done with."""
    db.execute(FORGET_OLD, {"before_id": before_id})
