"""Devices that receive pushes, and the pushes to be sent."""

from collections.abc import Collection

import msgspec
from sqlalchemy import BigInteger, Connection, Text, and_, bindparam, exists, literal, or_, select

from twite_common.queries.paging import LIMIT
from twite_common.sql.dialects import among
from twite_common.sql.types import AnySelect
from twite_common.tables import (
    account,
    follow,
    notification,
    post,
    preferences,
    push_message,
    push_subscription,
    session,
    token,
)
from twite_common.visibility import NOW, VIEWER, present, reachable, visible, wanted


class Subscription(msgspec.Struct, frozen=True):
    """A device. `alerts` are the kinds of notification that it wants, `standard` says which encryption it knows.

    One that was subscribed on the site's own pages names the session, and has no sealed token.
    """

    id: int
    account_id: int
    endpoint: str
    p256dh: str
    auth: str
    sealed_token: bytes
    standard: bool
    policy: str
    alerts: str
    session_id: int | None = None

    def kinds(self) -> list[str]:
        """Return the kinds of notification that the device wants."""
        return msgspec.json.decode(self.alerts, type=list[str])


class Push(msgspec.Struct, frozen=True):
    """A message to be pushed, and the device."""

    id: int
    attempts: int
    notification_id: int
    subscription: Subscription


class Wanting(msgspec.Struct, frozen=True):
    """A device that is to be told of a notification, and whose doing that is."""

    subscription_id: int
    notification_id: int
    cause_id: int


class Told(msgspec.Struct, frozen=True):
    """What a pushed message tells; `language` is what its reader writes in, `locale` what they read the site in."""

    kind: str
    post_id: int | None
    report_id: int | None
    from_username: str
    from_display_name: str
    from_avatar: str | None
    post_text: str | None
    spoiler_text: str | None
    language: str | None
    locale: str | None


_ID = bindparam("id", type_=BigInteger)
_SUBSCRIPTION = [push_subscription.c[name] for name in Subscription.__struct_fields__]
OF_TOKEN = select(*_SUBSCRIPTION).where(push_subscription.c.token_id == bindparam("token_id", type_=BigInteger))
OF_SESSION = select(*_SUBSCRIPTION).where(
    push_subscription.c.session_id == bindparam("of_session_id", type_=BigInteger)
)
MESSAGE = (
    select(push_message.c.id, push_message.c.attempts, push_message.c.notification_id, *_SUBSCRIPTION)
    .join(push_subscription, push_subscription.c.id == push_message.c.subscription_id)
    .where(push_message.c.id == _ID)
)
_other = push_message.alias("other")
DUE = (
    select(push_message.c.id)
    .where(
        push_message.c.state == "due",
        push_message.c.due_at <= NOW,
        # A device whose push service is slow takes one thread, not all of them.
        ~exists().where(_other.c.subscription_id == push_message.c.subscription_id, _other.c.state != "due"),
    )
    .order_by(push_message.c.turn_at, push_message.c.id)
    .limit(LIMIT)
)
_follows = exists().where(
    follow.c.follower_id == notification.c.account_id, follow.c.followee_id == notification.c.from_account_id
)
_is_followed = exists().where(
    follow.c.follower_id == notification.c.from_account_id, follow.c.followee_id == notification.c.account_id
)
MATCHING_SUBSCRIPTIONS = (
    select(push_subscription.c.id, notification.c.id, notification.c.from_account_id, push_subscription.c.endpoint)
    .join(notification, notification.c.account_id == push_subscription.c.account_id)
    .outerjoin(token, token.c.id == push_subscription.c.token_id)
    .outerjoin(session, session.c.id == push_subscription.c.session_id)
    .where(
        among(notification.c.id, "notification_ids"),
        ~notification.c.filtered,
        push_subscription.c.alerts.like(literal('%"', Text) + notification.c.kind + literal('"%', Text)),
        or_(
            push_subscription.c.policy == "all",
            and_(push_subscription.c.policy == "followed", _follows),
            and_(push_subscription.c.policy == "follower", _is_followed),
        ),
        or_(
            session.c.expires_at > NOW,
            and_(
                push_subscription.c.session_id.is_(None),
                token.c.revoked_at.is_(None),
                or_(token.c.expires_at.is_(None), token.c.expires_at > NOW, token.c.refresh_hash.is_not(None)),
            ),
        ),
    )
    .order_by(push_subscription.c.id)
)
_from = account.alias("from_account")
# What may have changed since the message was written down is asked again here.
TOLD: AnySelect = (
    select(
        notification.c.kind,
        notification.c.post_id,
        notification.c.report_id,
        _from.c.username,
        _from.c.display_name,
        _from.c.avatar,
        post.c.text,
        post.c.spoiler_text,
        preferences.c.language,
        preferences.c.locale,
    )
    .select_from(notification)
    .join(_from, _from.c.id == notification.c.from_account_id)
    .join(preferences, preferences.c.account_id == notification.c.account_id)
    .outerjoin(post, post.c.id == notification.c.post_id)
    .where(
        notification.c.id == _ID,
        notification.c.account_id == VIEWER,
        present(notification.c.from_account_id),
        reachable(VIEWER),
        wanted(notification.c.from_account_id, for_notifications=True),
        or_(notification.c.post_id.is_(None), and_(post.c.id.is_not(None), visible(post))),
    )
)


def of_token(db: Connection, token_id: int) -> Subscription | None:
    """Return the device that a token has subscribed."""
    row = db.execute(OF_TOKEN, {"token_id": token_id}).one_or_none()
    return Subscription(*row) if row else None


def of_session(db: Connection, session_id: int) -> Subscription | None:
    """Return the device that was subscribed in a session of the site."""
    row = db.execute(OF_SESSION, {"of_session_id": session_id}).one_or_none()
    return Subscription(*row) if row else None


def message(db: Connection, message_id: int) -> Push | None:
    """Return a message to be pushed."""
    row = db.execute(MESSAGE, {"id": message_id}).one_or_none()
    return Push(row[0], row[1], row[2], Subscription(*row[3:])) if row else None


def due(db: Connection, *, now: int, limit: int = 1) -> list[int]:
    """Return the ids of messages whose time has come, in turns by account and one for each device."""
    return list(db.scalars(DUE, {"now": now, "limit": limit}))


def wanting(db: Connection, notification_ids: Collection[int], *, now: int) -> list[Wanting]:
    """Return which devices are to be told of which of these notifications, each address of each of them once."""
    parameters = {"notification_ids": list(notification_ids), "now": now}
    newest = {(row[3], row[1]): Wanting(*row[:3]) for row in db.execute(MATCHING_SUBSCRIPTIONS, parameters)}
    return list(newest.values())


def told(db: Connection, notification_id: int, *, account_id: int, now: int) -> Told | None:
    """Return what a message about a notification tells its reader, if they may still see it and want to."""
    row = db.execute(TOLD, {"id": notification_id, "viewer_id": account_id, "now": now}).one_or_none()
    return Told(*row) if row else None
