"""Deleting posts with everything attached to them, while all counts stay correct."""

from sqlalchemy import BigInteger, Connection, bindparam, delete, func, or_, select, update

from twite_common.queries.posts import posts as post_queries
from twite_common.queries.posts.posts import Post
from twite_common.services.notifications import webhooks
from twite_common.services.posts import media, posts, quotes
from twite_common.services.timelines import conversations, stream_events
from twite_common.tables import account, notification, post

_ID = bindparam("target_id", type_=BigInteger)
LOCK = (
    select(post.c.id)
    .where(or_(post.c.id == _ID, post.c.boost_of_id == _ID, post.c.id == bindparam("original_id", type_=BigInteger)))
    .order_by(post.c.id)
    .with_for_update()
)
"""Whoever boosts, answers or deletes the post at the same moment waits: what hangs on it stays as it is counted.

What it boosts comes before it, and boosts of it after it, so that no two deletions wait for each other.
"""
_COUNTING = account.c.id.in_(
    select(post.c.account_id).where(or_(post.c.id == _ID, post.c.boost_of_id == _ID)).scalar_subquery()
)
LOCK_COUNTING = select(account.c.id).where(_COUNTING).order_by(account.c.id).with_for_update(key_share=True)
"""In one order everywhere, so that two deletions never wait for each other."""
_gone = post.alias("gone")
UNCOUNT_POSTS = (
    update(account)
    .where(_COUNTING)
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


def delete_own(db: Connection, *, now: int, author_id: int, post_id: int, with_media: bool = False) -> None:
    """Delete a post and everything that hangs on it: boosts, favourites, bookmarks, notifications.

    Answers and quotes of it stay, and its attachments for a day, to be put on another post, unless it is to be deleted
    `with_media`. Raises NotFound unless it is the author's own.
    """
    if not remove(db, posts.own(db, post_id, author_id, now=now, to_be_deleted=True), now=now, with_media=with_media):
        raise posts.no_such_post()


def delete_over(db: Connection, *, now: int, post_id: int) -> None:
    """Delete a post that has ended by itself, with its attachments; does nothing when it is gone already."""
    post = post_queries.over(db, post_id, now=now)
    if post is not None:
        remove(db, post, now=now, with_media=True)


def remove(db: Connection, post: Post, *, now: int, with_media: bool = False) -> bool:
    """Take a post out of the database, and out of every count; False when another request just did.

    Its attachments can be put on another post for a day, unless they are to be deleted `with_media`.
    """
    target = {"target_id": post.id}
    if post.id not in db.scalars(LOCK, {**target, "original_id": post.boost_of_id}).all():
        return False
    stream_events.add_deletion(db, now=now, author_id=post.account_id, post_id=post.id)
    if post.in_reply_to_id is not None and post.for_everybody:
        posts.count_reply(db, post_id=post.in_reply_to_id, change=-1)
    if post.accepted_quote_of_id is not None:
        quotes.count(db, post_id=post.accepted_quote_of_id, change=-1)
    if post.boost_of_id is not None:
        posts.count_boost(db, post_id=post.boost_of_id, change=-1)
    else:
        quotes.sever(db, post_id=post.id)
        detach = media.drop_attached if with_media else media.release
        detach(db, now=now, post_id=post.id)
        webhooks.announce(db, "status.deleted", now=now, account_id=post.account_id, post_ids=[post.id])
    if post.visibility == "mentioned":
        conversations.go_back(db, post_id=post.id)
    # Accounts come after posts everywhere (`locks`), for the same reason.
    db.execute(LOCK_COUNTING, target)
    db.execute(UNCOUNT_POSTS, target)
    db.execute(FORGET_NOTIFICATIONS, target)
    db.execute(DROP_BOOSTS, target)
    db.execute(DROP, target)
    return True
