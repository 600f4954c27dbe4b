"""Creating notifications."""

from collections.abc import Collection, Mapping

import msgspec
from sqlalchemy import BigInteger, Connection, Text, and_, bindparam, case, delete, exists, insert, or_, select, update

from twite_common import clock, ids, outbox, text
from twite_common.errors import NotFound
from twite_common.services.notifications import policies, push, webhooks
from twite_common.services.timelines import stream_events
from twite_common.sql.dialects import among
from twite_common.tables import (
    account,
    block,
    conversation_mute,
    credentials,
    mute,
    notification,
    notification_policy,
    post,
    preferences,
    push_subscription,
    webhook,
)
from twite_common.translations import gettext as _
from twite_common.visibility import NOW, present

_FROM = bindparam("from_account_id", type_=BigInteger)
_KIND = bindparam("kind", type_=Text)
_MAIL_CHOICE = case(
    (_KIND == "mention", preferences.c.mail_mention),
    (_KIND == "follow", preferences.c.mail_follow),
    (_KIND == "follow_request", preferences.c.mail_follow_request),
    (_KIND == "favourite", preferences.c.mail_favourite),
    (_KIND == "boost", preferences.c.mail_boost),
    (_KIND == "post", preferences.c.mail_post),
    else_="never",
)
_POST = bindparam("about_post_id", type_=BigInteger)
_conversation_id = select(post.c.conversation_id).where(post.c.id == _POST).scalar_subquery()
RECIPIENTS = (
    select(
        account.c.id,
        and_(_MAIL_CHOICE != "never", credentials.c.confirmed_at.is_not(None)),
        exists().where(push_subscription.c.account_id == account.c.id),
        exists().where(webhook.c.account_id == account.c.id, webhook.c.state == "active"),
        *policies.SENDER,
    )
    .outerjoin(notification_policy, notification_policy.c.account_id == account.c.id)
    .join(preferences, preferences.c.account_id == account.c.id)
    .join(credentials, credentials.c.account_id == account.c.id)
    .where(among(account.c.id, "ids"), present(account.c.id))
    .where(
        ~exists().where(
            conversation_mute.c.account_id == account.c.id, conversation_mute.c.conversation_id == _conversation_id
        ),
        ~exists().where(
            mute.c.account_id == account.c.id,
            mute.c.muted_id == _FROM,
            mute.c.notifications,
            or_(mute.c.expires_at.is_(None), mute.c.expires_at > NOW),
        ),
        ~exists().where(
            or_(
                and_(block.c.account_id == account.c.id, block.c.blocked_id == _FROM),
                and_(block.c.account_id == _FROM, block.c.blocked_id == account.c.id),
            )
        ),
    )
)
GROUPED = frozenset({"favourite", "boost", "follow", "signup"})
GROUP_MS = 12 * clock.HOUR


class Recipient(msgspec.Struct, frozen=True):
    """Somebody who is told, and in which ways; what is `filtered` waits aside."""

    account_id: int
    by_mail: bool
    has_device: bool
    has_webhook: bool
    filtered: bool


ADD = insert(notification)
_ACCOUNT = bindparam("to_account_id", type_=BigInteger)
TAKE_BACK = delete(notification).where(
    notification.c.account_id == _ACCOUNT,
    notification.c.kind == _KIND,
    notification.c.from_account_id == _FROM,
    or_(_POST.is_(None), notification.c.post_id == _POST),
)
OF_PAIR = delete(notification).where(
    or_(
        and_(notification.c.account_id == _ACCOUNT, notification.c.from_account_id == _FROM),
        and_(notification.c.account_id == _FROM, notification.c.from_account_id == _ACCOUNT),
    )
)
DISMISS = delete(notification).where(
    notification.c.account_id == _ACCOUNT, notification.c.id == bindparam("notification_id", type_=BigInteger)
)
DISMISS_GROUP = delete(notification).where(
    notification.c.account_id == _ACCOUNT, notification.c.group_key == bindparam("the_group_key", type_=Text)
)
CLEAR = delete(notification).where(notification.c.account_id == _ACCOUNT)
SEEN = (
    update(preferences)
    .where(preferences.c.account_id == _ACCOUNT)
    .values(notifications_seen_at=bindparam("looked_at", type_=BigInteger))
)


def notify(
    db: Connection,
    account_ids: Collection[int],
    kind: str,
    *,
    now: int,
    from_account_id: int,
    post_id: int | None = None,
    report_id: int | None = None,
    warning_id: int | None = None,
    to_oneself: bool = False,
) -> None:
    """Tell accounts what somebody did, except (unless `to_oneself`) that one, and those who muted or blocked them.

    Nor are those told who muted the conversation, or whose policy drops it; what a policy filters is kept aside.
    Whoever chose to get mail about it is named in an event, `notifications.created`; whoever has a device that
    notifications are pushed to, and whoever has webhooks, in others.
    """
    candidate_ids = [id for id in account_ids if to_oneself or id != from_account_id]
    if not candidate_ids:
        return
    recipients = _recipients(db, candidate_ids, kind, now=now, from_account_id=from_account_id, post_id=post_id)
    if not recipients:
        return
    notification_ids = [ids.new_exact(now) for _ in recipients]
    rows = [
        {
            "id": id,
            "account_id": recipient.account_id,
            "kind": kind,
            "from_account_id": from_account_id,
            "post_id": post_id,
            "report_id": report_id,
            "warning_id": warning_id,
            "filtered": recipient.filtered,
            "group_key": _group_key(kind, id, post_id, now),
        }
        for id, recipient in zip(notification_ids, recipients, strict=True)
    ]
    db.execute(ADD, rows)
    filtered_ids = [recipient.account_id for recipient in recipients if recipient.filtered]
    policies.keep_aside(db, filtered_ids, now=now, from_account_id=from_account_id, post_id=post_id)
    _deliver(db, dict(zip(notification_ids, recipients, strict=True)), now=now, from_account_id=from_account_id)


def _recipients(
    db: Connection, account_ids: list[int], kind: str, *, now: int, from_account_id: int, post_id: int | None
) -> list[Recipient]:
    parameters = {
        "ids": account_ids,
        "from_account_id": from_account_id,
        "kind": kind,
        "now": now,
        "about_post_id": post_id,
    }
    recipients = []
    for account_id, by_mail, has_device, has_webhook, *standing in db.execute(RECIPIENTS, parameters):
        sender = policies.Sender(*standing)
        verdict = policies.verdict(sender, kind, from_account_id=from_account_id, now=now)
        if verdict != "drop":
            ways = bool(by_mail), bool(has_device), bool(has_webhook)
            recipients.append(Recipient(account_id, *ways, filtered=verdict == "filter"))
    return recipients


def _deliver(db: Connection, recipients: Mapping[int, Recipient], *, now: int, from_account_id: int) -> None:
    """Stream, mail, push and hand on new notifications, by their ids, to those of whom nothing is kept aside."""
    deliveries = {id: recipient for id, recipient in recipients.items() if not recipient.filtered}
    if deliveries:
        payload = [(recipient.account_id, id) for id, recipient in deliveries.items()]
        stream_events.add(db, "notifications.created", now=now, payload=payload)
    mailed_ids = [id for id, recipient in deliveries.items() if recipient.by_mail]
    if mailed_ids:
        outbox.add(db, "notifications.created", now=now, account_id=from_account_id, notification_ids=mailed_ids)
    pushed_ids = [id for id, recipient in deliveries.items() if recipient.has_device]
    if pushed_ids:
        outbox.add(db, push.EVENT, now=now, account_id=from_account_id, notification_ids=pushed_ids)
    told_ids = [id for id, recipient in deliveries.items() if recipient.has_webhook]
    if told_ids:
        outbox.add(db, webhooks.EVENT, now=now, account_id=from_account_id, notification_ids=told_ids)


def _group_key(kind: str, id: int, post_id: int | None, now: int) -> str:
    """Return what notifications share that may be shown as one: the same was done to the same within half a day."""
    if kind not in GROUPED:
        return f"ungrouped-{id}"
    return f"{kind}-{post_id or 0}-{now // GROUP_MS}"


def take_back(db: Connection, *, account_id: int, kind: str, from_account_id: int, post_id: int | None = None) -> None:
    """Remove a notification of something that was undone."""
    parameters = {
        "to_account_id": account_id,
        "kind": kind,
        "from_account_id": from_account_id,
        "about_post_id": post_id,
    }
    db.execute(TAKE_BACK, parameters)


def forget_between(db: Connection, one_id: int, other_id: int) -> None:
    """Remove what two accounts were told about each other."""
    db.execute(OF_PAIR, {"to_account_id": one_id, "from_account_id": other_id})


def dismiss(db: Connection, *, account_id: int, notification_id: int) -> None:
    """Remove one of an account's own notifications.

    Raises NotFound when there is none.
    """
    if not db.execute(DISMISS, {"to_account_id": account_id, "notification_id": ids.exact(notification_id)}).rowcount:
        raise NotFound(_("There is no such notification."))


def dismiss_group(db: Connection, *, account_id: int, group_key: str) -> None:
    """Remove a group of an account's own notifications.

    Raises NotFound when there is none.
    """
    parameters = {"to_account_id": account_id, "the_group_key": text.storable(group_key)}
    if not db.execute(DISMISS_GROUP, parameters).rowcount:
        raise NotFound(_("There is no such notification."))


def clear(db: Connection, *, account_id: int) -> None:
    """Remove all of an account's notifications."""
    db.execute(CLEAR, {"to_account_id": account_id})


def seen(db: Connection, *, account_id: int, now: int) -> None:
    """Record that somebody has just looked at their notifications, so that no mail is needed."""
    db.execute(SEEN, {"to_account_id": account_id, "looked_at": now})
