"""Which notification goes into which mail, and when that mail is due."""

from datetime import datetime, time, timedelta

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, select
from sqlalchemy.dialects.postgresql import insert as insert_or_ignore

from twite_common import clock
from twite_common.queries import mails as queries
from twite_common.queries.mails import CHOICE
from twite_common.services import mails
from twite_common.settings import Settings, time_zone
from twite_common.tables import account, credentials, mail_item, notification, preferences

LOOKED_MS = 2 * clock.MINUTE
"""Whoever has looked at their notifications this recently needs no mail about a new one."""


class Recipient(msgspec.Struct, frozen=True):
    """Who is to get a mail about a notification, and how they want it."""

    notification_id: int
    account_id: int
    email: str
    choice: str
    time_zone: str
    quiet_from: int | None
    quiet_to: int | None
    seen_at: int | None


RECIPIENT = (
    select(
        notification.c.id,
        notification.c.account_id,
        credentials.c.email,
        CHOICE,
        preferences.c.time_zone,
        preferences.c.quiet_from,
        preferences.c.quiet_to,
        preferences.c.notifications_seen_at,
    )
    .join(preferences, preferences.c.account_id == notification.c.account_id)
    .join(credentials, credentials.c.account_id == notification.c.account_id)
    .join(account, account.c.id == notification.c.account_id)
    .where(
        notification.c.id == bindparam("id", type_=BigInteger),
        credentials.c.confirmed_at.is_not(None),
        credentials.c.mail_failed_at.is_(None),
        account.c.suspended_at.is_(None),
    )
    # Two workers that plan for one person take turns, so that only one of them sends the first mail.
    .with_for_update(of=preferences)
)
ADD_ITEM = insert_or_ignore(mail_item).on_conflict_do_nothing()


def plan(db: Connection, settings: Settings, *, now: int, notification_id: int) -> None:
    """Put a notification into a mail, as its recipient has chosen; into none if they want none or have just looked."""
    row = db.execute(RECIPIENT, {"id": notification_id}).one_or_none()
    if row is None:
        return
    recipient = Recipient(*row)
    just_looked = recipient.seen_at is not None and now - recipient.seen_at < LOOKED_MS
    if recipient.choice == "never" or just_looked:
        return
    if recipient.choice == "daily":
        mail_id = _digest(db, settings, recipient, now)
    else:
        mail_id = _gathering(db, settings, recipient, now)
    db.execute(ADD_ITEM, {"mail_id": mail_id, "notification_id": notification_id})


def after_quiet_hours(at: int, zone: str, quiet_from: int | None, quiet_to: int | None) -> int:
    """Return a time, or the end of the quiet hours that it falls into; they may go past midnight."""
    if quiet_from is None or quiet_to is None or quiet_from == quiet_to:
        return at
    local = clock.as_datetime(at).astimezone(time_zone(zone))
    minute = local.hour * 60 + local.minute
    within = quiet_from <= minute < quiet_to if quiet_from < quiet_to else not quiet_to <= minute < quiet_from
    if not within:
        return at
    return _next(local, time(quiet_to // 60, quiet_to % 60))


def _gathering(db: Connection, settings: Settings, recipient: Recipient, now: int) -> int:
    """Return the mail for what is wanted at once: a new one that is due now, or that which gathers what follows."""
    last = next(iter(queries.latest(db, recipient.account_id, "notifications")), None)
    window_ms = settings.mention_mail_seconds * clock.SECOND
    if last is not None and last.state == "due" and last.attempts == 0 and last.due_at > now:
        return last.id
    due_at = now
    if last is not None and now < last.due_at + window_ms:
        due_at = last.due_at + window_ms
    return _new(db, "notifications", recipient, now, due_at)


def _digest(db: Connection, settings: Settings, recipient: Recipient, now: int) -> int:
    """Return the daily mail that is open, or a new one for the next digest hour."""
    last = next(iter(queries.latest(db, recipient.account_id, "digest")), None)
    if last is not None and last.state == "due" and last.due_at > now:
        return last.id
    local = clock.as_datetime(now).astimezone(time_zone(recipient.time_zone))
    return _new(db, "digest", recipient, now, _next(local, time(settings.digest_hour)))


def _new(db: Connection, kind: str, recipient: Recipient, now: int, due_at: int) -> int:
    later = after_quiet_hours(due_at, recipient.time_zone, recipient.quiet_from, recipient.quiet_to)
    return mails.add(db, kind, now=now, address=recipient.email, account_id=recipient.account_id, due_at=later)


def _next(local: datetime, at: time) -> int:
    """Return when it is next that time of day, where `local` is."""
    day = local.date() if local.time() < at else local.date() + timedelta(days=1)
    return int(datetime.combine(day, at, tzinfo=local.tzinfo).timestamp() * clock.SECOND)
