"""Featuring accounts on one's profile."""

from sqlalchemy import BigInteger, Connection, bindparam, delete, select

from twite_common import ids
from twite_common.errors import Invalid
from twite_common.sql.dialects import upsert
from twite_common.tables import endorsement, follow
from twite_common.translations import gettext as _

_ACCOUNT = bindparam("by_account_id", type_=BigInteger)
_OTHER = bindparam("other_id", type_=BigInteger)
FOLLOWS = select(follow.c.id).where(follow.c.follower_id == _ACCOUNT, follow.c.followee_id == _OTHER)
ADD = upsert(endorsement).on_conflict_do_nothing()
DROP = delete(endorsement).where(endorsement.c.account_id == _ACCOUNT, endorsement.c.endorsed_id == _OTHER)


def endorse(db: Connection, *, now: int, account_id: int, endorsed_id: int) -> None:
    """Feature an account that one follows; asking twice changes nothing.

    Raises Invalid for one that isn't followed.
    """
    if db.scalar(FOLLOWS, {"by_account_id": account_id, "other_id": endorsed_id}) is None:
        raise Invalid(_("Validation failed: You must be already following the person you want to endorse"))
    db.execute(ADD, {"account_id": account_id, "endorsed_id": endorsed_id, "id": ids.new(now)})


def unendorse(db: Connection, *, account_id: int, endorsed_id: int) -> None:
    """Feature an account no longer; where it wasn't featured nothing changes."""
    db.execute(DROP, {"by_account_id": account_id, "other_id": endorsed_id})
