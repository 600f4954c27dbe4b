"""The relationships of one account with others."""

from collections.abc import Collection

import msgspec
from sqlalchemy import BigInteger, Boolean, ColumnElement, Connection, and_, bindparam, exists, func, or_, select

from twite_common.sql.dialects import among
from twite_common.sql.types import AnySelect
from twite_common.tables import account, account_note, block, endorsement, follow, follow_request, mute
from twite_common.visibility import NOW, VIEWER


class Relationship(msgspec.Struct, frozen=True, gc=False):
    """How the viewer and an account stand to each other. `muting_expires_at` is in milliseconds."""

    account_id: int
    following: bool
    boosts: bool
    notify: bool
    languages: str | None
    followed_by: bool
    requested: bool
    requested_by: bool
    blocking: bool
    blocked_by: bool
    muting: bool
    muting_notifications: bool
    muting_expires_at: int | None
    endorsed: bool
    note: str


_ID = account.c.id
_follows = follow.alias("follows")
_followed, _requests, _requested = (
    follow.alias("followed"),
    follow_request.alias("requests"),
    follow_request.alias("requested"),
)
_blocks, _blocked = block.alias("blocks"), block.alias("blocked")
_note = select(account_note.c.text).where(account_note.c.account_id == VIEWER, account_note.c.about_id == _ID)


def _statement(chosen: ColumnElement[bool]) -> AnySelect:
    # What is there or not is asked for by itself: PostgreSQL would take longer to order that many joins than to run
    # them.
    return (
        select(
            _ID,
            _follows.c.id.is_not(None),
            _follows.c.boosts,
            _follows.c.notify,
            _follows.c.languages,
            exists().where(_followed.c.follower_id == _ID, _followed.c.followee_id == VIEWER),
            exists().where(_requests.c.follower_id == VIEWER, _requests.c.followee_id == _ID),
            exists().where(_requested.c.follower_id == _ID, _requested.c.followee_id == VIEWER),
            exists().where(_blocks.c.account_id == VIEWER, _blocks.c.blocked_id == _ID),
            exists().where(_blocked.c.account_id == _ID, _blocked.c.blocked_id == VIEWER),
            mute.c.id.is_not(None),
            mute.c.notifications,
            mute.c.expires_at,
            exists().where(endorsement.c.account_id == VIEWER, endorsement.c.endorsed_id == _ID),
            func.coalesce(_note.scalar_subquery(), ""),
        )
        .outerjoin(_follows, and_(_follows.c.follower_id == VIEWER, _follows.c.followee_id == _ID))
        .outerjoin(
            mute,
            and_(
                mute.c.account_id == VIEWER,
                mute.c.muted_id == _ID,
                or_(mute.c.expires_at.is_(None), mute.c.expires_at > NOW),
            ),
        )
        .where(
            chosen,
            ~account.c.pending,
            or_(account.c.suspended_at.is_(None), bindparam("with_suspended", type_=Boolean)),
        )
    )


LOAD = _statement(among(_ID, "ids"))
# Most often a single account is asked for: PostgreSQL keeps the plan for that, and plans for each list.
LOAD_ONE = _statement(account.c.id == bindparam("id", type_=BigInteger))


def load(
    db: Connection, account_ids: Collection[int], *, viewer_id: int, now: int, with_suspended: bool = True
) -> list[Relationship]:
    """Return the viewer's relationships to those of the accounts that exist, in the order asked for."""
    if not account_ids:
        return []
    parameters = {"viewer_id": viewer_id, "now": now, "with_suspended": with_suspended}
    if len(account_ids) == 1:
        rows = db.execute(LOAD_ONE, {"id": next(iter(account_ids)), **parameters})
    else:
        rows = db.execute(LOAD, {"ids": list(account_ids), **parameters})
    relationships = {row[0]: _relationship(row) for row in rows}
    return [relationships[id] for id in dict.fromkeys(account_ids) if id in relationships]


def _relationship(row: "tuple[object, ...]") -> Relationship:
    values = list(row)
    for place in (2, 3, 11):
        values[place] = bool(values[place])
    return Relationship(*values)  # type: ignore[arg-type] # the statement has its fields' types
