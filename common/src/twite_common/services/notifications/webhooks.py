"""Telling webhooks: what they are to be told becomes rows, which a task sends, and what became of that.

A row says what it is about; the request is written from it, with the webhook's owner as the viewer, when it is sent.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import BigInteger, Connection, bindparam, case, delete, insert, or_, select, update

from twite_common import clock, ids, outbox, text
from twite_common.database import dispatch
from twite_common.errors import NotFound
from twite_common.queries.accounts import credentials
from twite_common.queries.notifications import webhooks as queries
from twite_common.queries.notifications.webhooks import Sending
from twite_common.services.notifications import mails
from twite_common.sql import fair_queue
from twite_common.tables import webhook, webhook_delivery
from twite_common.translations import gettext as _

TASK = "webhooks.send"
"""Name of the task that sends a delivery, given its id."""
EVENT = "notifications.webhooks"
"""Kind of the event that names notifications of accounts with webhooks."""
POST_EVENT = "posts.webhooks"
"""Kind of the event that says what became of a post by an account with webhooks."""

DELAYS_MS = tuple(minutes * clock.MINUTE for minutes in (1, 5, 15, 60, 240, 720))
"""Waits after each failure; after the last the delivery is given up."""
MAX_FAILURES = len(DELAYS_MS) + 1
"""Tries that fail one after another before a delivery that is given up parks its webhook."""
CLAIM_MS = 2 * clock.MINUTE
"""After this long, whoever claimed a delivery is taken for dead: a request takes ten seconds at most."""
KEEP_MS = 7 * clock.DAY
"""How long it is kept what webhooks were told."""
GONE = 410
"""With this a receiver says that it wants nothing any more (RFC 9110, section 15.5.11)."""
MAX_ANSWER_LENGTH = 500

_ID = bindparam("delivery_id", type_=BigInteger)
_WEBHOOK = bindparam("of_webhook_id", type_=BigInteger)
_NOW = bindparam("now", type_=BigInteger)
_OF_WEBHOOK = webhook_delivery.c.webhook_id == _WEBHOOK
ADD = insert(webhook_delivery).values(
    turn_at=fair_queue.place(webhook_delivery.c.webhook_id, webhook_delivery.c.turn_at)
)
CHANGE = update(webhook_delivery).where(webhook_delivery.c.id == _ID)
DROP = delete(webhook_delivery).where(webhook_delivery.c.id == _ID)
CLAIM = (
    update(webhook_delivery)
    .where(webhook_delivery.c.id == _ID, webhook_delivery.c.state == "due", webhook_delivery.c.due_at <= _NOW)
    .values(state="claimed", claimed_at=_NOW)
)
_goes_on = select(webhook.c.state).where(webhook.c.id == webhook_delivery.c.webhook_id).scalar_subquery() == "active"
_waits = case((_goes_on, "due"), else_="held")
POSTPONE = CHANGE.values(state=_waits)
RETRY = CHANGE.where(_OF_WEBHOOK, or_(webhook_delivery.c.state == "failed", webhook_delivery.c.state == "held")).values(
    state="due", attempts=0, due_at=_NOW, turn_at=_NOW
)
RECOVER = (
    update(webhook_delivery)
    .where(webhook_delivery.c.state == "claimed", webhook_delivery.c.claimed_at < bindparam("before", type_=BigInteger))
    .values(state=_waits)
)
HOLD = update(webhook_delivery).where(_OF_WEBHOOK, webhook_delivery.c.state == "due").values(state="held")
RELEASE = (
    update(webhook_delivery)
    .where(_OF_WEBHOOK, webhook_delivery.c.state == "held")
    .values(state="due", attempts=0, due_at=_NOW)
)
COUNT_FAILURE = (
    update(webhook)
    .where(webhook.c.id == _WEBHOOK)
    .values(failures=webhook.c.failures + 1)
    .returning(webhook.c.failures)
)
FORGET_FAILURES = update(webhook).where(webhook.c.id == _WEBHOOK, webhook.c.failures > 0).values(failures=0)
PARK = update(webhook).where(webhook.c.id == _WEBHOOK, webhook.c.state == "active").values(state="parked")
FORGET_OLD = delete(webhook_delivery).where(
    webhook_delivery.c.id.in_(
        select(webhook_delivery.c.id)
        .where(webhook_delivery.c.id < bindparam("before_id", type_=BigInteger))
        .limit(bindparam("most", type_=BigInteger))
    )
)


def announce(db: Connection, event: str, *, now: int, account_id: int, post_ids: Sequence[int]) -> None:
    """Record what became of posts, if a webhook of their author is told of that."""
    if queries.of_posts(db, account_id, event):
        outbox.add(db, POST_EVENT, now=now, account_id=account_id, event=event, post_ids=list(post_ids))


def plan_for_posts(db: Connection, event: str, post_ids: Collection[int], *, now: int, account_id: int) -> None:
    """Write down what an account's webhooks are to be told of its posts."""
    webhook_ids = queries.of_posts(db, account_id, event)
    _add(db, [(webhook_id, event, post_id) for post_id in post_ids for webhook_id in webhook_ids], now=now)


def plan(db: Connection, notification_ids: Collection[int], *, now: int) -> None:
    """Write down what webhooks are to be told of notifications."""
    wanted = queries.of_notifications(db, notification_ids)
    _add(db, [(one.webhook_id, one.event, one.notification_id) for one in wanted], now=now)


def test(db: Connection, *, now: int, account_id: int, webhook_id: int) -> None:
    """Have something sent to a webhook to see whether it works, also while it is paused or parked.

    Raises NotFound unless it is the account's own.
    """
    queries.existing(db, webhook_id, account_id=account_id)
    _add(db, [(webhook_id, queries.TEST, None)], now=now)


def retry(db: Connection, *, now: int, account_id: int, webhook_id: int, delivery_id: int) -> None:
    """Have a delivery tried again that failed, or waits for its webhook to go on.

    Raises NotFound unless the webhook is the account's own, and has such a delivery.
    """
    queries.existing(db, webhook_id, account_id=account_id)
    parameters = {"delivery_id": delivery_id, "of_webhook_id": webhook_id, "now": now}
    if not db.execute(RETRY, parameters).rowcount:
        raise NotFound(_("There is nothing to be sent again."))
    dispatch(db, TASK, delivery_id)


def claim(db: Connection, delivery_id: int, *, now: int) -> Sending | None:
    """Take a due delivery to send it, once this transaction is committed; None when it isn't to be sent now.

    Nothing is sent any more for an account whose owner couldn't log in.
    """
    if not db.execute(CLAIM, {"delivery_id": delivery_id, "now": now}).rowcount:
        return None
    found = queries.sending(db, delivery_id, now=now)
    if found is None:
        drop(db, delivery_id)
    return found


def drop(db: Connection, delivery_id: int) -> None:
    """Forget a delivery: what it tells of is gone."""
    db.execute(DROP, {"delivery_id": delivery_id})


def delivered(db: Connection, sending: Sending, *, now: int, status: int, answer: bytes) -> None:
    """Record that a receiver took a delivery."""
    said = {"tried_at": now, "status": status, "answer": _beginning(answer), "error": ""}
    attempts = sending.delivery.attempts + 1
    # The webhook first, then what it is told, as where a webhook is removed: so none waits for the other for ever.
    db.execute(FORGET_FAILURES, {"of_webhook_id": sending.webhook.id})
    db.execute(CHANGE.values(state="delivered", attempts=attempts, **said), {"delivery_id": sending.delivery.id})


def failed(
    db: Connection,
    sending: Sending,
    *,
    now: int,
    status: int | None = None,
    answer: bytes = b"",
    error: str = "",
    for_good: bool = False,
) -> None:
    """Record that a receiver didn't take a delivery: it is tried again later, or given up after the last try.

    A test is tried once, and so is what fails `for_good`. A webhook that takes nothing any more is parked, and its
    owner told.
    """
    delivery, last = sending.delivery, for_good or status == GONE
    given_up = last or delivery.event == queries.TEST or delivery.attempts >= len(DELAYS_MS)
    changes: dict[str, object] = {
        "attempts": delivery.attempts + 1,
        "tried_at": now,
        "status": status,
        "answer": _beginning(answer),
        "error": error[:MAX_ANSWER_LENGTH],
    }
    failures = db.scalar(COUNT_FAILURE, {"of_webhook_id": sending.webhook.id}) or 0
    if given_up:
        db.execute(CHANGE.values(state="failed", **changes), {"delivery_id": delivery.id})
    else:
        due_at = now + DELAYS_MS[delivery.attempts]
        db.execute(POSTPONE.values(due_at=due_at, turn_at=due_at, **changes), {"delivery_id": delivery.id})
    if status == GONE or (given_up and failures >= MAX_FAILURES):
        _park(db, sending, now)


def hold(db: Connection, webhook_id: int) -> None:
    """Keep what waits for a webhook that is paused or parked."""
    db.execute(HOLD, {"of_webhook_id": webhook_id})


def release(db: Connection, webhook_id: int, *, now: int) -> None:
    """Have sent what waited for a webhook that goes on."""
    db.execute(RELEASE, {"of_webhook_id": webhook_id, "now": now})
    for delivery_id in queries.due(db, now=now):
        dispatch(db, TASK, delivery_id)


def recover(db: Connection, *, now: int) -> None:
    """Have sent again what was being sent when its sender died, as soon as its webhook goes on.

    Receivers know it by its id.
    """
    db.execute(RECOVER, {"before": now - CLAIM_MS})


def forget_old(db: Connection, *, now: int, limit: int) -> None:
    """Remove what was written down long ago, up to `limit`."""
    db.execute(FORGET_OLD, {"before_id": ids.first_at(now - KEEP_MS), "most": limit})


def _add(db: Connection, told: Sequence[tuple[int, str, int | None]], *, now: int) -> None:
    deliveries = {ids.new(now): one for one in told}
    rows = [
        {
            "id": id,
            "webhook_id": webhook_id,
            "event": event,
            "subject_id": subject_id,
            "due_at": now,
            **fair_queue.parameters(webhook_id, now=now),
        }
        for id, (webhook_id, event, subject_id) in deliveries.items()
    ]
    if rows:
        db.execute(ADD, rows)
    for id in deliveries:
        dispatch(db, TASK, id)


def _park(db: Connection, sending: Sending, now: int) -> None:
    """Send a webhook nothing more until its owner says so, and tell them, once."""
    account_id = sending.webhook.account_id
    if not db.execute(PARK, {"of_webhook_id": sending.webhook.id}).rowcount:
        return
    hold(db, sending.webhook.id)
    owner = credentials.get(db, account_id)
    if owner is not None and owner.confirmed_at is not None:
        mails.add(db, "webhook_parked", now=now, address=owner.email, account_id=account_id, host=sending.webhook.host)


def _beginning(answer: bytes) -> str:
    """Return the beginning of what a receiver answered, as it can be kept and shown."""
    return text.storable(answer[: 4 * MAX_ANSWER_LENGTH].decode("utf-8", "replace"))[:MAX_ANSWER_LENGTH]
