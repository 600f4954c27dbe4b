"""Webhooks, what they are to be told, and what became of that."""

from collections.abc import Collection
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import BigInteger, Connection, Text, and_, bindparam, case, exists, literal, select

from twite_common.errors import NotFound
from twite_common.queries.paging import LIMIT
from twite_common.sql.dialects import among
from twite_common.tables import notification, post, webhook, webhook_delivery
from twite_common.translations import gettext as _
from twite_common.visibility import NOW, reachable

POST_EVENTS = ("status.created", "status.updated", "status.deleted")
NOTIFICATION_EVENTS = (
    "mention",
    "direct",
    "quote",
    "follow",
    "follow_request",
    "favourite",
    "reblog",
    "status",
    "poll",
)
EVENTS = (*POST_EVENTS, *NOTIFICATION_EVENTS)
"""What a webhook can be told of, in the client API's words; `direct` is a mention in a post for those named only."""
TEST = "test"
"""What stands instead of an event where its owner wants to see whether a webhook works."""


class Webhook(msgspec.Struct, frozen=True):
    """An address that is told what happens to an account. `state` is active, paused or parked.

    `failures` counts the tries that failed since the last that didn't.
    """

    id: int
    account_id: int
    url: str
    events: str
    sealed_secret: bytes
    state: str
    failures: int

    def chosen(self) -> list[str]:
        """Return the events that it is told of."""
        return msgspec.json.decode(self.events, type=list[str])

    @property
    def origin(self) -> str:
        """Where it is, as far as it is shown again: the rest of the address may be a secret of whoever is told."""
        return origin(self.url)

    @property
    def host(self) -> str:
        """The name of the server that is told: the rest of the address may be a secret."""
        return urlsplit(self.url).hostname or ""


def origin(url: str) -> str:
    """Return the scheme and the host of an address, without what else of it may be a secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


class Delivery(msgspec.Struct, frozen=True):
    """Something that a webhook is to be told, or was. Times are milliseconds.

    `state` is due, claimed, held (until the webhook goes on), delivered or failed. `status` and `answer` are what the
    receiver said last, `error` why it said nothing.
    """

    id: int
    webhook_id: int
    event: str
    subject_id: int | None
    state: str
    attempts: int
    due_at: int
    tried_at: int | None
    status: int | None
    answer: str
    error: str


class Sending(msgspec.Struct, frozen=True):
    """A delivery, and the webhook that it is for."""

    delivery: Delivery
    webhook: Webhook


class Wanted(msgspec.Struct, frozen=True):
    """What a webhook is to be told of a new notification."""

    webhook_id: int
    event: str
    notification_id: int


_ID = bindparam("id", type_=BigInteger)
_ACCOUNT = bindparam("account_id", type_=BigInteger)
_WEBHOOK = bindparam("webhook_id", type_=BigInteger)
_COLUMNS = [webhook.c[name] for name in Webhook.__struct_fields__]
_DELIVERY = [webhook_delivery.c[name] for name in Delivery.__struct_fields__]
OF_ACCOUNT = select(*_COLUMNS).where(webhook.c.account_id == _ACCOUNT).order_by(webhook.c.id.desc())
ONE = select(*_COLUMNS).where(webhook.c.id == _ID, webhook.c.account_id == _ACCOUNT)
LAST = (
    select(*_DELIVERY)
    .where(webhook_delivery.c.webhook_id == _WEBHOOK)
    .order_by(webhook_delivery.c.id.desc())
    .limit(LIMIT)
)
SENDING = (
    select(*_DELIVERY, *_COLUMNS)
    .join(webhook, webhook.c.id == webhook_delivery.c.webhook_id)
    .where(webhook_delivery.c.id == _ID, reachable(webhook.c.account_id))
)
_other = webhook_delivery.alias("other")
DUE = (
    select(webhook_delivery.c.id)
    .where(
        webhook_delivery.c.state == "due",
        webhook_delivery.c.due_at <= NOW,
        # A receiver that is slow takes one thread, not all of them.
        ~exists().where(_other.c.state == "claimed", _other.c.webhook_id == webhook_delivery.c.webhook_id),
    )
    .order_by(webhook_delivery.c.turn_at, webhook_delivery.c.id)
    .limit(LIMIT)
)

# Events stand in JSON as words in quotation marks.
_CHOSE_POSTS = webhook.c.events.like(literal('%"', Text) + bindparam("event", type_=Text) + literal('"%', Text))
OF_POSTS = select(webhook.c.id).where(webhook.c.account_id == _ACCOUNT, webhook.c.state == "active", _CHOSE_POSTS)
_EVENT = case(
    (notification.c.kind == "boost", "reblog"),
    (notification.c.kind == "post", "status"),
    (and_(notification.c.kind == "mention", post.c.visibility == "mentioned"), "direct"),
    else_=notification.c.kind,
)
OF_NOTIFICATIONS = (
    select(webhook.c.id, _EVENT, notification.c.id)
    .select_from(notification)
    .join(webhook, webhook.c.account_id == notification.c.account_id)
    .outerjoin(post, post.c.id == notification.c.post_id)
    .where(
        among(notification.c.id, "notification_ids"),
        ~notification.c.filtered,
        webhook.c.state == "active",
        webhook.c.events.like(literal('%"', Text) + _EVENT + literal('"%', Text)),
    )
    .order_by(notification.c.id, webhook.c.id)
)


def of_account(db: Connection, account_id: int) -> list[Webhook]:
    """Return an account's webhooks, the latest first."""
    return [Webhook(*row) for row in db.execute(OF_ACCOUNT, {"account_id": account_id})]


def get(db: Connection, webhook_id: int, *, account_id: int) -> Webhook | None:
    """Return one of an account's own webhooks."""
    row = db.execute(ONE, {"id": webhook_id, "account_id": account_id}).one_or_none()
    return Webhook(*row) if row else None


def existing(db: Connection, webhook_id: int, *, account_id: int) -> Webhook:
    """Return one of an account's own webhooks. Raises NotFound where there is none."""
    found = get(db, webhook_id, account_id=account_id)
    if found is None:
        raise NotFound(_("There is no such webhook."))
    return found


def last_deliveries(db: Connection, webhook_id: int, *, limit: int = 20) -> list[Delivery]:
    """Return what a webhook was or is to be told, the latest first. Whose it is, is to be asked before."""
    return [Delivery(*row) for row in db.execute(LAST, {"webhook_id": webhook_id, "limit": limit})]


def sending(db: Connection, delivery_id: int, *, now: int) -> Sending | None:
    """Return a delivery with its webhook, unless the account's owner couldn't log in and look any more."""
    row = db.execute(SENDING, {"id": delivery_id, "now": now}).one_or_none()
    if row is None:
        return None
    length = len(Delivery.__struct_fields__)
    return Sending(Delivery(*row[:length]), Webhook(*row[length:]))


def due(db: Connection, *, now: int, limit: int = 1) -> list[int]:
    """Return the ids of deliveries whose time has come, in turns by webhook, and one for each."""
    return list(db.scalars(DUE, {"now": now, "limit": limit}))


def of_posts(db: Connection, account_id: int, event: str) -> list[int]:
    """Return the ids of an account's webhooks that are told of an event of its posts."""
    return list(db.scalars(OF_POSTS, {"account_id": account_id, "event": event}))


def of_notifications(db: Connection, notification_ids: Collection[int]) -> list[Wanted]:
    """Return which webhooks are to be told of which of these notifications."""
    rows = db.execute(OF_NOTIFICATIONS, {"notification_ids": list(notification_ids)})
    return [Wanted(*row) for row in rows]
