"""Removing what a deleted account leaves, in chunks that keep nobody waiting, while all counts stay correct.

Each chunk begins anew with what is there, so that it doesn't matter where the last one ended. It changes what belongs
to others in one place only, in the order of the ids, so that it never waits for somebody who waits for it.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Delete,
    Select,
    Table,
    Update,
    bindparam,
    delete,
    func,
    select,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.sql.dml import ReturningDelete

from twite_common.services import locks
from twite_common.services.posts import media, post_details
from twite_common.sql.dialects import among
from twite_common.tables import (
    account,
    account_daily_statistics,
    account_note,
    account_warning,
    archive,
    audit_entry,
    block,
    bookmark,
    card,
    conversation,
    conversation_mute,
    credentials,
    endorsement,
    favourite,
    follow,
    follow_request,
    former_mention,
    home_timeline,
    import_,
    import_entry,
    link,
    list_,
    list_member,
    list_timeline,
    login_place,
    mail,
    mail_follower,
    mention,
    mute,
    notification,
    notification_permission,
    notification_request,
    poll_vote,
    post,
    post_edit,
    post_edit_writer,
    post_writer,
    report,
    security_event,
    stranger_mail,
    stream_event,
    suggestion_dismissal,
    webhook,
    webhook_delivery,
)
from twite_common.visibility import open_to_all

ROWS = 500
"""Rows that a chunk removes, or somewhat more."""
POSTS = 50
"""Posts that it removes, each of which has rows in many tables."""

Chunk = Callable[[Connection, int, int], bool]
"""Given the time and the account, removes something, if there is anything left, and says whether there was."""

_ID = bindparam("gone_id", type_=BigInteger)
_NUMBER = bindparam("number", type_=BigInteger)
_SOME_POSTS = among(post.c.id, "ids")
_gone = post.alias("gone")
_SOME_GONE = among(_gone.c.id, "ids")


def _some(table: Table, condition: ColumnElement[bool], *, limit: int = ROWS) -> ColumnElement[bool]:
    """Return the condition that a row is one of the first that meet another condition, by their keys.

    Those that somebody else is about to remove, as when two are deleted who follow each other, aren't waited for.
    """
    keys = list(table.primary_key.columns)
    first = select(*keys).where(condition).limit(limit).with_for_update(skip_locked=True)
    return tuple_(*keys).in_(first) if len(keys) > 1 else keys[0].in_(first)


def _remove(column: Column[int]) -> Delete:
    """Return the statement that removes some of the rows whose column names the account."""
    return delete(column.table).where(_some(column.table, column == _ID))


def _forget(column: Column[int] | Column[int | None]) -> Update:
    """Return the statement that has some rows name the account no longer."""
    return update(column.table).where(_some(column.table, column == _ID)).values({column: None})


def _remove_under(column: Column[int], owner: Table) -> Delete:
    """Return the statement that removes some of the rows under what the account has, such as a list."""
    own = select(owner.c.id).where(owner.c.account_id == _ID)
    return delete(column.table).where(_some(column.table, column.in_(own)))


def _remove_of_posts(column: Column[int]) -> Delete:
    """Return the statement that removes some of the rows whose column names one of some posts."""
    return delete(column.table).where(_some(column.table, among(column, "post_ids")))


LOCK_POSTS = select(post.c.id).where(_SOME_POSTS).order_by(post.c.id).with_for_update()
LOCK_ACCOUNTS = select(account.c.id).where(among(account.c.id, "ids")).order_by(account.c.id)
LOCK_ACCOUNTS = LOCK_ACCOUNTS.with_for_update(key_share=True)

NEXT_POSTS = select(post.c.id).where(post.c.account_id == _ID).order_by(post.c.id).limit(POSTS)
HANGING = (
    favourite.c.post_id,
    bookmark.c.post_id,
    notification.c.post_id,
    mention.c.post_id,
    former_mention.c.post_id,
    poll_vote.c.post_id,
    post_edit.c.post_id,
    post_edit_writer.c.post_id,
    conversation.c.last_post_id,
)
"""Columns that name posts, of which one post can have very much."""
OF_POSTS = tuple(map(_remove_of_posts, HANGING))
ANSWERS = select(post.c.id).where(among(post.c.in_reply_to_id, "post_ids")).limit(ROWS)
PART_ANSWERS = update(post).where(_SOME_POSTS).values(in_reply_to_id=None)
QUOTES = select(post.c.id).where(among(post.c.quote_of_id, "post_ids"), post.c.quote_state == "accepted").limit(ROWS)
SEVER_QUOTES = update(post).where(_SOME_POSTS).values(quote_state="deleted")
BOOSTS = select(post.c.id).where(among(post.c.boost_of_id, "post_ids")).limit(ROWS)
AUTHORS = select(post.c.account_id).where(_SOME_POSTS)
FORGET_NOTIFICATIONS = delete(notification).where(among(notification.c.post_id, "ids"))
UNCOUNT_POSTS = (
    update(account)
    .where(among(account.c.id, "author_ids"))
    .values(
        posts_count=account.c.posts_count
        - select(func.count()).where(_gone.c.account_id == account.c.id, _SOME_GONE).scalar_subquery(),
        version=account.c.version + 1,
    )
)
COUNTING_POSTS = union_all(
    *[
        select(column).where(_SOME_GONE, column.is_not(None))
        for column in (_gone.c.boost_of_id, _gone.c.in_reply_to_id, _gone.c.quote_of_id)
    ]
)


def _uncount(count: Column[int], named: Column[int | None], *conditions: ColumnElement[bool]) -> Update:
    """Return the statement that takes some posts out of a count of those that they name."""
    number = select(func.count()).where(named == post.c.id, _SOME_GONE, *conditions).scalar_subquery()
    return (
        update(post).where(post.c.id.in_(select(named).where(_SOME_GONE, *conditions))).values({count: count - number})
    )


def _uncount_own(count: Column[int]) -> Update:
    """Return the statement that takes a number off a count of the account's own."""
    return update(account).where(account.c.id == _ID).values({count: count - _NUMBER})


def _uncount_one(count: Column[int]) -> Update:
    """Return the statement that takes one off a count of some accounts."""
    return (
        update(account)
        .where(among(account.c.id, "ids"))
        .values({count: count - 1, account.c.version: account.c.version + 1})
    )


UNCOUNT = (
    _uncount(post.c.boosts_count, _gone.c.boost_of_id),
    _uncount(post.c.replies_count, _gone.c.in_reply_to_id, open_to_all(_gone)),
    _uncount(post.c.quotes_count, _gone.c.quote_of_id, _gone.c.quote_state == "accepted"),
)
DROP_POSTS = delete(post).where(_SOME_POSTS)

UNCOUNT_OWN_POSTS = _uncount_own(account.c.posts_count)

TAKE_FAVOURITES = _remove(favourite.c.account_id).returning(favourite.c.post_id)
UNCOUNT_FAVOURITES = update(post).where(_SOME_POSTS).values(favourites_count=post.c.favourites_count - 1)
TAKE_MENTIONS = (
    delete(mention).where(_some(mention, mention.c.account_id == _ID, limit=POSTS)).returning(mention.c.post_id)
)


TAKE_FOLLOWERS = _remove(follow.c.followee_id).returning(follow.c.follower_id)
UNCOUNT_FOLLOWING = _uncount_one(account.c.following_count)
UNCOUNT_OWN_FOLLOWERS = _uncount_own(account.c.followers_count)
TAKE_FOLLOWEES = _remove(follow.c.follower_id).returning(follow.c.followee_id)
UNCOUNT_FOLLOWERS = _uncount_one(account.c.followers_count)
UNCOUNT_OWN_FOLLOWING = _uncount_own(account.c.following_count)

REMOVED = (
    home_timeline.c.account_id,
    notification.c.account_id,
    notification.c.from_account_id,
    bookmark.c.account_id,
    follow_request.c.follower_id,
    follow_request.c.followee_id,
    block.c.account_id,
    block.c.blocked_id,
    mute.c.account_id,
    mute.c.muted_id,
    list_member.c.account_id,
    conversation.c.account_id,
    conversation_mute.c.account_id,
    poll_vote.c.account_id,
    former_mention.c.account_id,
    post_writer.c.writer_id,
    post_edit_writer.c.writer_id,
    notification_request.c.account_id,
    notification_request.c.from_account_id,
    notification_permission.c.account_id,
    notification_permission.c.from_account_id,
    stranger_mail.c.account_id,
    stranger_mail.c.from_account_id,
    account_note.c.account_id,
    account_note.c.about_id,
    endorsement.c.endorsed_id,
    suggestion_dismissal.c.account_id,
    suggestion_dismissal.c.dismissed_id,
    account_daily_statistics.c.account_id,
    mail.c.account_id,
    mail_follower.c.account_id,
    # Links and stream events don't go with the account by themselves.
    link.c.account_id,
    stream_event.c.account_id,
    login_place.c.account_id,
    security_event.c.account_id,
    report.c.account_id,
    report.c.target_id,
    account_warning.c.target_id,
)
"""Columns that name accounts, of which one account can have very much."""
FORGOTTEN = (
    account_warning.c.account_id,
    audit_entry.c.account_id,
    card.c.author_account_id,
    credentials.c.invited_by_account_id,
    report.c.assigned_id,
    report.c.resolved_by_id,
)
"""Those of them whose rows stay."""
UNDER = (
    (list_timeline.c.list_id, list_),
    (list_member.c.list_id, list_),
    (webhook_delivery.c.webhook_id, webhook),
    (import_entry.c.import_id, import_),
)
"""What accounts have very much of under something of their own."""
REMOVE = (
    *map(_remove, REMOVED),
    *map(_forget, FORGOTTEN),
    *[_remove_under(column, owner) for column, owner in UNDER],
)
"""All of that; the rest goes with the account's row."""
FILES = union_all(
    select(archive.c.file).where(archive.c.account_id == _ID),
    select(import_.c.file).where(import_.c.account_id == _ID, import_.c.file.is_not(None)),
)
DROP = delete(account).where(account.c.id == _ID).returning(account.c.avatar, account.c.header)


def remove_some(db: Connection, *, now: int, account_id: int) -> bool:
    """Remove the next of what a deleted account leaves, at last its row; say whether that was the last.

    Does nothing when the account isn't there any more.
    """
    if any(remove(db, now, account_id) for remove in OF_OTHERS):
        return False
    target, removed = {"gone_id": account_id}, 0
    for statement in REMOVE:
        removed += db.execute(statement, target).rowcount
        if removed >= ROWS:
            break
    if removed:
        return False
    # What somebody began while the account was there comes before this, or finds none.
    locks.take_whole(db, account_id)
    if any(remove(db, now, account_id) for remove in OF_OTHERS):
        return False
    files = db.scalars(FILES, target).all()
    for pictures in db.execute(DROP, target).all():
        media.forget_files(db, pictures, now=now, archives=files)
    return True


def _remove_favourites(db: Connection, _now: int, account_id: int) -> bool:
    post_ids = db.scalars(TAKE_FAVOURITES, {"gone_id": account_id}).all()
    if post_ids:
        _lock(db, LOCK_POSTS, post_ids)
        db.execute(UNCOUNT_FAVOURITES, {"ids": list(post_ids)})
    return bool(post_ids)


def _remove_mentions(db: Connection, _now: int, account_id: int) -> bool:
    post_ids = db.scalars(TAKE_MENTIONS, {"gone_id": account_id}).all()
    _lock(db, LOCK_POSTS, post_ids)
    post_details.refresh(db, post_ids)
    return bool(post_ids)


def _remove_media(db: Connection, now: int, account_id: int) -> bool:
    return media.drop_some_of_account(db, now=now, account_id=account_id)


def _remove_posts(db: Connection, _now: int, account_id: int) -> bool:
    post_ids = db.scalars(NEXT_POSTS, {"gone_id": account_id}).all()
    if not post_ids:
        return False
    # What hangs on the posts goes first, as one of them can have as much of it as there are people.
    return (
        _remove_what_hangs_on(db, post_ids)
        or _change_posts(db, ANSWERS, PART_ANSWERS, post_ids)
        or _change_posts(db, QUOTES, SEVER_QUOTES, post_ids)
        or _remove_boosts(db, post_ids)
        or _remove_bare_posts(db, post_ids, account_id)
    )


def _remove_what_hangs_on(db: Connection, post_ids: Sequence[int]) -> bool:
    """Remove some of it, and say whether there may be more."""
    removed = 0
    for statement in OF_POSTS:
        removed += db.execute(statement, {"post_ids": list(post_ids)}).rowcount
        if removed >= ROWS:
            return True
    return False


def _change_posts(db: Connection, found: Select[int], change: Update, post_ids: Sequence[int]) -> bool:
    """Change some of the posts that name these, and say whether there were any."""
    changed_ids = db.scalars(found, {"post_ids": list(post_ids)}).all()
    if changed_ids:
        _lock(db, LOCK_POSTS, changed_ids)
        db.execute(change, {"ids": list(changed_ids)})
    return bool(changed_ids)


def _remove_boosts(db: Connection, post_ids: Sequence[int]) -> bool:
    boost_ids = db.scalars(BOOSTS, {"post_ids": list(post_ids)}).all()
    if boost_ids:
        # Those that are still there.
        boosts = {"ids": _lock(db, LOCK_POSTS, boost_ids)}
        author_ids = _lock(db, LOCK_ACCOUNTS, db.scalars(AUTHORS, boosts).all())
        db.execute(UNCOUNT_POSTS, {**boosts, "author_ids": author_ids})
        db.execute(FORGET_NOTIFICATIONS, boosts)
        db.execute(DROP_POSTS, boosts)
    return bool(boost_ids)


def _remove_bare_posts(db: Connection, post_ids: Sequence[int], account_id: int) -> bool:
    posts = {"ids": list(post_ids)}
    _lock(db, LOCK_POSTS, [*post_ids, *db.scalars(COUNTING_POSTS, posts)])
    for statement in UNCOUNT:
        db.execute(statement, posts)
    db.execute(DROP_POSTS, posts)
    db.execute(UNCOUNT_OWN_POSTS, {"gone_id": account_id, "number": len(post_ids)})
    return True


def _remove_follows(take: ReturningDelete[int], uncount: Update, uncount_own: Update) -> Chunk:
    """Return what ends some follows and counts them no longer."""

    def remove(db: Connection, _now: int, account_id: int) -> bool:
        other_ids = db.scalars(take, {"gone_id": account_id}).all()
        if other_ids:
            _lock(db, LOCK_ACCOUNTS, [account_id, *other_ids])
            db.execute(uncount, {"ids": list(other_ids)})
            db.execute(uncount_own, {"gone_id": account_id, "number": len(other_ids)})
        return bool(other_ids)

    return remove


def _lock(db: Connection, lock: Select[int], ids: Sequence[int]) -> list[int]:
    """Have others wait who change these, and return those that are there."""
    return list(db.scalars(lock, {"ids": list(ids)}))


OF_OTHERS: tuple[Chunk, ...] = (
    _remove_posts,
    _remove_favourites,
    _remove_mentions,
    _remove_follows(TAKE_FOLLOWERS, UNCOUNT_FOLLOWING, UNCOUNT_OWN_FOLLOWERS),
    _remove_follows(TAKE_FOLLOWEES, UNCOUNT_FOLLOWERS, UNCOUNT_OWN_FOLLOWING),
    _remove_media,
)
"""What changes rows of others: the first that finds something is a chunk of its own."""
