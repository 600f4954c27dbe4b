"""Blocking and muting accounts."""

from sqlalchemy import BigInteger, Connection, and_, bindparam, delete, select

from twite_common import clock, ids
from twite_common.errors import NotAllowed, NotFound
from twite_common.services.accounts import follows
from twite_common.services.notifications import notifications
from twite_common.sql.dialects import upsert
from twite_common.tables import account, block, mute
from twite_common.translations import gettext as _

_ACCOUNT = bindparam("by_account_id", type_=BigInteger)
_OTHER = bindparam("other_id", type_=BigInteger)
EXISTS = select(account.c.id).where(account.c.id == _OTHER, ~account.c.pending)
ADD_BLOCK = upsert(block).on_conflict_do_nothing()
DROP_BLOCK = delete(block).where(and_(block.c.account_id == _ACCOUNT, block.c.blocked_id == _OTHER))
_mute = upsert(mute)
ADD_MUTE = _mute.on_conflict_do_update(
    index_elements=[mute.c.account_id, mute.c.muted_id],
    set_={"notifications": _mute.excluded.notifications, "expires_at": _mute.excluded.expires_at},
)
DROP_MUTE = delete(mute).where(and_(mute.c.account_id == _ACCOUNT, mute.c.muted_id == _OTHER))


def block_account(db: Connection, *, now: int, account_id: int, blocked_id: int) -> None:
    """Block an account: neither follows the other any longer, and the blocked one sees nothing of the other.

    Raises NotAllowed for oneself, NotFound when there is no such account.
    """
    _check(db, account_id, blocked_id, _("You cannot block yourself."))
    if not db.execute(ADD_BLOCK, {"account_id": account_id, "blocked_id": blocked_id, "id": ids.new(now)}).rowcount:
        return
    # In one order whoever blocks, so that two who block each other at the same moment never wait for each other.
    first_id, second_id = sorted((account_id, blocked_id))
    follows.unfollow_account(db, follower_id=first_id, followee_id=second_id)
    follows.unfollow_account(db, follower_id=second_id, followee_id=first_id)
    notifications.forget_between(db, account_id, blocked_id)


def unblock_account(db: Connection, *, account_id: int, blocked_id: int) -> None:
    """Take a block back; where there is none nothing changes.

    Raises NotFound when there is no such account.
    """
    _check(db, account_id, blocked_id, _("You cannot unblock yourself."))
    db.execute(DROP_BLOCK, {"by_account_id": account_id, "other_id": blocked_id})


def mute_account(
    db: Connection,
    *,
    now: int,
    account_id: int,
    muted_id: int,
    notifications: bool = True,
    duration_seconds: int = 0,
) -> None:
    """Hide an account's posts from oneself, and its notifications too unless told otherwise; 0 seconds: for good.

    Muting again changes how. Raises NotAllowed for oneself, NotFound when there is no such account.
    """
    _check(db, account_id, muted_id, _("You cannot mute yourself."))
    row = {
        "account_id": account_id,
        "muted_id": muted_id,
        "id": ids.new(now),
        "notifications": notifications,
        "expires_at": clock.after(now, duration_seconds) if duration_seconds > 0 else None,
    }
    db.execute(ADD_MUTE, row)


def unmute_account(db: Connection, *, account_id: int, muted_id: int) -> None:
    """Take a mute back; where there is none nothing changes.

    Raises NotFound when there is no such account.
    """
    _check(db, account_id, muted_id, _("You cannot unmute yourself."))
    db.execute(DROP_MUTE, {"by_account_id": account_id, "other_id": muted_id})


def _check(db: Connection, account_id: int, other_id: int, of_oneself: str) -> None:
    if account_id == other_id:
        raise NotAllowed(of_oneself)
    if db.scalar(EXISTS, {"other_id": other_id}) is None:
        raise NotFound(_("There is no such account."))
