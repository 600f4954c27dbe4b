"""Permanently deleting an account with everything it wrote, while all counts stay correct."""

from sqlalchemy import BigInteger, Connection, bindparam, delete, func, literal_column, select, union_all, update

from twite_common.errors import NotFound
from twite_common.services.accounts import deleted_names
from twite_common.services.posts import media, post_details
from twite_common.tables import (
    account,
    archive,
    audit_entry,
    favourite,
    follow,
    former_username,
    home_timeline,
    import_,
    link,
    list_,
    list_timeline,
    mail,
    mention,
    notification,
    post,
    stream_event,
    token,
)
from twite_common.translations import gettext as _
from twite_common.visibility import open_to_all

_ID = bindparam("gone_id", type_=BigInteger)
_reply, _boost, _original = post.alias("reply"), post.alias("boost"), post.alias("original")

PICTURES = select(account.c.avatar, account.c.header).where(account.c.id == _ID)
ARCHIVES = union_all(
    select(archive.c.file).where(archive.c.account_id == _ID),
    select(import_.c.file).where(import_.c.account_id == _ID, import_.c.file.is_not(None)),
)
NAME = select(account.c.username).where(account.c.id == _ID, ~account.c.pending)
"""The name of an account that others have seen."""
FORMER_NAMES = select(former_username.c.username).where(former_username.c.account_id == _ID)
_own_posts = select(post.c.id).where(post.c.account_id == _ID)
_visible_replies = (_reply.c.account_id == _ID, open_to_all(_reply))
_boosts_of_own = (
    select(_boost.c.account_id)
    .join(_original, _original.c.id == _boost.c.boost_of_id)
    .where(_original.c.account_id == _ID)
)

NAMING = select(mention.c.post_id).where(mention.c.account_id == _ID)

UNCOUNT = (
    update(account)
    .where(account.c.id.in_(select(follow.c.follower_id).where(follow.c.followee_id == _ID)))
    .values(following_count=account.c.following_count - 1, version=account.c.version + 1),
    update(account)
    .where(account.c.id.in_(select(follow.c.followee_id).where(follow.c.follower_id == _ID)))
    .values(followers_count=account.c.followers_count - 1, version=account.c.version + 1),
    update(account)
    .where(account.c.id.in_(_boosts_of_own))
    .values(
        posts_count=account.c.posts_count
        - select(func.count())
        .select_from(_boost.join(_original, _original.c.id == _boost.c.boost_of_id))
        .where(_original.c.account_id == _ID, _boost.c.account_id == account.c.id)
        .scalar_subquery(),
        version=account.c.version + 1,
    ),
    update(post)
    .where(post.c.id.in_(select(favourite.c.post_id).where(favourite.c.account_id == _ID)))
    .values(favourites_count=post.c.favourites_count - 1),
    update(post)
    .where(post.c.id.in_(select(_boost.c.boost_of_id).where(_boost.c.account_id == _ID)))
    .values(boosts_count=post.c.boosts_count - 1),
    update(post)
    .where(post.c.id.in_(select(_reply.c.in_reply_to_id).where(*_visible_replies)))
    .values(
        replies_count=post.c.replies_count
        - select(func.count()).where(_reply.c.in_reply_to_id == post.c.id, *_visible_replies).scalar_subquery()
    ),
)
_boost_ids = (
    select(_boost.c.id).join(_original, _original.c.id == _boost.c.boost_of_id).where(_original.c.account_id == _ID)
)
# Links, mails and tokens may also be nobody's, so that they wouldn't go with the account by themselves.
REMOVE = (
    delete(link).where(link.c.account_id == _ID),
    delete(mail).where(mail.c.account_id == _ID),
    delete(token).where(token.c.account_id == _ID),
    delete(notification).where(notification.c.post_id.in_(_own_posts)),
    delete(post).where(post.c.id.in_(_boost_ids)),
    delete(stream_event).where(stream_event.c.account_id == _ID),
    delete(home_timeline).where(home_timeline.c.account_id == _ID),
    delete(list_timeline).where(list_timeline.c.list_id.in_(select(list_.c.id).where(list_.c.account_id == _ID))),
    delete(account).where(account.c.id == _ID),
)

FORGET_NAME = (
    update(audit_entry)
    .where(audit_entry.c.target_kind == literal_column("'account'"), audit_entry.c.target_id == _ID)
    .values(target_id=None, target_name="")
)


def leave(db: Connection, *, now: int, account_id: int) -> None:
    """Delete an account as its owner wants it, so that nothing of it stays.

    What staff once did about it stays in their record, without its name. Raises NotFound like `delete_account`.
    """
    delete_account(db, now=now, account_id=account_id)
    db.execute(FORGET_NAME, {"gone_id": account_id})


def delete_account(db: Connection, *, now: int, account_id: int) -> None:
    """Delete an account and everything it wrote; a task removes its files that nobody else uses.

    Its name can't be taken again, unless nobody has seen it yet. Raises NotFound when there is no such account.
    """
    target = {"gone_id": account_id}
    row = db.execute(PICTURES, target).one_or_none()
    if row is None:
        raise NotFound(_("There is no such account."))
    names, uploads = media.files_of_account(db, account_id)
    archives = db.scalars(ARCHIVES, target).all()
    name = db.scalar(NAME, target)
    if name is not None:
        deleted_names.add(db, name)
    for former_name in db.scalars(FORMER_NAMES, target).all():
        deleted_names.add(db, former_name)
    naming = db.scalars(NAMING, target).all()
    for statement in (*UNCOUNT, *REMOVE):
        db.execute(statement, target)
    post_details.refresh(db, naming)
    media.forget_files(db, [*row, *names], now=now, uploads=uploads, archives=archives)
