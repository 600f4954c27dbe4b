"""The languages that somebody writes in, to be proposed for the next post."""

from sqlalchemy import BigInteger, Connection, bindparam, func, select

from twite_common.tables import post

LOOKED_AT = 200
"""An account's latest posts and boosts that are looked at."""
COUNTED = 50
"""Posts among them that count."""

_LATEST = (
    select(post.c.id, post.c.language, post.c.boost_of_id)
    .where(post.c.account_id == bindparam("account_id", type_=BigInteger))
    .order_by(post.c.id.desc())
    .limit(LOOKED_AT)
    .subquery("latest")
)
_WRITTEN = (
    select(_LATEST.c.id, _LATEST.c.language)
    .where(_LATEST.c.boost_of_id.is_(None), _LATEST.c.language.is_not(None))
    .order_by(_LATEST.c.id.desc())
    .limit(COUNTED)
    .subquery("written")
)
USED = (
    select(_WRITTEN.c.language)
    .group_by(_WRITTEN.c.language)
    .order_by(func.count().desc(), func.max(_WRITTEN.c.id).desc())
)


def used_by(db: Connection, account_id: int) -> list[str]:
    """Return the languages of an account's last 50 posts as codes, the one that it used most often first."""
    return list(db.scalars(USED, {"account_id": account_id}))
