"""Removing what has expired or is unused: sessions, links, tokens, applications, attempts, ends of timelines."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, Connection, bindparam, delete, select

from twite_common import clock, ids
from twite_common.services import attempts, one_time_links
from twite_common.services.accounts import account_deletion
from twite_common.services.identity import applications, device_grants, grants, security_events, tokens, usernames
from twite_common.services.identity.registrations import UNCONFIRMED_MS
from twite_common.services.moderation import held_posts, sign_up_blocks
from twite_common.services.notifications import mail_allowances, mails, notification_mails, webhooks
from twite_common.sql import dialects
from twite_common.sql.dialects import among
from twite_common.tables import account, credentials, idempotency_key, invitation, login_place, mute, session
from twite_common.tables.accounts import PENDING

KEEP_MS = 30 * clock.DAY
MERGED_PAGES = 100
"""Pages of SQLite's full-text index, of 4 KB, that are written in one transaction, which others wait for."""
MAX_AT_ONCE = 2_000
"""Rows of a kind that one run removes: whoever has a great many made by robots shouldn't wait for it."""

_NOW = bindparam("now", type_=BigInteger)
OVER = (
    delete(session).where(session.c.expires_at <= _NOW),
    delete(invitation).where(invitation.c.expires_at <= _NOW),
    delete(idempotency_key).where(idempotency_key.c.expires_at <= _NOW),
    delete(mute).where(mute.c.expires_at <= _NOW),
    delete(login_place).where(login_place.c.seen_at <= bindparam("places_before", type_=BigInteger)),
)
UNCONFIRMED = (
    select(account.c.id)
    .join(credentials, credentials.c.account_id == account.c.id)
    .where(PENDING, account.c.id < bindparam("before_id", type_=BigInteger), credentials.c.confirmed_at.is_(None))
    .order_by(account.c.id)
    .limit(MAX_AT_ONCE)
)
STILL_UNCONFIRMED = UNCONFIRMED.where(among(account.c.id, "ids"))


def unconfirmed(db: Connection, *, now: int) -> Sequence[int]:
    """Return the accounts whose address wasn't confirmed in time."""
    return db.scalars(UNCONFIRMED, {"before_id": ids.first_at(now - UNCONFIRMED_MS)}).all()


def delete_unconfirmed(db: Connection, *, account_ids: Sequence[int], now: int) -> None:
    """Delete accounts whose address was never confirmed, unless it was meanwhile."""
    parameters = {"before_id": ids.first_at(now - UNCONFIRMED_MS), "ids": list(account_ids)}
    for account_id in db.scalars(STILL_UNCONFIRMED, parameters).all():
        account_deletion.delete_account(db, now=now, account_id=account_id)


def remove_what_is_over(db: Connection, *, now: int) -> None:
    """Remove everything that has ended."""
    for statement in OVER:
        parameters = {"now": now, "places_before": now - 90 * clock.DAY}
        names = statement.compile().params.keys() & parameters.keys()
        db.execute(statement, {name: parameters[name] for name in names})
    attempts.forget_old(db, before=now - clock.DAY)
    mail_allowances.forget_old(db, now=now)
    notification_mails.forget_strangers(db, now=now)
    sign_up_blocks.forget_refused(db, now=now)
    held_posts.forget_old(db, now=now)
    mails.forget_old(db, before_id=ids.first_at(now - KEEP_MS))


def remove_unused(db: Connection, *, now: int, limit: int = MAX_AT_ONCE) -> None:
    """Remove what strangers and their programs leave behind: links, tokens, codes and applications nobody uses.

    So is what webhooks were told. How long each is kept stands where it is made: `links`, `tokens`, `grants`,
    `device_grants`, `applications`, `webhooks`.
    """
    one_time_links.forget_old(db, now=now, limit=limit)
    ended = tokens.forget_over(db, now=now, limit=limit)
    grants.forget_old(db, now=now, limit=limit, ended=ended)
    device_grants.forget_old(db, now=now, limit=limit)
    applications.forget_unused(db, now=now, limit=limit)
    security_events.forget_old(db, now=now, limit=limit)
    usernames.forget_old(db, now=now, limit=limit)
    webhooks.forget_old(db, now=now, limit=limit)


def forget_words(db: Connection, *, anew: bool) -> None:
    """Take a step of removing the words of deleted and edited posts from the full-text index; `anew` begins."""
    dialects.forget_words(db, pages=MERGED_PAGES, anew=anew)
