"""Queueing mails, and recording their results.

A mail's row holds no secret: links in it are made when it is sent, from the row and the server's key.
"""

from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from twite_common import clock, ids
from twite_common.database import dispatch
from twite_common.queries.notifications import mail_log
from twite_common.queries.notifications import mails as queries
from twite_common.queries.notifications.mails import Mail
from twite_common.services.notifications import mail_allowances
from twite_common.settings import Settings
from twite_common.sql import fair_queue
from twite_common.sql.dialects import upsert
from twite_common.tables import credentials, mail, mail_day

TASK = "mails.send"
"""Name of the task that sends a mail, given its id."""

DELAYS_MS = tuple(minutes * clock.MINUTE for minutes in (1, 5, 15, 60, 240, 720))
"""Waits after each temporary failure; after the last the mail is parked."""
CLAIM_MS = 2 * clock.MINUTE
"""After this long, whoever claimed a mail without renewing that or saying what became of it is taken for dead."""
RENEW_MS = 30 * clock.SECOND
"""How often a sender says that it is still at it."""
REFUSALS = 3
REFUSALS_MS = 2 * clock.DAY
"""An address takes no mail once it was refused this often, and over this long, with no mail arriving in between."""
TOO_MANY = "The address has reached its hourly limit of unrequested e-mails."
ONCE = frozenset({"notifications", "digest", "posts_by_mail", "weekly", "statistics"})
"""Kinds that are rather lost than sent twice; the others people wait for."""

RESERVED = 5
"""Which part of a day's mails is for those that somebody waits for: a fifth."""
HEAD_START_MS = clock.DAY
"""How far before all others the mails are put that somebody waits for."""

_ID = bindparam("mail_id", type_=BigInteger)
_SENT_ONCE = or_(*[mail.c.kind == kind for kind in sorted(ONCE)])
ADD = insert(mail)
ADD_DUE = ADD.values(turn_at=fair_queue.place(mail.c.cause_id, mail.c.turn_at))
PUT_IN_LINE = (
    update(mail)
    .where(mail.c.state == "due", mail.c.due_at <= bindparam("now", type_=BigInteger), mail.c.turn_at.is_(None))
    .values(turn_at=mail.c.due_at - case((_SENT_ONCE, 0), else_=HEAD_START_MS))
)
CHANGE = update(mail).where(mail.c.id == _ID)
CLAIM = (
    update(mail)
    .where(mail.c.id == _ID, mail.c.state == "due", mail.c.due_at <= bindparam("now", type_=BigInteger))
    .values(state="claimed", claimed_at=bindparam("now", type_=BigInteger))
)
RENEW = (
    update(mail)
    .where(mail.c.id == _ID, or_(mail.c.state == "claimed", mail.c.state == "sending"))
    .values(claimed_at=bindparam("now", type_=BigInteger))
)
WAITING = (
    update(mail)
    .where(
        mail.c.id
        == select(mail.c.id)
        .where(
            mail.c.account_id == bindparam("of_account_id", type_=BigInteger),
            mail.c.kind == bindparam("of_kind", type_=Text),
            mail.c.address == bindparam("to_address", type_=Text),
            mail.c.state == "due",
            mail.c.due_at > bindparam("now", type_=BigInteger),
        )
        .order_by(mail.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    .values(detail=bindparam("newer", type_=Text))
    .returning(mail.c.id)
)
_LOST = mail.c.claimed_at < bindparam("before", type_=BigInteger)
PARK_LOST = (
    update(mail)
    .where(mail.c.state == "sending", _LOST, _SENT_ONCE)
    .values(state="parked", error="The sender stopped while sending; it is unknown whether the e-mail arrived.")
)
REPEAT_LOST = update(mail).where(or_(mail.c.state == "claimed", mail.c.state == "sending"), _LOST).values(state="due")
_WORKS: dict[str, object] = {
    "mail_failed_at": None,
    "mail_failure": "",
    "mail_bounced_at": None,
    "mail_refusals": 0,
    "mail_first_refused_at": None,
    "mail_last_refused_at": None,
}
"""Columns of the credentials of an account whose address, as far as is known, takes mail."""
_NOW = bindparam("now", type_=BigInteger)
_OF_ACCOUNT = credentials.c.account_id == bindparam("of_account_id", type_=BigInteger)
_refused_first = func.coalesce(credentials.c.mail_first_refused_at, _NOW)
_FAILED = or_(credentials.c.mail_refusals > 0, credentials.c.mail_failed_at.is_not(None))
COUNT_REFUSAL = (
    update(credentials)
    .where(
        _OF_ACCOUNT,
        credentials.c.email == bindparam("address", type_=Text),
        # A mail server that took nothing from us since the last refusal may refuse everybody.
        or_(
            credentials.c.mail_last_refused_at.is_(None),
            exists().where(mail.c.state == "sent", mail.c.due_at > credentials.c.mail_last_refused_at),
        ),
    )
    .values(
        mail_refusals=credentials.c.mail_refusals + 1,
        mail_first_refused_at=_refused_first,
        mail_last_refused_at=_NOW,
        mail_failure=bindparam("failure", type_=Text),
        mail_failed_at=case(
            (
                and_(
                    credentials.c.mail_failed_at.is_(None),
                    credentials.c.mail_refusals + 1 >= REFUSALS,
                    _refused_first <= bindparam("long_before", type_=BigInteger),
                ),
                _NOW,
            ),
            else_=credentials.c.mail_failed_at,
        ),
    )
)
ARRIVED = (
    update(credentials)
    .where(
        credentials.c.account_id == select(mail.c.account_id).where(mail.c.id == _ID).scalar_subquery(),
        credentials.c.email == select(mail.c.address).where(mail.c.id == _ID).scalar_subquery(),
        credentials.c.mail_bounced_at.is_(None),
        _FAILED,
    )
    .values(_WORKS)
)
CLEAR_FAILURE = update(credentials).where(_OF_ACCOUNT).values(_WORKS)
CLEAR_FAILURES = update(credentials).where(_FAILED).values(_WORKS)
_count = upsert(mail_day).values(number=1)
COUNT_HANDED_OVER = _count.on_conflict_do_update(
    index_elements=[mail_day.c.day], set_={"number": mail_day.c.number + 1}
)
FORGET_DAYS = delete(mail_day).where(mail_day.c.day < bindparam("first_day", type_=Integer))
FORGET_OLD = delete(mail).where(mail.c.id < bindparam("before_id", type_=BigInteger), mail.c.state != "due")


def add(
    db: Connection,
    kind: str,
    *,
    now: int,
    address: str,
    account_id: int | None = None,
    due_at: int | None = None,
    cause_id: int | None = None,
    **detail: object,
) -> int:
    """Write down a mail to be sent, at once unless `due_at` is later, and return its id.

    One that its address didn't ask for isn't sent when too many went there lately (`services.mail_allowances`): that
    stands in its row, and nothing tells whoever caused it. A notice for which it is too early waits; a newer one of
    its kind takes its place. Those who cause mail to others, which `cause_id` says, take turns; mail that somebody
    waits for goes before it.
    """
    encoded = msgspec.json.encode(detail).decode()
    row = {"account_id": account_id, "kind": kind, "address": address, "detail": encoded, "cause_id": cause_id}
    due = now if due_at is None else max(due_at, now)
    if mail_allowances.take(db, kind, now=now, address=address):
        return _add(db, row, now, due_at=due)
    if kind not in mail_allowances.NOTICES:
        id = ids.new(now)
        db.execute(ADD, {"id": id, "state": "dropped", "due_at": due, "error": TOO_MANY, **row})
        return id
    parameters = {"of_account_id": account_id, "of_kind": kind, "to_address": address, "now": now, "newer": encoded}
    waiting_id: int | None = db.scalar(WAITING, parameters)
    if waiting_id is not None:
        return waiting_id
    return _add(db, row, now, due_at=max(due, mail_allowances.next_at(db, kind, address=address)))


def _add(db: Connection, row: dict[str, Any], now: int, *, due_at: int) -> int:
    id = ids.new(now)
    values = {"id": id, "due_at": due_at, **row}
    if due_at > now:
        db.execute(ADD, values)
        return id
    turn_from = now if row["kind"] in ONCE else now - HEAD_START_MS
    db.execute(ADD_DUE, values | fair_queue.parameters(row["cause_id"], now=now, turn_from=turn_from))
    dispatch(db, TASK, id)
    return id


def put_in_line(db: Connection, *, now: int) -> None:
    """Give mails whose time has come their place in the order of sending, the longest waiting first."""
    db.execute(PUT_IN_LINE, {"now": now})


def next_ids(db: Connection, settings: Settings, *, now: int) -> list[int]:
    """Return the mail that is to be sent next, in a list; none where nothing waits, or today's mails are used up.

    The last fifth of a day's mails is for those that somebody waits for, such as for a new password.
    """
    if not settings.mails_per_day:
        return queries.waiting(db, now=now)
    left = settings.mails_per_day - mail_log.handed_over(db, now // clock.DAY)
    if left <= 0:
        return []
    if left > settings.mails_per_day // RESERVED:
        return queries.waiting(db, now=now)
    return queries.waited_for(db, now=now, turn_before=now - HEAD_START_MS // 2, other_kinds=ONCE)


def claim(db: Connection, *, now: int, mail_id: int) -> Mail | None:
    """Take a due mail to send it, once this transaction is committed; None when it isn't to be sent now."""
    if not db.execute(CLAIM, {"mail_id": mail_id, "now": now}).rowcount:
        return None
    return queries.get(db, mail_id)


def renew(db: Connection, *, now: int, mail_id: int) -> None:
    """Record that whoever claimed a mail is still at it."""
    db.execute(RENEW, {"mail_id": mail_id, "now": now})


def begin(db: Connection, *, now: int, mail_id: int) -> None:
    """Record that a claimed mail is handed over from now on, and count it: who dies after this may have sent it."""
    db.execute(CHANGE.values(state="sending"), {"mail_id": mail_id})
    db.execute(COUNT_HANDED_OVER, {"day": now // clock.DAY})


def sent(db: Connection, *, now: int, mail_id: int, answer: str = "") -> None:
    """Record that a mail server has taken a mail, and what it said: its address takes mail, whatever was said before.

    Not so where mail has come back from there: only its owner can say that it arrives again.
    """
    db.execute(CHANGE.values(state="sent", sent_at=now, error="", answer=answer[:1000]), {"mail_id": mail_id})
    db.execute(ARRIVED, {"mail_id": mail_id})


def drop(db: Connection, *, mail_id: int, reason: str) -> None:
    """Record that a mail isn't needed any more."""
    db.execute(CHANGE.values(state="dropped", error=reason), {"mail_id": mail_id})


def postpone(db: Connection, *, now: int, sending: Mail, error: str) -> None:
    """Record a temporary failure: the mail is tried again later, or parked after the last try."""
    changes: dict[str, object] = {"attempts": sending.attempts + 1, "error": error[:1000], "state": "parked"}
    if sending.attempts < len(DELAYS_MS):
        changes |= {"state": "due", "due_at": now + DELAYS_MS[sending.attempts], "turn_at": None}
    db.execute(CHANGE.values(changes), {"mail_id": sending.id})


def refuse(db: Connection, *, now: int, sending: Mail, error: str) -> None:
    """Record that an address takes no mail, for good, as the mail server says.

    The mail is parked. An account whose address is refused again and again gets no more mail about what others do,
    until a mail arrives, its owner confirms the address, or somebody who looks after the site says so.
    """
    db.execute(CHANGE.values(state="parked", error=error[:1000]), {"mail_id": sending.id})
    if sending.account_id is not None:
        counted = {
            "of_account_id": sending.account_id,
            "address": sending.address,
            "now": now,
            "long_before": now - REFUSALS_MS,
            "failure": error[:1000],
        }
        db.execute(COUNT_REFUSAL, counted)


def lose_sight(db: Connection, *, now: int, sending: Mail, error: str) -> None:
    """Record that the mail server didn't say whether it took a mail: those in `ONCE` are parked, others sent again."""
    if sending.kind in ONCE:
        db.execute(CHANGE.values(state="parked", error=error[:1000]), {"mail_id": sending.id})
    else:
        postpone(db, now=now, sending=sending, error=error)


def clear_failure(db: Connection, *, account_id: int) -> None:
    """Forget that an account's address was refused: mail goes there again."""
    db.execute(CLEAR_FAILURE, {"of_account_id": account_id})


def clear_failures(db: Connection) -> int:
    """Forget of all accounts that their addresses were refused, as after a fault of the mail server's; return how many
    that were.
    """
    return db.execute(CLEAR_FAILURES).rowcount


def recover(db: Connection, *, now: int) -> None:
    """Settle mails whose sender died.

    What it had not begun to hand over is due again. Of the others, notifications are parked, so that none is sent
    twice, and what people wait for is due again.
    """
    db.execute(PARK_LOST, {"before": now - CLAIM_MS})
    db.execute(REPEAT_LOST, {"before": now - CLAIM_MS})


def forget_old(db: Connection, *, before_id: int) -> None:
    """Remove mails that were made before an id and are done with, and how many there were on the days before."""
    db.execute(FORGET_OLD, {"before_id": before_id})
    db.execute(FORGET_DAYS, {"first_day": ids.created_at(before_id) // clock.DAY})
