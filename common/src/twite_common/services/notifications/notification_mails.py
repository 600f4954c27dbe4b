"""Which notification goes into which mail, and when that mail is due."""

from datetime import datetime, time, timedelta

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, delete, exists, func, select

from twite_common import clock, ids
from twite_common.queries.notifications import mails as queries
from twite_common.queries.notifications.mails import CHOICE
from twite_common.services import locks
from twite_common.services.notifications import mails
from twite_common.settings import Settings, time_zone
from twite_common.sql.dialects import upsert
from twite_common.tables import account, credentials, follow, mail_item, notification, preferences, stranger_mail

LOOKED_MS = 2 * clock.MINUTE
"""Whoever has looked at their notifications this recently needs no mail about a new one."""
STRANGERS = 10
"""Of those who don't follow a new account, whom it can cause mail to that goes out at once."""
REMEMBERED_MS = 30 * clock.DAY
"""How long it is kept whom new accounts have caused mail to: no account counts as new for longer."""


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
    from_account_id: int
    follows: bool


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
        notification.c.from_account_id,
        exists().where(
            follow.c.follower_id == notification.c.account_id, follow.c.followee_id == notification.c.from_account_id
        ),
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
_FROM = bindparam("from_id", type_=BigInteger)
HAS_MAILED = select(stranger_mail.c.account_id).where(
    stranger_mail.c.from_account_id == _FROM, stranger_mail.c.account_id == bindparam("to_id", type_=BigInteger)
)
COUNT_MAILED = select(func.count()).select_from(stranger_mail).where(stranger_mail.c.from_account_id == _FROM)
ADD_MAILED = upsert(stranger_mail).on_conflict_do_nothing()
FORGET_MAILED = delete(stranger_mail).where(stranger_mail.c.from_account_id < bindparam("before_id", type_=BigInteger))
ADD_ITEM = upsert(mail_item).on_conflict_do_nothing()


def plan(db: Connection, settings: Settings, *, now: int, notification_id: int) -> None:
    """Put a notification into a mail, as its recipient has chosen; into none if they want none or have just looked.

    What a new account does to more strangers than it may cause mail to waits in their daily digests.
    """
    row = db.execute(RECIPIENT, {"id": notification_id}).one_or_none()
    if row is None:
        return
    recipient = Recipient(*row)
    # Whoever looked later than now did before the clock was set back.
    just_looked = recipient.seen_at is not None and -clock.SKEW_MS <= now - recipient.seen_at < LOOKED_MS
    if recipient.choice == "never" or just_looked:
        return
    if recipient.choice == "daily" or _too_many_strangers(db, settings, recipient, now):
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


def forget_strangers(db: Connection, *, now: int) -> None:
    """Forget whom accounts that aren't new any more have caused mail to."""
    db.execute(FORGET_MAILED, {"before_id": ids.first_at(now - REMEMBERED_MS)})


def _too_many_strangers(db: Connection, settings: Settings, recipient: Recipient, now: int) -> bool:
    """Return whether a notification is by a new account that has caused mail to enough strangers; count this one."""
    new_ms = settings.limit("new_account_hours") * clock.HOUR
    sender_id = recipient.from_account_id
    if recipient.follows or ids.created_at(sender_id) <= now - new_ms:
        return False
    # Workers that plan mails because of one account take turns, so that they count together.
    locks.take(db, sender_id)
    if db.scalar(HAS_MAILED, {"from_id": sender_id, "to_id": recipient.account_id}) is not None:
        return False
    if db.scalars(COUNT_MAILED, {"from_id": sender_id}).one() >= STRANGERS:
        return True
    db.execute(ADD_MAILED, {"from_account_id": sender_id, "account_id": recipient.account_id})
    return False


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
    return mails.add(
        db,
        kind,
        now=now,
        address=recipient.email,
        account_id=recipient.account_id,
        due_at=later,
        cause_id=recipient.from_account_id,
    )


def _next(local: datetime, at: time) -> int:
    """Return when it is next that time of day, where `local` is."""
    day = local.date() if local.time() < at else local.date() + timedelta(days=1)
    return int(datetime.combine(day, at, tzinfo=local.tzinfo).timestamp() * clock.SECOND)
