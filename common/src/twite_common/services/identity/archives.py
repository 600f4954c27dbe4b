"""Archives: all of an account's own in a file, asked for by its owner, made by a task and kept for a week.

A row names its file from the beginning, so that whatever becomes of its making, the file goes with the row.
"""

import secrets

import msgspec
from sqlalchemy import BigInteger, Connection, Integer, bindparam, delete, insert, or_, select, update

from twite_common import clock, ids
from twite_common.database import dispatch
from twite_common.errors import Conflict, NotFound, TooMany
from twite_common.queries.accounts import credentials
from twite_common.queries.identity import archives as queries
from twite_common.services import locks
from twite_common.services.identity import security_events
from twite_common.services.notifications import mails
from twite_common.services.posts import media
from twite_common.sql.dialects import among
from twite_common.tables import account, archive, preferences
from twite_common.translations import gettext as _
from twite_common.visibility import present

TASK = "archives.make"
"""Name of the task that makes an archive, given its id."""
AGAIN_MS = clock.DAY
"""How long after one archive its owner can ask for another."""
KEEP_MS = 7 * clock.DAY
EVERY_MS = 30 * clock.DAY
CLAIM_MS = 2 * clock.MINUTE
"""After this long without a word, whoever makes an archive is taken for dead and it is begun anew."""
MAX_ATTEMPTS = 3
AT_ONCE = 100
"""Archives that one run of the job asks for or removes."""

_ID, _NOW = bindparam("archive_id", type_=BigInteger), bindparam("now", type_=BigInteger)
_ACCOUNT = bindparam("of_account_id", type_=BigInteger)
ADD = insert(archive)
CLAIM = (
    update(archive)
    .where(archive.c.id == _ID, archive.c.state == "waiting")
    .values(state="making", claimed_at=_NOW, attempts=archive.c.attempts + 1, done=0, total=0)
    .returning(archive.c.id, archive.c.account_id, archive.c.file, archive.c.attempts)
)
# Whoever has lost a claim, because it took too long, changes nothing any more.
_OWN = update(archive).where(
    archive.c.id == _ID, archive.c.state == "making", archive.c.attempts == bindparam("attempt", type_=Integer)
)
# Nobody can have claimed one later than now, unless the machine's clock was set back.
RECOVER = (
    update(archive)
    .where(
        archive.c.state == "making",
        or_(
            archive.c.claimed_at < bindparam("before", type_=BigInteger),
            archive.c.claimed_at > bindparam("after", type_=BigInteger),
        ),
    )
    .values(state="waiting", claimed_at=None)
)
REMOVE = delete(archive).where(archive.c.account_id == _ACCOUNT, archive.c.id == _ID).returning(archive.c.file)
REMOVE_FAILED = (
    delete(archive).where(archive.c.account_id == _ACCOUNT, archive.c.state == "failed").returning(archive.c.file)
)
OVER = select(archive.c.id).where(archive.c.expires_at <= _NOW).order_by(archive.c.expires_at).limit(AT_ONCE)
REMOVE_OVER = delete(archive).where(among(archive.c.id, "ids")).returning(archive.c.file)
DUE = (
    select(preferences.c.account_id)
    .where(preferences.c.archive_due_at <= _NOW)
    .order_by(preferences.c.archive_due_at)
    .limit(AT_ONCE)
)
DUE_AGAIN = (
    update(preferences)
    .where(preferences.c.account_id == _ACCOUNT)
    .values(archive_due_at=bindparam("next_at", type_=BigInteger))
)
IS_THERE = select(account.c.id).where(account.c.id == _ACCOUNT, present(account.c.id))


class Claimed(msgspec.Struct, frozen=True):
    """An archive that is being made, and how often that was begun."""

    id: int
    account_id: int
    file: str
    attempts: int


def ask(db: Connection, *, now: int, account_id: int) -> int:
    """Have an archive made, and return its id.

    Raises Conflict while one is being made, TooMany when there was one in the last day; one that failed doesn't count.
    """
    # Two that are asked for at once find each other.
    locks.take(db, account_id)
    _forget(db, list(db.scalars(REMOVE_FAILED, {"of_account_id": account_id})), now=now)
    latest = next(iter(queries.of_account(db, account_id)), None)
    if latest is not None and latest.is_open:
        raise Conflict(_("Your archive is being made already."))
    if latest is not None and ids.created_at(latest.id) > now - AGAIN_MS:
        wait_seconds = (ids.created_at(latest.id) + AGAIN_MS - now) // clock.SECOND
        raise TooMany(_("You can ask for an archive once a day."), wait_seconds)
    security_events.record(db, "archive_asked", now=now, account_id=account_id)
    return _add(db, now=now, account_id=account_id)


def ask_monthly(db: Connection, *, now: int) -> None:
    """Have the archives made that are due by themselves."""
    for account_id in db.scalars(DUE, {"now": now}).all():
        db.execute(DUE_AGAIN, {"of_account_id": account_id, "next_at": now + EVERY_MS})
        locks.take(db, account_id)
        is_open = any(archive.is_open for archive in queries.of_account(db, account_id))
        if not is_open and db.scalar(IS_THERE, {"of_account_id": account_id}):
            _add(db, now=now, account_id=account_id)


def choose_monthly(db: Connection, *, now: int, account_id: int, monthly: bool) -> None:
    """Have an archive made every month, the first at once, or no more."""
    if monthly != queries.is_monthly(db, account_id):
        db.execute(DUE_AGAIN, {"of_account_id": account_id, "next_at": now if monthly else None})


def remove(db: Connection, *, now: int, account_id: int, archive_id: int) -> None:
    """Remove an archive, also one that is being made. Raises NotFound unless it is the account's own."""
    files = list(db.scalars(REMOVE, {"of_account_id": account_id, "archive_id": archive_id}))
    if not files:
        raise NotFound(_("There is no such archive."))
    _forget(db, files, now=now)


def remove_over(db: Connection, *, now: int) -> None:
    """Remove the archives that were kept long enough."""
    over = list(db.scalars(OVER, {"now": now}))
    if over:
        _forget(db, list(db.scalars(REMOVE_OVER, {"ids": over})), now=now)


def claim(db: Connection, archive_id: int, *, now: int) -> Claimed | None:
    """Take an archive to make it, once this transaction is committed; None when somebody else is at it."""
    row = db.execute(CLAIM, {"archive_id": archive_id, "now": now}).one_or_none()
    return Claimed(*row) if row else None


def renew(db: Connection, claimed: Claimed, *, now: int, done: int, total: int) -> None:
    """Say that somebody is still at it, and how far."""
    db.execute(_OWN.values(claimed_at=now, done=done, total=total), _owner(claimed))


def hand_back(db: Connection, claimed: Claimed, *, now: int) -> None:
    """Give an archive back whose making was interrupted; this attempt doesn't count."""
    values = {"state": "waiting", "claimed_at": None, "attempts": claimed.attempts - 1, "turn_at": now}
    db.execute(_OWN.values(values), _owner(claimed))


def put_off(db: Connection, claimed: Claimed, *, now: int) -> None:
    """Have an archive begun anew after `CLAIM_MS`, since nothing can be stored now; this attempt doesn't count."""
    db.execute(_OWN.values(claimed_at=now, attempts=claimed.attempts - 1), _owner(claimed))


def finish(db: Connection, claimed: Claimed, *, now: int, size: int) -> bool:
    """Record that an archive is ready and tell its owner; return whether it is still wanted."""
    values = {"state": "ready", "claimed_at": None, "bytes": size, "expires_at": now + KEEP_MS}
    if not db.execute(_OWN.values(values), _owner(claimed)).rowcount:
        return False
    owner = credentials.get(db, claimed.account_id)
    if owner is not None:
        mails.add(db, "archive_ready", now=now, address=owner.email, account_id=claimed.account_id)
    return True


def give_up(db: Connection, claimed: Claimed, *, now: int) -> None:
    """Record that an archive can't be made. Its row goes like others, so that nothing of it stays."""
    values = {"state": "failed", "claimed_at": None, "expires_at": now + KEEP_MS}
    db.execute(_OWN.values(values), _owner(claimed))


def recover(db: Connection, *, now: int) -> None:
    """Have archives made by others whose worker has died."""
    db.execute(RECOVER, {"before": now - CLAIM_MS, "after": now + CLAIM_MS})


def _add(db: Connection, *, now: int, account_id: int) -> int:
    id = ids.new(now)
    db.execute(ADD, {"id": id, "account_id": account_id, "turn_at": now, "file": f"{secrets.token_hex(16)}.zip"})
    dispatch(db, TASK, id)
    return id


def _forget(db: Connection, files: list[str], *, now: int) -> None:
    if files:
        media.forget_files(db, [], now=now, archives=files)


def _owner(claimed: Claimed) -> dict[str, int]:
    return {"archive_id": claimed.id, "attempt": claimed.attempts}
