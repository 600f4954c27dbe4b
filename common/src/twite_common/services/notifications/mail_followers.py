"""Following an account by mail: readers without an account, who say in a mail that they want that.

The links in mails are signatures and aren't stored. A reader's row is all that is known of them, and goes with their
no; the account's owner learns how many there are, and nothing else.
"""

from datetime import datetime, time, timedelta

from sqlalchemy import BigInteger, Connection, bindparam, delete, insert, update

from twite_common import clock, ids
from twite_common.errors import Invalid, NotFound, TooMany
from twite_common.queries.accounts.credentials import email_key
from twite_common.queries.notifications import mail_followers as queries
from twite_common.queries.notifications.mail_followers import FREQUENCIES, MailFollower
from twite_common.queries.notifications.mails import Mail
from twite_common.secret import Signer
from twite_common.services import locks
from twite_common.services.notifications import mails
from twite_common.services.validators import checked_email
from twite_common.settings import Settings
from twite_common.tables import mail_follower
from twite_common.translations import gettext as _

CONFIRM, STOP = "follow by mail", "stop following by mail"
"""What the signatures in links are for."""
CONFIRM_MAIL, POSTS_MAIL = "follow_by_mail", "posts_by_mail"
"""Kinds of mail."""
UNCONFIRMED_MS = 3 * clock.DAY
"""How long a reader has to confirm."""
MAX_UNCONFIRMED = 100
"""Readers of one account who haven't confirmed: more are a flood."""
REFUSALS = 3
"""Mails refused for good, with none arriving in between, after which a reader is forgotten."""
MAX_POSTS = 10
"""Posts in one mail, the newest."""
DAYS = {"daily": 1, "weekly": 7}

_ID = bindparam("follower_id", type_=BigInteger)
ADD = insert(mail_follower)
CHANGE = update(mail_follower).where(mail_follower.c.id == _ID)
REFUSE = CHANGE.values(refusals=mail_follower.c.refusals + 1).returning(mail_follower.c.refusals)
ARRIVED = CHANGE.where(mail_follower.c.refusals > 0).values(refusals=0)
REMOVE = delete(mail_follower).where(mail_follower.c.id == _ID)
REMOVE_ALL = delete(mail_follower).where(mail_follower.c.account_id == bindparam("of_account_id", type_=BigInteger))
FORGET_UNCONFIRMED = REMOVE.where(
    mail_follower.c.confirmed_at.is_(None), mail_follower.c.due_at <= bindparam("now", type_=BigInteger)
)


def ask(
    db: Connection, settings: Settings, *, now: int, account_id: int, email: str, frequency: str, locale: str | None
) -> None:
    """Send a mail in which its reader can say that they want to follow an account by mail.

    Nobody learns whether they do already. Raises NotFound where that isn't offered, Invalid for what is no address or
    frequency, TooMany while too many others haven't confirmed.
    """
    if not queries.offered(db, account_id):
        raise not_offered()
    if frequency not in FREQUENCIES:
        sentence = _("Please choose daily or weekly.")
        raise Invalid(sentence, {"frequency": [("ERR_INCLUSION", sentence)]})
    address = checked_email(email, smtp_utf8=settings.smtp_utf8)
    locks.take(db, account_id)
    # Whether it is known or not: who fills this up would learn from it who is.
    if queries.count_unconfirmed(db, account_id) >= MAX_UNCONFIRMED:
        sentence = _("Too many people want to follow this account at the moment. Please try again tomorrow.")
        raise TooMany(sentence, 24 * 3600)
    found = queries.by_address(db, account_id, email_key(address))
    follower_id = found.id if found is not None else _add(db, now, account_id, address, frequency, locale)
    if found is not None and found.confirmed_at is None:
        # The link in this mail works as long as that in the first one did.
        db.execute(CHANGE.values(due_at=now + UNCONFIRMED_MS), {"follower_id": follower_id})
    mails.add(
        db, CONFIRM_MAIL, now=now, address=address, cause_id=account_id, follower_id=follower_id, frequency=frequency
    )


def confirm(db: Connection, signer: Signer, settings: Settings, text: str, *, now: int) -> MailFollower:
    """Follow by mail, as a link in a mail says; a second time changes no more than the frequency.

    Raises NotFound when the link is forged, too old, or that isn't offered any more.
    """
    found, frequency = read_confirmation(db, signer, text)
    due_at = next_at(settings, now, frequency)
    changes: dict[str, object] = {"frequency": frequency, "due_at": due_at, "refusals": 0}
    if found.confirmed_at is None:
        changes |= {"confirmed_at": now, "last_post_id": ids.first_at(now)}
    db.execute(CHANGE.values(changes), {"follower_id": found.id})
    return found


def read_confirmation(db: Connection, signer: Signer, text: str) -> tuple[MailFollower, str]:
    """Return the reader and the frequency that a link in a mail is for. Raises NotFound as `confirm` does."""
    number, _dot, remainder = text.partition(".")
    frequency, _dot, signature = remainder.partition(".")
    id = ids.parse(number)
    found = None
    if id is not None and frequency in FREQUENCIES and signer.verify(signature, CONFIRM, id, frequency):
        found = queries.get(db, id)
    if found is None:
        raise NotFound(_("This link doesn't work: it has already been used, has expired, or is incomplete."))
    return found, frequency


def stop(db: Connection, signer: Signer, text: str) -> None:
    """Forget the reader whom a link in a mail is for; a second time changes nothing.

    Raises NotFound when the link is forged or incomplete.
    """
    db.execute(REMOVE, {"follower_id": read_stop(signer, text)})


def read_stop(signer: Signer, text: str) -> int:
    """Return the id of the reader whom a link in a mail is for. Raises NotFound when it is forged or incomplete."""
    number, _dot, signature = text.partition(".")
    id = ids.parse(number)
    if id is None or not signer.verify(signature, STOP, id):
        raise NotFound(_("This link doesn't work: it is incomplete."))
    return id


def confirmation_token(signer: Signer, follower_id: int, frequency: str) -> str:
    """Return what stands in the link by which a reader says yes."""
    return f"{follower_id}.{frequency}.{signer.sign(CONFIRM, follower_id, frequency)}"


def stop_token(signer: Signer, follower_id: int) -> str:
    """Return what stands in the link by which a reader stops."""
    return f"{follower_id}.{signer.sign(STOP, follower_id)}"


def plan(db: Connection, settings: Settings, follower_id: int, *, now: int) -> None:
    """Write down the mail with what a reader hasn't been told, if there is anything; forget who didn't confirm."""
    if db.execute(FORGET_UNCONFIRMED, {"follower_id": follower_id, "now": now}).rowcount:
        return
    found = queries.get(db, follower_id)
    if found is None:
        # The account isn't offered at the moment, but may be again.
        db.execute(CHANGE.values(due_at=next_at(settings, now, "daily")), {"follower_id": follower_id})
        return
    newest = queries.new_posts(db, found.account_id, after_id=found.last_post_id, now=now, limit=1)
    changes: dict[str, object] = {"due_at": next_at(settings, now, found.frequency)}
    if newest:
        changes["last_post_id"] = newest[0].id
        detail = {"follower_id": found.id, "after_id": found.last_post_id, "up_to_id": newest[0].id}
        mails.add(db, POSTS_MAIL, now=now, address=found.email, cause_id=found.account_id, **detail)
    db.execute(CHANGE.values(changes), {"follower_id": follower_id})


def refused(db: Connection, sending: Mail) -> None:
    """Note that a reader's address took no mail; after several, forget them."""
    follower_id = sending.details().get("follower_id")
    if follower_id is not None and (db.scalar(REFUSE, {"follower_id": follower_id}) or 0) >= REFUSALS:
        db.execute(REMOVE, {"follower_id": follower_id})


def returned(db: Connection, sent: Mail) -> None:
    """Forget a reader whose mail has come back for good: nobody is there who could say that it arrives again."""
    follower_id = sent.details().get("follower_id")
    if follower_id is not None:
        db.execute(REMOVE, {"follower_id": follower_id})


def arrived(db: Connection, sending: Mail) -> None:
    """Note that a reader's address takes mail."""
    follower_id = sending.details().get("follower_id")
    if follower_id is not None:
        db.execute(ARRIVED, {"follower_id": follower_id})


def remove_all(db: Connection, *, account_id: int) -> None:
    """Forget an account's readers: its owner doesn't want any."""
    db.execute(REMOVE_ALL, {"of_account_id": account_id})


def next_at(settings: Settings, now: int, frequency: str) -> int:
    """Return when a reader is written to next: a day or a week later, at the hour of digests."""
    local = clock.as_datetime(now)
    day = local.date() + timedelta(days=DAYS[frequency])
    at = datetime.combine(day, time(settings.digest_hour), tzinfo=local.tzinfo)
    return int(at.timestamp() * clock.SECOND)


def not_offered() -> NotFound:
    """Return what is said where an account can't be followed by mail."""
    return NotFound(_("This account can't be followed by e-mail."))


def _add(db: Connection, now: int, account_id: int, address: str, frequency: str, locale: str | None) -> int:
    id = ids.new(now)
    row = {
        "id": id,
        "account_id": account_id,
        "email_key": email_key(address),
        "email": address,
        "frequency": frequency,
        "locale": locale,
        "due_at": now + UNCONFIRMED_MS,
    }
    db.execute(ADD, row)
    return id
