"""Web Push: subscribed devices, and queueing pushes for them.

A message's row holds neither token nor text: both are put in when it is sent.
"""

import base64
import binascii
from collections.abc import Collection
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import BigInteger, Connection, Text, bindparam, delete, insert, select, union_all, update

from twite_common import clock, ids
from twite_common.database import dispatch
from twite_common.errors import Invalid, NotFound
from twite_common.queries.notifications import push as queries
from twite_common.queries.notifications.push import Push, Subscription
from twite_common.services import locks
from twite_common.services.validators import is_receiver
from twite_common.settings import Settings
from twite_common.sql import fair_queue
from twite_common.tables import push_message, push_subscription
from twite_common.translations import gettext as _

TASK = "push.send"
"""Name of the task that sends a message, given its id."""
EVENT = "notifications.push"
"""Kind of the event that names notifications of accounts with devices."""

DELAYS_MS = tuple(minutes * clock.MINUTE for minutes in (1, 5, 15, 60, 240))
"""Waits after each temporary failure; after the last the message is given up."""
CLAIM_MS = 2 * clock.MINUTE
"""After this long, whoever claimed a message without saying what became of it is taken for dead.

Far longer than a sender that lives can take: it waits ten seconds for the whole of an answer.
"""
POLICIES = ("all", "followed", "follower", "none")
MAX_DEVICES = 10
"""Devices of one account; the newest take the place of the oldest."""
MAX_SHARING = 5
"""Accounts that one address tells, as where somebody uses several in one browser; the newest count here, too."""
LEFT_OVER = 1000
"""Subscriptions that are removed at once where there are more, as from before there was a limit."""


class Device(msgspec.Struct, frozen=True):
    """Where a device's push service takes messages, and the keys that only the device can read them with."""

    endpoint: str
    p256dh: str
    auth: str
    standard: bool = False


_ID = bindparam("message_id", type_=BigInteger)
_SUBSCRIPTION = bindparam("the_subscription_id", type_=BigInteger)
_BEFORE = bindparam("before", type_=BigInteger)
ADD = insert(push_subscription)
FORGET_OF_TOKEN = delete(push_subscription).where(
    push_subscription.c.token_id == bindparam("of_token_id", type_=BigInteger)
)
FORGET_OF_SESSION = delete(push_subscription).where(
    push_subscription.c.session_id == bindparam("of_session_id", type_=BigInteger)
)
_OF_ACCOUNT = push_subscription.c.account_id == bindparam("of_account_id", type_=BigInteger)
_AT_ENDPOINT = push_subscription.c.endpoint == bindparam("at_endpoint", type_=Text)
_NEWEST_FIRST = select(push_subscription.c.id).order_by(push_subscription.c.id.desc()).limit(LEFT_OVER)
REPLACE = delete(push_subscription).where(
    push_subscription.c.id.in_(
        union_all(
            select(push_subscription.c.id).where(
                push_subscription.c.token_id == bindparam("of_token_id", type_=BigInteger)
            ),
            select(push_subscription.c.id).where(
                push_subscription.c.session_id == bindparam("of_session_id", type_=BigInteger)
            ),
            select(push_subscription.c.id).where(_OF_ACCOUNT, _AT_ENDPOINT),
        )
    )
)
MAKE_ROOM = delete(push_subscription).where(
    push_subscription.c.id.in_(
        union_all(
            select(_NEWEST_FIRST.where(_OF_ACCOUNT).offset(MAX_DEVICES - 1).subquery().c.id),
            select(_NEWEST_FIRST.where(_AT_ENDPOINT).offset(MAX_SHARING - 1).subquery().c.id),
        )
    )
)
CHANGE = update(push_subscription).where(push_subscription.c.id == _SUBSCRIPTION)
FORGET = delete(push_subscription).where(push_subscription.c.id == _SUBSCRIPTION)
ADD_MESSAGE = insert(push_message).values(turn_at=fair_queue.place(push_message.c.cause_id, push_message.c.turn_at))
CHANGE_MESSAGE = update(push_message).where(push_message.c.id == _ID)
CLAIM = (
    update(push_message)
    .where(push_message.c.id == _ID, push_message.c.state == "due")
    .where(push_message.c.due_at <= bindparam("now", type_=BigInteger))
    .values(state="claimed", claimed_at=bindparam("now", type_=BigInteger))
)
DROP_MESSAGE = delete(push_message).where(push_message.c.id == _ID)
# What was being handed over when its sender died may have arrived; nobody wants to be told twice.
DROP_LOST = delete(push_message).where(push_message.c.state == "sending", push_message.c.claimed_at < _BEFORE)
REPEAT_LOST = (
    update(push_message)
    .where(push_message.c.state == "claimed", push_message.c.claimed_at < _BEFORE)
    .values(state="due")
)


def subscribe(
    db: Connection,
    settings: Settings,
    *,
    now: int,
    account_id: int,
    device: Device,
    kinds: Collection[str],
    policy: str,
    token_id: int | None = None,
    sealed_token: bytes = b"",
    session_id: int | None = None,
) -> Subscription:
    """Push an account's notifications of these kinds to a device.

    It belongs to a token or to a session of the site, and ends with it. This replaces the device that the token or
    session had, and what the account had at the same address. Of too many devices of an account, or accounts at an
    address, the oldest are forgotten. Raises Invalid for an address or keys that can't
    be right, or a policy that there isn't.
    """
    _check_policy(policy)
    _check_device(settings, device)
    endpoint = _normal(device.endpoint)
    parameters = {
        "of_account_id": account_id,
        "of_token_id": token_id,
        "of_session_id": session_id,
        "at_endpoint": endpoint,
    }
    # Whoever subscribes second for an account at the same moment waits, and replaces the first.
    locks.take(db, account_id)
    db.execute(REPLACE, parameters)
    db.execute(MAKE_ROOM, {"of_account_id": account_id, "at_endpoint": endpoint})
    subscription = Subscription(
        id=ids.new(now),
        account_id=account_id,
        endpoint=endpoint,
        p256dh=device.p256dh,
        auth=device.auth,
        sealed_token=sealed_token,
        standard=device.standard,
        policy=policy,
        alerts=_encoded(kinds),
        session_id=session_id,
    )
    db.execute(ADD, {"token_id": token_id, **msgspec.structs.asdict(subscription)})
    return subscription


def change(db: Connection, *, token_id: int, kinds: Collection[str] | None, policy: str | None) -> Subscription:
    """Change what is pushed to a token's device; None leaves something as it is.

    Raises NotFound when the token has none, Invalid for a policy that there isn't.
    """
    subscription = queries.of_token(db, token_id)
    if subscription is None:
        raise NotFound(_("There is no subscription."))
    if policy is not None:
        _check_policy(policy)
    changed = msgspec.structs.replace(
        subscription,
        policy=policy or subscription.policy,
        alerts=subscription.alerts if kinds is None else _encoded(kinds),
    )
    db.execute(CHANGE.values(policy=changed.policy, alerts=changed.alerts), {"the_subscription_id": subscription.id})
    return changed


def unsubscribe(db: Connection, *, token_id: int) -> None:
    """Push nothing to a token's device any more."""
    db.execute(FORGET_OF_TOKEN, {"of_token_id": token_id})


def unsubscribe_session(db: Connection, *, session_id: int) -> None:
    """Push nothing any more to the device that was subscribed in a session of the site."""
    db.execute(FORGET_OF_SESSION, {"of_session_id": session_id})


def change_session(db: Connection, *, session_id: int, kinds: Collection[str]) -> None:
    """Choose what is pushed to the device of a session. Raises NotFound where there is none."""
    subscription = queries.of_session(db, session_id)
    if subscription is None:
        raise NotFound(_("There is no subscription."))
    db.execute(CHANGE.values(alerts=_encoded(kinds)), {"the_subscription_id": subscription.id})


def plan(db: Connection, notification_ids: Collection[int], *, now: int) -> None:
    """Write down a message for each device that wants to be told of these notifications."""
    deliveries = {ids.new(now): delivery for delivery in queries.wanting(db, notification_ids, now=now)}
    rows = [
        {
            "id": id,
            "subscription_id": delivery.subscription_id,
            "notification_id": delivery.notification_id,
            "due_at": now,
            "cause_id": delivery.cause_id,
            **fair_queue.parameters(delivery.cause_id, now=now),
        }
        for id, delivery in deliveries.items()
    ]
    if rows:
        db.execute(ADD_MESSAGE, rows)
    for id in deliveries:
        dispatch(db, TASK, id)


def claim(db: Connection, message_id: int, *, now: int) -> Push | None:
    """Take a due message to send it, once this transaction is committed; None when it isn't to be sent now."""
    if not db.execute(CLAIM, {"message_id": message_id, "now": now}).rowcount:
        return None
    return queries.message(db, message_id)


def begin(db: Connection, message_id: int) -> None:
    """Record that a claimed message is handed over from now on: who dies after this may have sent it."""
    db.execute(CHANGE_MESSAGE.values(state="sending"), {"message_id": message_id})


def drop(db: Connection, message_id: int) -> None:
    """Forget a message: it is sent, or isn't needed any more, or can't be sent."""
    db.execute(DROP_MESSAGE, {"message_id": message_id})


def postpone(db: Connection, sending: Push, *, now: int) -> None:
    """Record a temporary failure: the message is tried again later, or given up after the last try."""
    if sending.attempts >= len(DELAYS_MS):
        drop(db, sending.id)
        return
    due_at = now + DELAYS_MS[sending.attempts]
    changes = {"attempts": sending.attempts + 1, "state": "due", "due_at": due_at, "turn_at": due_at}
    db.execute(CHANGE_MESSAGE.values(changes), {"message_id": sending.id})


def forget_device(db: Connection, subscription_id: int) -> None:
    """Forget a device that its push service doesn't know any more."""
    db.execute(FORGET, {"the_subscription_id": subscription_id})


def recover(db: Connection, *, now: int) -> None:
    """Settle messages whose sender died: what it had not begun to hand over is due again, the others are dropped."""
    db.execute(DROP_LOST, {"before": now - CLAIM_MS})
    db.execute(REPEAT_LOST, {"before": now - CLAIM_MS})


def decoded(text: str) -> bytes:
    """Return what base64 stands for, in either alphabet, with or without its padding. Raises ValueError."""
    plain = text.rstrip("=").translate(str.maketrans("+/", "-_"))
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), altchars="-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error


def _encoded(kinds: Collection[str]) -> str:
    return msgspec.json.encode(sorted(kinds)).decode()


def _normal(endpoint: str) -> str:
    """Return an address with its host, in which case doesn't count, in small letters."""
    parts = urlsplit(endpoint)
    return parts._replace(netloc=parts.netloc.lower()).geturl()


def _check_policy(policy: str) -> None:
    if policy not in POLICIES:
        raise Invalid(_("Validation failed: Policy must be all, followed, follower or none"))


def _check_device(settings: Settings, device: Device) -> None:
    if not is_receiver(settings, device.endpoint):
        raise Invalid(_("Validation failed: Endpoint is not a valid URL"))
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(device.p256dh))
        fits = len(decoded(device.auth)) == 16
    except ValueError:
        fits = False
    if not fits:
        raise Invalid(_("Validation failed: Key p256dh or auth is invalid"))
