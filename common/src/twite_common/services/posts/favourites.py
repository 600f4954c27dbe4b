"""Favouriting posts."""

from sqlalchemy import BigInteger, Connection, bindparam, delete, update

from twite_common import ids
from twite_common.queries.posts import posts
from twite_common.services.notifications import notifications
from twite_common.sql.dialects import upsert
from twite_common.tables import favourite, post

_ACCOUNT = bindparam("by_account_id", type_=BigInteger)
_POST = bindparam("the_post_id", type_=BigInteger)
ADD = upsert(favourite).on_conflict_do_nothing()
DROP = delete(favourite).where(favourite.c.account_id == _ACCOUNT, favourite.c.post_id == _POST)
COUNT = (
    update(post)
    .where(post.c.id == _POST)
    .values(favourites_count=post.c.favourites_count + bindparam("change", type_=BigInteger))
)


def favourite_post(db: Connection, *, now: int, account_id: int, post_id: int) -> int:
    """Favourite a post, or for a boost what it boosts; asking twice changes nothing. Returns that post's id.

    Raises NotFound when the account can't see it.
    """
    original = posts.existing_original(db, post_id, viewer_id=account_id)
    row = {"account_id": account_id, "post_id": original.id, "id": ids.new(now)}
    if db.execute(ADD, row).rowcount:
        db.execute(COUNT, {"the_post_id": original.id, "change": 1})
        notifications.notify(
            db, [original.account_id], "favourite", now=now, from_account_id=account_id, post_id=original.id
        )
    return original.id


def unfavourite_post(db: Connection, *, account_id: int, post_id: int) -> int:
    """Take a favourite back; where there is none nothing changes. Returns the post's id.

    Raises NotFound when the account can't see it.
    """
    original = posts.existing_original(db, post_id, viewer_id=account_id)
    if db.execute(DROP, {"by_account_id": account_id, "the_post_id": original.id}).rowcount:
        db.execute(COUNT, {"the_post_id": original.id, "change": -1})
        notifications.take_back(
            db, account_id=original.account_id, kind="favourite", from_account_id=account_id, post_id=original.id
        )
    return original.id
