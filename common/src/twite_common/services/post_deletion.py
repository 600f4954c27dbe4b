"""Deleting posts, with everything that hangs on them, while every count of the others stays right."""

from sqlalchemy import BigInteger, Connection, bindparam, delete, func, or_, select, update

from twite_common.queries.posts import Post
from twite_common.services import conversations, media, posts, quotes, streams
from twite_common.tables import account, notification, post

_ID = bindparam("target_id", type_=BigInteger)
_gone = post.alias("gone")
UNCOUNT_POSTS = (
    update(account)
    .where(
        account.c.id.in_(
            select(post.c.account_id).where(or_(post.c.id == _ID, post.c.boost_of_id == _ID)).scalar_subquery()
        )
    )
    .values(
        # Two for an author who boosted it.
        posts_count=account.c.posts_count
        - select(func.count()).where(_gone.c.id == _ID, _gone.c.account_id == account.c.id).scalar_subquery()
        - select(func.count()).where(_gone.c.boost_of_id == _ID, _gone.c.account_id == account.c.id).scalar_subquery(),
        version=account.c.version + 1,
    )
)
FORGET_NOTIFICATIONS = delete(notification).where(
    or_(
        notification.c.post_id == _ID,
        notification.c.post_id.in_(select(post.c.id).where(post.c.boost_of_id == _ID)),
    )
)
DROP_BOOSTS = delete(post).where(post.c.boost_of_id == _ID)
DROP = delete(post).where(post.c.id == _ID)


def delete_own(db: Connection, *, now: int, author_id: int, post_id: int) -> None:
    """Delete a post and everything that hangs on it: boosts, favourites, bookmarks, notifications.

    Answers and quotes of it stay, and its attachments for a day, to be put on another post. Raises NotFound unless it
    is the author's own.
    """
    remove(db, posts.own(db, post_id, author_id), now=now)


def remove(db: Connection, present: Post, *, now: int) -> None:
    """Take a post out of the database, and out of every count."""
    target = {"target_id": present.id}
    streams.add_deletion(db, now=now, author_id=present.account_id, post_id=present.id)
    db.execute(UNCOUNT_POSTS, target)
    if present.in_reply_to_id is not None and present.visibility in {"public", "unlisted"}:
        db.execute(posts.COUNT_REPLY, {"target_id": present.in_reply_to_id, "change": -1})
    if present.quote_of_id is not None and present.quote_state == "accepted":
        quotes.count(db, post_id=present.quote_of_id, change=-1)
    if present.boost_of_id is None:
        quotes.sever(db, post_id=present.id)
        media.release(db, now=now, post_id=present.id)
    if present.visibility == "mentioned":
        conversations.go_back(db, post_id=present.id)
    db.execute(FORGET_NOTIFICATIONS, target)
    db.execute(DROP_BOOSTS, target)
    db.execute(DROP, target)
