"""Readers without an account who get an account's public posts by mail."""

import msgspec
from sqlalchemy import BigInteger, Connection, Text, bindparam, exists, func, select

from twite_common import ids
from twite_common.queries.paging import LIMIT, SINCE_ID
from twite_common.queries.timelines.timelines import NO_REPLY_TO_OTHERS
from twite_common.tables import account, imported_post, mail_follower, post
from twite_common.visibility import present, unlimited, visible

FREQUENCIES = ("daily", "weekly")


class MailFollower(msgspec.Struct, frozen=True):
    """A reader of an account, or somebody of whom it is said that they want to be one: then `confirmed_at` is None.

    They were told of posts up to `last_post_id`; posts are looked for again at `due_at`, in milliseconds. `locale` is
    the language that they read, None for the site's.
    """

    id: int
    account_id: int
    username: str
    email: str
    frequency: str
    locale: str | None
    confirmed_at: int | None
    last_post_id: int
    due_at: int
    refusals: int


class PublicPost(msgspec.Struct, frozen=True):
    """A post that everybody may read. `details` are for `twite_common.post_details.decode`."""

    id: int
    text: str
    spoiler_text: str
    details: str


_ID = bindparam("id", type_=BigInteger)
_ACCOUNT = bindparam("account_id", type_=BigInteger)
_ALL = select(
    mail_follower.c.id,
    mail_follower.c.account_id,
    account.c.username,
    *[mail_follower.c[name] for name in MailFollower.__struct_fields__[3:]],
).join(account, account.c.id == mail_follower.c.account_id)
# What staff have limited isn't brought to anybody who doesn't look for it.
_OFFERED = (account.c.follow_by_mail, present(account.c.id), unlimited(account.c.id))
OFFERED = select(account.c.id).where(account.c.id == _ACCOUNT, *_OFFERED)
ONE = _ALL.where(mail_follower.c.id == _ID, *_OFFERED)
LOCALE = select(mail_follower.c.locale).where(mail_follower.c.id == _ID)
USERNAME = (
    select(account.c.username)
    .join(mail_follower, mail_follower.c.account_id == account.c.id)
    .where(mail_follower.c.id == _ID)
)
BY_ADDRESS = _ALL.where(
    mail_follower.c.account_id == _ACCOUNT, mail_follower.c.email_key == bindparam("email_key", type_=Text)
)
DUE = (
    select(mail_follower.c.id)
    .where(mail_follower.c.due_at <= bindparam("now", type_=BigInteger))
    .order_by(mail_follower.c.due_at)
    .limit(LIMIT)
)
COUNT = select(func.count()).where(mail_follower.c.account_id == _ACCOUNT, mail_follower.c.confirmed_at.is_not(None))
COUNT_UNCONFIRMED = select(func.count()).where(
    mail_follower.c.account_id == _ACCOUNT, mail_follower.c.confirmed_at.is_(None)
)
NEW_POSTS = (
    select(*[post.c[name] for name in PublicPost.__struct_fields__])
    .where(
        post.c.account_id == _ACCOUNT,
        post.c.id > SINCE_ID,
        post.c.id <= bindparam("up_to_id", type_=BigInteger),
        post.c.visibility == "public",
        post.c.boost_of_id.is_(None),
        NO_REPLY_TO_OTHERS,
        # They were written elsewhere, before, and come silently.
        ~exists().where(imported_post.c.post_id == post.c.id),
        visible(post),
    )
    .order_by(post.c.id.desc())
    .limit(LIMIT)
)


def offered(db: Connection, account_id: int) -> bool:
    """Say whether readers can get an account's posts by mail: its owner wants that, and strangers see the account."""
    return db.scalar(OFFERED, {"account_id": account_id}) is not None


def get(db: Connection, follower_id: int) -> MailFollower | None:
    """Return a reader, as long as the account is offered by mail."""
    row = db.execute(ONE, {"id": follower_id}).one_or_none()
    return MailFollower(*row) if row else None


def locale_of(db: Connection, follower_id: int) -> str | None:
    """Return the language that a reader reads, where it is known."""
    return db.scalar(LOCALE, {"id": follower_id})


def username_of(db: Connection, follower_id: int) -> str:
    """Return whom a reader follows, also while that account isn't offered by mail; empty where there is no reader."""
    return db.scalar(USERNAME, {"id": follower_id}) or ""


def by_address(db: Connection, account_id: int, email_key: str) -> MailFollower | None:
    """Return the reader of an account who has an address."""
    row = db.execute(BY_ADDRESS, {"account_id": account_id, "email_key": email_key}).one_or_none()
    return MailFollower(*row) if row else None


def due(db: Connection, *, now: int, limit: int) -> list[int]:
    """Return the ids of readers for whom posts are to be looked for, and of those to be forgotten."""
    return list(db.scalars(DUE, {"now": now, "limit": limit}))


def count(db: Connection, account_id: int) -> int:
    """Return how many readers an account has by mail: its owner learns no more of them."""
    return db.scalars(COUNT, {"account_id": account_id}).one()


def count_unconfirmed(db: Connection, account_id: int) -> int:
    """Return how many haven't said yet in a mail that they want to be readers of an account."""
    return db.scalars(COUNT_UNCONFIRMED, {"account_id": account_id}).one()


def new_posts(
    db: Connection, account_id: int, *, after_id: int, up_to_id: int = ids.MAXIMUM, now: int, limit: int
) -> list[PublicPost]:
    """Return an account's latest public posts after one and up to another, as a stranger sees them, the newest first.

    Boosts, answers to others and imported posts are left out.
    """
    bounds = {"since_id": after_id, "up_to_id": up_to_id, "limit": limit}
    parameters = {"account_id": account_id, "viewer_id": None, "now": now, **bounds}
    return [PublicPost(*row) for row in db.execute(NEW_POSTS, parameters)]
