"""Mails to be sent, and the content of mails about notifications."""

from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Connection, Text, and_, bindparam, case, exists, func, or_, select

from twite_common.queries.paging import LIMIT
from twite_common.sql.dialects import among
from twite_common.tables import (
    account,
    credentials,
    follow,
    home_timeline,
    mail,
    mail_item,
    notification,
    post,
    preferences,
)
from twite_common.visibility import VIEWER, reachable, visible, wanted


class Mail(msgspec.Struct, frozen=True):
    """A mail to be sent, or one that was. Times are milliseconds.

    `state` is due, claimed (somebody prepares it), sending (it is being handed over), sent, dropped or parked. `answer`
    is what the mail server said when it took the mail; `bounce` is hard or soft once it came back, else empty.
    """

    id: int
    account_id: int | None
    kind: str
    address: str
    detail: str
    state: str
    attempts: int
    due_at: int
    claimed_at: int | None
    sent_at: int | None
    error: str
    answer: str = ""
    bounce: str = ""

    def details(self) -> dict[str, Any]:
        """Return what was given when the mail was written down."""
        return msgspec.json.decode(self.detail, type=dict[str, Any])


class Item(msgspec.Struct, frozen=True):
    """Something that a mail about notifications tells."""

    notification_id: int
    kind: str
    from_username: str
    from_display_name: str
    post_id: int | None
    post_username: str | None
    post_text: str | None
    spoiler_text: str | None


class Popular(msgspec.Struct, frozen=True):
    """A post that many liked, for the weekly digest."""

    post_id: int
    username: str
    text: str
    favourites_count: int


_ID = bindparam("id", type_=BigInteger)
COLUMNS = [mail.c[name] for name in Mail.__struct_fields__]
GET = select(*COLUMNS).where(mail.c.id == _ID)
WAITING = (
    select(mail.c.id)
    # "+ 0" keeps SQLite from the index by that, for which it would have to sort all that wait.
    .where(mail.c.state == "due", mail.c.turn_at.is_not(None), mail.c.due_at + 0 <= bindparam("now", type_=BigInteger))
    .order_by(mail.c.turn_at, mail.c.id)
    .limit(LIMIT)
)
# What somebody waits for stands a day before the rest (`services.notifications.mails.HEAD_START_MS`).
WAITED_FOR = WAITING.where(
    mail.c.turn_at < bindparam("turn_before", type_=BigInteger), ~among(mail.c.kind, "other_kinds")
)
LATEST = (
    select(*COLUMNS)
    .where(mail.c.account_id == _ID, mail.c.kind == bindparam("kind", type_=Text))
    .order_by(mail.c.id.desc())
    .limit(LIMIT)
)
COUNT_PARKED = select(func.count()).select_from(mail).where(mail.c.state == "parked")
PARKED = select(*COLUMNS).where(mail.c.state == "parked").order_by(mail.c.id.desc()).limit(LIMIT)

CHOICE = case(
    (notification.c.kind == "mention", preferences.c.mail_mention),
    (notification.c.kind == "follow", preferences.c.mail_follow),
    (notification.c.kind == "follow_request", preferences.c.mail_follow_request),
    (notification.c.kind == "favourite", preferences.c.mail_favourite),
    (notification.c.kind == "boost", preferences.c.mail_boost),
    (notification.c.kind == "post", preferences.c.mail_post),
    else_="never",
)
_from = account.alias("from_account")
_author = account.alias("author")
# What may have changed since the mail was written down is asked again here, with its reader as the viewer.
ITEMS = (
    select(
        notification.c.id,
        notification.c.kind,
        _from.c.username,
        _from.c.display_name,
        post.c.id,
        _author.c.username,
        post.c.text,
        post.c.spoiler_text,
    )
    .select_from(mail_item)
    .join(notification, notification.c.id == mail_item.c.notification_id)
    .join(preferences, preferences.c.account_id == notification.c.account_id)
    .join(_from, _from.c.id == notification.c.from_account_id)
    .outerjoin(post, post.c.id == notification.c.post_id)
    .outerjoin(_author, _author.c.id == post.c.account_id)
    .where(
        mail_item.c.mail_id == _ID,
        CHOICE != "never",
        _from.c.suspended_at.is_(None),
        reachable(VIEWER),
        wanted(notification.c.from_account_id, for_notifications=True),
        or_(notification.c.post_id.is_(None), and_(post.c.id.is_not(None), visible(post))),
        or_(
            preferences.c.notifications_seen_at.is_(None),
            preferences.c.notifications_seen_at < bindparam("seen_before", type_=BigInteger),
            # An id's upper 48 bits are the time it was made at.
            notification.c.id > preferences.c.notifications_seen_at * 65536,
        ),
    )
    .order_by(notification.c.id)
)
_FOLLOWED_POST = exists().where(follow.c.follower_id == VIEWER, follow.c.followee_id == post.c.account_id)
POPULAR = (
    select(post.c.id, account.c.username, post.c.text, post.c.favourites_count)
    .select_from(home_timeline)
    .join(post, post.c.id == home_timeline.c.post_id)
    .join(account, account.c.id == post.c.account_id)
    .where(
        home_timeline.c.account_id == VIEWER,
        home_timeline.c.post_id > bindparam("first_id", type_=BigInteger),
        post.c.account_id != VIEWER,
        post.c.boost_of_id.is_(None),
        post.c.spoiler_text == "",
        _FOLLOWED_POST,
        reachable(VIEWER),
        visible(post),
        wanted(post.c.account_id),
    )
    .order_by((post.c.favourites_count + post.c.boosts_count).desc(), post.c.id.desc())
    .limit(LIMIT)
)
AWAY = (
    select(account.c.id, credentials.c.email)
    .join(credentials, credentials.c.account_id == account.c.id)
    .join(preferences, preferences.c.account_id == account.c.id)
    .where(
        account.c.suspended_at.is_(None),
        ~account.c.pending,
        credentials.c.mail_failed_at.is_(None),
        preferences.c.mail_weekly,
        func.coalesce(preferences.c.seen_at, 0) < bindparam("seen_before", type_=BigInteger),
        account.c.id < bindparam("first_id", type_=BigInteger),
        ~exists().where(
            mail.c.account_id == account.c.id,
            mail.c.kind == "weekly",
            mail.c.id > bindparam("first_mail_id", type_=BigInteger),
        ),
    )
    .order_by(account.c.id)
    .limit(LIMIT)
)


def get(db: Connection, mail_id: int) -> Mail | None:
    """Return a mail, whatever became of it."""
    row = db.execute(GET, {"id": mail_id}).one_or_none()
    return Mail(*row) if row else None


def waiting(db: Connection, *, now: int, limit: int = 1) -> list[int]:
    """Return the ids of mails that can be sent now, in the order in which they are to be."""
    return list(db.scalars(WAITING, {"now": now, "limit": limit}))


def waited_for(
    db: Connection, *, now: int, turn_before: int, other_kinds: Collection[str], limit: int = 1
) -> list[int]:
    """Return the same of those mails alone that stand before a time in the order, but for other kinds."""
    parameters = {"now": now, "turn_before": turn_before, "other_kinds": sorted(other_kinds), "limit": limit}
    return list(db.scalars(WAITED_FOR, parameters))


def latest(db: Connection, account_id: int, kind: str, *, limit: int = 1) -> list[Mail]:
    """Return an account's last mails of one kind, the newest first."""
    return [Mail(*row) for row in db.execute(LATEST, {"id": account_id, "kind": kind, "limit": limit})]


def parked(db: Connection, *, limit: int = 50) -> list[Mail]:
    """Return the mails that could not be sent, the newest first."""
    return [Mail(*row) for row in db.execute(PARKED, {"limit": limit})]


def count_parked(db: Connection) -> int:
    """Return how many mails could not be sent."""
    return db.scalars(COUNT_PARKED).one()


def items(db: Connection, mail_id: int, *, account_id: int, now: int, seen_before: int) -> list[Item]:
    """Return what a mail is still to tell its reader: not what they muted, turned off, or have looked at since.

    Somebody who has looked at their notifications at `seen_before` or later has seen all that were there by then.
    """
    parameters = {"id": mail_id, "viewer_id": account_id, "now": now, "seen_before": seen_before}
    return [Item(*row) for row in db.execute(ITEMS, parameters)]


def popular(db: Connection, account_id: int, *, first_id: int, now: int, limit: int = 5) -> list[Popular]:
    """Return the most liked posts, since an id, of whom an account follows."""
    parameters = {"viewer_id": account_id, "first_id": first_id, "now": now, "limit": limit}
    return [Popular(*row) for row in db.execute(POPULAR, parameters)]


def away(
    db: Connection, *, seen_before: int, first_id: int, first_mail_id: int, limit: int = 200
) -> list[tuple[int, str]]:
    """Return id and address of accounts not seen since a time that had no weekly digest since a mail's id."""
    parameters = {
        "seen_before": seen_before,
        "first_id": first_id,
        "first_mail_id": first_mail_id,
        "limit": limit,
    }
    return [(row[0], row[1]) for row in db.execute(AWAY, parameters)]
