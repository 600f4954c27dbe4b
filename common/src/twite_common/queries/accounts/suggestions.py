"""Accounts that a user might want to follow."""

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, func, literal, select, union_all

from twite_common.queries.paging import LIMIT
from twite_common.tables import account, follow, follow_request, mute, suggestion_dismissal
from twite_common.tables.accounts import DISCOVERABLE
from twite_common.visibility import VIEWER, not_between_blocks

CONSIDERED = 100
"""Follows of the viewer's, the latest ones, whose own follows are looked at …"""
CONSIDERED_OF_EACH = 50
"""… the latest ones of each …"""
CONSIDERED_FRIENDS = 200
"""… and, of the accounts that these lead to, those that the most of them do."""


class Suggestion(msgspec.Struct, frozen=True):
    """An account, and how many of those whom the viewer follows follow it (0: it is suggested as much followed)."""

    account_id: int
    friends: int


_followed = follow.alias("followed")
_CHOSEN = (
    select(_followed.c.followee_id).where(_followed.c.follower_id == VIEWER),
    select(follow_request.c.followee_id).where(follow_request.c.follower_id == VIEWER),
    select(mute.c.muted_id).where(mute.c.account_id == VIEWER),
    select(suggestion_dismissal.c.dismissed_id).where(suggestion_dismissal.c.account_id == VIEWER),
)
"""Accounts about which the viewer has chosen already."""


def _still_open(account_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that the viewer hasn't chosen yet whether to follow an account.

    By lists that are read once: asked by `EXISTS`, PostgreSQL may go through all of the viewer's for each account.
    """
    return and_(*[account_id.not_in(ids) for ids in _CHOSEN])


_SUGGESTED = (
    DISCOVERABLE,
    account.c.suspended_at.is_(None),
    account.c.limited_at.is_(None),
    ~account.c.pending,
    account.c.id != VIEWER,
    not_between_blocks(account.c.id),
)

_later, _theirs = follow.alias("later"), follow.alias("theirs")
_first_of_each = (
    select(_later.c.id)
    .where(_later.c.follower_id == follow.c.followee_id)
    .order_by(_later.c.id.desc())
    .limit(1)
    .offset(CONSIDERED_OF_EACH - 1)
    .correlate(follow)
    .scalar_subquery()
)
_mine = (
    select(follow.c.followee_id, func.coalesce(_first_of_each, 0).label("first_id"))
    .where(follow.c.follower_id == VIEWER)
    .order_by(follow.c.id.desc())
    .limit(CONSIDERED)
    .subquery("mine")
)
_number = func.count().label("number")
_nearest = (
    select(_theirs.c.followee_id, _number)
    .join(_mine, _mine.c.followee_id == _theirs.c.follower_id)
    .where(_theirs.c.id >= _mine.c.first_id)
    .group_by(_theirs.c.followee_id)
    # Not before they are counted: PostgreSQL expects to read the lists anew for each of the viewer's follows.
    .having(_still_open(_theirs.c.followee_id))
    .order_by(_number.desc(), _theirs.c.followee_id)
    .limit(CONSIDERED_FRIENDS)
    .subquery("nearest")
)
_friends = (
    select(account.c.id, account.c.followers_count, _nearest.c.number)
    .join(_nearest, _nearest.c.followee_id == account.c.id)
    .where(*_SUGGESTED)
    .subquery("friends")
)
_most_followed = (
    select(account.c.id, account.c.followers_count, literal(0).label("number"))
    .where(*_SUGGESTED, _still_open(account.c.id))
    .order_by(account.c.followers_count.desc(), account.c.id)
    .limit(LIMIT)
    .subquery("most_followed")
)
_either = union_all(select(_friends), select(_most_followed)).subquery("either")
_NUMBER = func.max(_either.c.number)
SUGGESTIONS = (
    select(_either.c.id, _NUMBER)
    .group_by(_either.c.id, _either.c.followers_count)
    .order_by(_NUMBER.desc(), _either.c.followers_count.desc(), _either.c.id)
    .limit(LIMIT)
)


def suggestions(db: Connection, *, viewer_id: int, limit: int) -> list[Suggestion]:
    """Return accounts that want to be found: those whom the viewer's own follow first, then the most followed."""
    return [Suggestion(*row) for row in db.execute(SUGGESTIONS, {"viewer_id": viewer_id, "limit": limit})]
