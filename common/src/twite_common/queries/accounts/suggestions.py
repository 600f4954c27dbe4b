"""Accounts that a user might want to follow."""

import msgspec
from sqlalchemy import Connection, exists, func, select

from twite_common.queries.paging import LIMIT
from twite_common.tables import account, follow, follow_request, mute, suggestion_dismissal
from twite_common.visibility import VIEWER, not_between_blocks

CONSIDERED = 200
"""Follows of the viewer's, the latest ones, whose own follows are looked at."""


class Suggestion(msgspec.Struct, frozen=True):
    """An account, and how many of those whom the viewer follows follow it (0: it is suggested as much followed)."""

    account_id: int
    friends: int


_theirs = follow.alias("theirs")
_mine = (
    select(follow.c.followee_id)
    .where(follow.c.follower_id == VIEWER)
    .order_by(follow.c.id.desc())
    .limit(CONSIDERED)
    .subquery("mine")
)
_friends = (
    select(_theirs.c.followee_id, func.count().label("number"))
    .join(_mine, _mine.c.followee_id == _theirs.c.follower_id)
    .group_by(_theirs.c.followee_id)
    .subquery("friends")
)
_followed = follow.alias("followed")
_NUMBER = func.coalesce(_friends.c.number, 0)
SUGGESTIONS = (
    select(account.c.id, _NUMBER)
    .outerjoin(_friends, _friends.c.followee_id == account.c.id)
    .where(
        account.c.discoverable,
        account.c.suspended_at.is_(None),
        account.c.limited_at.is_(None),
        ~account.c.pending,
        account.c.id != VIEWER,
        ~exists().where(_followed.c.follower_id == VIEWER, _followed.c.followee_id == account.c.id),
        ~exists().where(follow_request.c.follower_id == VIEWER, follow_request.c.followee_id == account.c.id),
        ~exists().where(mute.c.account_id == VIEWER, mute.c.muted_id == account.c.id),
        ~exists().where(
            suggestion_dismissal.c.account_id == VIEWER, suggestion_dismissal.c.dismissed_id == account.c.id
        ),
        not_between_blocks(account.c.id),
    )
    .order_by(_NUMBER.desc(), account.c.followers_count.desc(), account.c.id)
    .limit(LIMIT)
)


def suggestions(db: Connection, *, viewer_id: int, limit: int) -> list[Suggestion]:
    """Return accounts that want to be found: those whom the viewer's own follow first, then the most followed."""
    return [Suggestion(*row) for row in db.execute(SUGGESTIONS, {"viewer_id": viewer_id, "limit": limit})]
