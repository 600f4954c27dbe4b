"""Taking another username. The one before leads to the account for a year, and nobody else may ever take it."""

from sqlalchemy import BigInteger, Connection, Text, bindparam, delete, func, insert, select, update

from twite_common import clock, formats
from twite_common.errors import Invalid, NotFound
from twite_common.queries.usernames import username_key
from twite_common.services.accounts import deleted_names
from twite_common.services.identity import security_events
from twite_common.services.validators import checked_username
from twite_common.tables import account, former_username
from twite_common.translations import gettext as _

LEADS_MS = 365 * clock.DAY
"""How long a former name leads to the account."""
AGAIN_AFTER_MS = 30 * clock.DAY

_ACCOUNT_ID, _KEY = bindparam("of_account_id", type_=BigInteger), bindparam("key", type_=Text)
_BEFORE = bindparam("before", type_=BigInteger)
TAKEN = (
    select(account.c.id.label("account_id"))
    .where(account.c.username_key == _KEY)
    .union_all(select(former_username.c.account_id).where(former_username.c.username_key == _KEY))
)
CURRENT = select(account.c.username).where(account.c.id == _ACCOUNT_ID, ~account.c.pending).with_for_update()
LATEST = select(func.max(former_username.c.changed_at)).where(former_username.c.account_id == _ACCOUNT_ID)
CHANGE = update(account).where(account.c.id == _ACCOUNT_ID)
ADD = insert(former_username)
DROP = delete(former_username).where(former_username.c.username_key == _KEY)
FORGET_OLD = (
    delete(former_username)
    .where(
        former_username.c.username_key.in_(
            select(former_username.c.username_key)
            .where(former_username.c.changed_at < _BEFORE)
            .limit(bindparam("most", type_=BigInteger))
        )
    )
    .returning(former_username.c.username)
)


def check_free(db: Connection, name: str, *, account_id: int | None = None) -> None:
    """Check that nobody has, or had, a username, but for the account that asks for it.

    Raises Invalid otherwise.
    """
    owner_ids = set(db.scalars(TAKEN, {"key": username_key(name)})) - {account_id}
    if owner_ids or deleted_names.present(db, name):
        raise taken(_("The name %(name)s is taken.", name=name))


def taken(sentence: str) -> Invalid:
    """Return the error that says why a username can't be had."""
    return Invalid(sentence, {"username": [("ERR_TAKEN", sentence)]})


def change(db: Connection, *, now: int, account_id: int, username: str) -> None:
    """Give an account another username and tell its owner; the one before leads to it for a year.

    Raises Invalid for a name that can't be had, and when the last change was less than 30 days ago; writing the same
    name in other case is always possible.
    """
    checked_username(username)
    before = db.scalar(CURRENT, {"of_account_id": account_id})
    if before is None:
        raise NotFound(_("There is no such account."))
    if username == before:
        return
    key, key_before = username_key(username), username_key(before)
    if key != key_before:
        _check_interval(db, account_id, now)
        check_free(db, username, account_id=account_id)
        db.execute(DROP, {"key": key})
        db.execute(ADD, {"username_key": key_before, "username": before, "account_id": account_id, "changed_at": now})
    values = {"username": username, "username_key": key, "version": account.c.version + 1}
    db.execute(CHANGE.values(**values), {"of_account_id": account_id})
    if key != key_before:
        security_events.record(db, "username_changed", now=now, account_id=account_id, detail=before)
        security_events.tell(db, "username_changed", now=now, account_id=account_id, before=before, after=username)


def forget_old(db: Connection, *, now: int, limit: int) -> None:
    """Have names lead nowhere that accounts gave up long ago, up to `limit`; they stay taken."""
    for name in db.scalars(FORGET_OLD, {"before": now - LEADS_MS, "most": limit}).all():
        deleted_names.add(db, name)


def _check_interval(db: Connection, account_id: int, now: int) -> None:
    latest = db.scalar(LATEST, {"of_account_id": account_id})
    if latest is not None and now - latest < AGAIN_AFTER_MS:
        day = formats.day(clock.as_datetime(latest + AGAIN_AFTER_MS))
        sentence = _("You changed your username less than 30 days ago. You can change it again from %(day)s.", day=day)
        raise Invalid(sentence, {"username": [("ERR_TOO_SOON", sentence)]})
