"""Deactivating an account: everything of it is hidden at once, and deleted after some time unless its owner logs in.

It is hidden as a suspended account is, everywhere where that is. `credentials.deactivated_at` says that its owner did
it, who may come back; once staff suspend it, nobody does.
"""

from collections.abc import Sequence

from sqlalchemy import BigInteger, Connection, bindparam, delete, select, update

from twite_common import clock
from twite_common.services.accounts import account_deletion
from twite_common.services.accounts.accounts import existing
from twite_common.services.identity import security_events
from twite_common.tables import account, credentials, session

KEEP_DAYS = 30
KEEP_MS = KEEP_DAYS * clock.DAY
AT_ONCE = 20
"""Accounts that one run of the job deletes."""

_ID = bindparam("the_account_id", type_=BigInteger)
_AT = bindparam("at", type_=BigInteger)
HIDE = update(account).where(account.c.id == _ID).values(suspended_at=_AT, version=account.c.version + 1)
MARK = update(credentials).where(credentials.c.account_id == _ID).values(deactivated_at=_AT)
END_SESSIONS = delete(session).where(session.c.account_id == _ID)
OVER = (
    select(credentials.c.account_id)
    .where(credentials.c.deactivated_at <= bindparam("before", type_=BigInteger))
    .order_by(credentials.c.deactivated_at)
    .limit(AT_ONCE)
)
STILL_OVER = select(credentials.c.account_id).where(
    credentials.c.account_id == _ID, credentials.c.deactivated_at <= bindparam("before", type_=BigInteger)
)


def deactivate(db: Connection, *, now: int, account_id: int) -> None:
    """Hide an account from everybody, log its owner out everywhere, and tell them until when they can come back."""
    _set(db, account_id, now)
    db.execute(END_SESSIONS, {"the_account_id": account_id})
    security_events.record(db, "deactivated", now=now, account_id=account_id)
    security_events.tell(db, "account_deactivated", now=now, account_id=account_id, until=now + KEEP_MS)


def come_back(db: Connection, *, now: int, account_id: int) -> None:
    """Show an account again whose owner has logged in."""
    if existing(db, account_id).deactivated_at is not None:
        _set(db, account_id, None)
        security_events.record(db, "reactivated", now=now, account_id=account_id)


def over(db: Connection, *, now: int) -> Sequence[int]:
    """Return the accounts whose owners have stayed away for long enough, the longest first."""
    return db.scalars(OVER, {"before": now - KEEP_MS}).all()


def delete_over(db: Connection, account_id: int, *, now: int) -> None:
    """Delete an account, unless its owner has come back meanwhile."""
    if db.scalar(STILL_OVER, {"the_account_id": account_id, "before": now - KEEP_MS}) is not None:
        account_deletion.leave(db, now=now, account_id=account_id)


def _set(db: Connection, account_id: int, at: int | None) -> None:
    db.execute(HIDE, {"the_account_id": account_id, "at": at})
    db.execute(MARK, {"the_account_id": account_id, "at": at})
