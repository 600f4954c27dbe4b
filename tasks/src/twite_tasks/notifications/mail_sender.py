"""Sending mails: claim and commit, send outside any transaction, record.

A mail server may take its time over each step. Meanwhile a thread renews the claim, so that nobody else sends the mail
as long as this process lives, and somebody does soon after it has died.
"""

import logging
from email.message import EmailMessage

from twite_common import clock, translations
from twite_common.database import Connection
from twite_common.queries.accounts import credentials
from twite_common.queries.notifications import mail_followers as follower_queries
from twite_common.queries.notifications.mails import Mail
from twite_common.services.notifications import mail_bounces, mail_followers, mails
from twite_tasks import leases
from twite_tasks.context import Context
from twite_tasks.notifications import delivery, languages, mail_content, mime
from twite_tasks.notifications.delivery import Refused, TemporarilyRefused, Unknown

log = logging.getLogger(__name__)


def send(context: Context, mail_id: int) -> None:
    """Send a mail, if it is still to be sent, and record what became of it."""
    with context.database.writing() as db:
        claimed = mails.claim(db, now=clock.now(), mail_id=mail_id)
    if claimed is None:
        return

    def renew(db: Connection) -> None:
        mails.renew(db, now=clock.now(), mail_id=mail_id)

    every_seconds = mails.RENEW_MS / clock.SECOND
    with leases.renewed(context.database, renew, name=f"mail {mail_id}", every_seconds=every_seconds):
        _send(context, claimed)


def _send(context: Context, claimed: Mail) -> None:
    try:
        message = _message(context, claimed)
    except Exception as error:
        log.exception("mail_not_written %s", {"mail_id": claimed.id})
        with context.database.writing() as db:
            mails.postpone(db, now=clock.now(), sending=claimed, error=f"{type(error).__name__}: {error}")
        return
    if message is None:
        with context.database.writing() as db:
            mails.drop(db, mail_id=claimed.id, reason="There was nothing left to report.")
        return
    _deliver(context, claimed, message)


def _message(context: Context, claimed: Mail) -> EmailMessage | None:
    now = clock.now()
    with context.database.reading() as db:
        locale = _locale(db, claimed)
    with translations.using(languages.of_reader(context.settings, locale)):
        with context.database.reading() as db:
            content = mail_content.write(db, context, claimed, now=now)
        return None if content is None else mime.make(context.settings, claimed, content, now=now)


def _locale(db: Connection, claimed: Mail) -> str | None:
    """Return the language that somebody reads: a member's own, or that in which a stranger asked for mail."""
    if claimed.account_id is not None:
        return credentials.locale_of(db, claimed.account_id)
    return follower_queries.locale_of(db, claimed.details().get("follower_id", 0))


def _deliver(context: Context, claimed: Mail, message: EmailMessage) -> None:
    def begin() -> None:
        with context.database.writing() as db:
            mails.begin(db, now=clock.now(), mail_id=claimed.id)

    returned_to = mail_bounces.return_address(context.settings, context.signer, claimed.id)
    try:
        answer = delivery.deliver(context.settings, message, begin, returned_to=returned_to)
    except TemporarilyRefused as error:
        log.warning("mail_postponed %s", {"mail_id": claimed.id, "error": str(error)})
        with context.database.writing() as db:
            mails.postpone(db, now=clock.now(), sending=claimed, error=str(error))
    except Unknown as error:
        log.warning("mail_unanswered %s", {"mail_id": claimed.id, "error": str(error)})
        with context.database.writing() as db:
            mails.lose_sight(db, now=clock.now(), sending=claimed, error=str(error))
    except Refused as error:
        log.warning("mail_refused %s", {"mail_id": claimed.id, "error": str(error)})
        with context.database.writing() as db:
            mails.refuse(db, now=clock.now(), sending=claimed, error=str(error))
            mail_followers.refused(db, claimed)
    else:
        log.info("mail_sent %s", {"mail_id": claimed.id, "kind": claimed.kind})
        with context.database.writing() as db:
            mails.sent(db, now=clock.now(), mail_id=claimed.id, answer=answer)
            mail_followers.arrived(db, claimed)
