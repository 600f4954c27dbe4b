"""Lines of profiles that name a page which names the profile in turn, so that both are the same person's.

Each page to be looked at is a row until that is done; whoever looks has the row to themselves for a while.
"""

from collections.abc import Collection

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, delete, insert, select, update

from twite_common import clock, ids
from twite_common.database import dispatch
from twite_common.queries.accounts.accounts import Field
from twite_common.tables import account, field_check
from twite_common.text import urls

TASK = "fields.verify"
"""Name of the task that looks at a page, given the check's id."""
DELAYS_MS = tuple(minutes * clock.MINUTE for minutes in (5, 60, 600))
"""Waits after each time that a page couldn't be read; after the last it is left."""
CLAIM_MS = 2 * clock.MINUTE


class Check(msgspec.Struct, frozen=True):
    """A page to be looked at, for the profile of an account."""

    id: int
    account_id: int
    username: str
    url: str
    attempts: int


_ID = bindparam("the_id", type_=BigInteger)
_NOW = bindparam("now", type_=BigInteger)
ADD = insert(field_check)
DROP = delete(field_check).where(field_check.c.id == _ID)
DROP_OF_ACCOUNT = delete(field_check).where(field_check.c.account_id == bindparam("of_account_id", type_=BigInteger))
CLAIM = (
    update(field_check)
    .where(field_check.c.id == _ID, field_check.c.due_at <= _NOW)
    .values(due_at=bindparam("until", type_=BigInteger), attempts=field_check.c.attempts + 1)
)
GET = (
    select(field_check.c.id, account.c.id, account.c.username, field_check.c.url, field_check.c.attempts)
    .join(account, account.c.id == field_check.c.account_id)
    .where(field_check.c.id == _ID)
)
POSTPONE = update(field_check).where(field_check.c.id == _ID).values(due_at=bindparam("until", type_=BigInteger))
DUE = (
    select(field_check.c.id)
    .where(field_check.c.due_at <= _NOW)
    .order_by(field_check.c.due_at)
    .limit(bindparam("limit"))
)
FIELDS = select(account.c.fields).where(account.c.id == _ID).with_for_update()
CHANGE = update(account).where(account.c.id == _ID)


def ask(db: Connection, *, now: int, account_id: int, fields: Collection[Field]) -> None:
    """Have the pages looked at that these lines of a profile name and that weren't found to name it yet."""
    db.execute(DROP_OF_ACCOUNT, {"of_account_id": account_id})
    pages = dict.fromkeys(field.value for field in fields if field.verified_at is None and is_page(field.value))
    for url in pages:
        id = ids.new(now)
        db.execute(ADD, {"id": id, "account_id": account_id, "url": url, "due_at": now})
        dispatch(db, TASK, id)


def is_page(value: str) -> bool:
    """Say whether a line is exactly the address of one page, over TLS."""
    return value.startswith("https://") and urls(value) == (value,)


def claim(db: Connection, check_id: int, *, now: int) -> Check | None:
    """Take a check that is due, to look at its page once this transaction is committed; None when there is none.

    One that was taken more often than it is tried, because each time whoever took it died, is dropped.
    """
    if not db.execute(CLAIM, {"the_id": check_id, "now": now, "until": now + CLAIM_MS}).rowcount:
        return None
    check = Check(*db.execute(GET, {"the_id": check_id}).one())
    if check.attempts > len(DELAYS_MS) + 1:
        db.execute(DROP, {"the_id": check.id})
        return None
    return check


def finish(db: Connection, check: Check, *, now: int, links_back: bool) -> None:
    """Record whether a page names the profile; where that line is gone meanwhile, nothing is changed."""
    db.execute(DROP, {"the_id": check.id})
    if not links_back:
        return
    fields = msgspec.json.decode(db.scalar(FIELDS, {"the_id": check.account_id}) or "[]", type=list[Field])
    changed = [
        msgspec.structs.replace(field, verified_at=now) if field.value == check.url else field for field in fields
    ]
    if changed != fields:
        values = {"fields": msgspec.json.encode(changed).decode(), "version": account.c.version + 1}
        db.execute(CHANGE.values(values), {"the_id": check.account_id})


def postpone(db: Connection, check: Check, *, now: int) -> None:
    """Record that a page couldn't be read: it is tried again later, but not for ever."""
    if check.attempts > len(DELAYS_MS):
        db.execute(DROP, {"the_id": check.id})
    else:
        db.execute(POSTPONE, {"the_id": check.id, "until": now + DELAYS_MS[check.attempts - 1]})


def due(db: Connection, *, now: int, limit: int = 1) -> list[int]:
    """Return the ids of checks whose time has come, the longest waiting first."""
    return list(db.scalars(DUE, {"now": now, "limit": limit}))
