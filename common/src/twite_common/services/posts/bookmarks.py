"""Bookmarking posts, privately."""

from sqlalchemy import BigInteger, Connection, bindparam, delete

from twite_common import ids
from twite_common.queries.posts import posts
from twite_common.sql.dialects import upsert
from twite_common.tables import bookmark

ADD = upsert(bookmark).on_conflict_do_nothing()
DROP = delete(bookmark).where(
    bookmark.c.account_id == bindparam("by_account_id", type_=BigInteger),
    bookmark.c.post_id == bindparam("the_post_id", type_=BigInteger),
)


def bookmark_post(db: Connection, *, now: int, account_id: int, post_id: int) -> int:
    """Bookmark a post, or for a boost what it boosts; asking twice changes nothing. Returns that post's id.

    Raises NotFound when the account can't see it.
    """
    original_id = posts.existing_original(db, post_id, viewer_id=account_id).id
    db.execute(ADD, {"account_id": account_id, "post_id": original_id, "id": ids.new(now)})
    return original_id


def unbookmark_post(db: Connection, *, account_id: int, post_id: int) -> int:
    """Take a bookmark away; where there is none nothing changes. Returns the post's id.

    Raises NotFound when the account can't see it.
    """
    original_id = posts.existing_original(db, post_id, viewer_id=account_id).id
    db.execute(DROP, {"by_account_id": account_id, "the_post_id": original_id})
    return original_id
