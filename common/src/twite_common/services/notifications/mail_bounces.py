"""Mails that come back: who sends one names its mail in the sender's address, signed, and so does what comes back.

Nothing is believed of a message whose address isn't signed: anybody could stop mail to anybody else by it.
"""

import re
from typing import Literal

import msgspec
from sqlalchemy import BigInteger, Connection, Text, bindparam, update

from twite_common import secret
from twite_common.queries.notifications import mails as queries
from twite_common.secret import Signer
from twite_common.services.notifications import mail_followers
from twite_common.settings import Settings
from twite_common.tables import credentials, mail

Kind = Literal["hard", "soft"]
READ = "mail.read_bounces"
"""The event by which the mailbox is read."""
PURPOSE = "bounce"
SIGNATURE_LENGTH = 24
"""Hexadecimal digits: letters' case may get lost on the way."""
SIGNED = re.compile(r"\+(\d{1,19})-([0-9a-f]{24})$", re.ASCII)
MAX_ANSWER_LENGTH = 500

_ID = bindparam("mail_id", type_=BigInteger)
BOUNCED = (
    update(mail)
    .where(mail.c.id == _ID, mail.c.bounce != "hard")
    .values(
        bounce=bindparam("severity", type_=Text),
        bounced_at=bindparam("now", type_=BigInteger),
        error=bindparam("said", type_=Text),
    )
)
UNREACHABLE = (
    update(credentials)
    .where(
        credentials.c.account_id == bindparam("of_account_id", type_=BigInteger),
        credentials.c.email == bindparam("address", type_=Text),
        credentials.c.mail_bounced_at.is_(None),
    )
    .values(
        mail_bounced_at=bindparam("now", type_=BigInteger),
        mail_failed_at=bindparam("now", type_=BigInteger),
        mail_failure=bindparam("said", type_=Text),
    )
)


class Bounce(msgspec.Struct, frozen=True):
    """What came back: to which address, whether the mailbox is gone for good, and what its server said."""

    returned_to: str
    kind: Kind
    answer: str


def return_address(settings: Settings, signer: Signer, mail_id: int) -> str:
    """Return the address that a mail comes back to if it can't be delivered; the sender's where none is set."""
    if not settings.mail_bounces:
        return settings.sender
    mailbox, _, host = settings.mail_bounces.rpartition("@")
    return f"{mailbox}+{mail_id}-{_signature(signer, mail_id)}@{host}"


def record(db: Connection, signer: Signer, *, now: int, bounce: Bounce) -> bool:
    """Note that a mail came back, and say whether it is one of ours, of the last weeks.

    Once for good, its account gets no more mail about what others do until its owner confirms the address, changes it,
    or staff say so: that a mail server takes the next mail, only to send it back, says nothing. A reader without an
    account is forgotten.
    """
    named = SIGNED.search(bounce.returned_to.rpartition("@")[0].lower())
    if named is None or not secret.equal(named[2], _signature(signer, int(named[1]))):
        return False
    sent = queries.get(db, int(named[1]))
    if sent is None:
        return False
    answer = bounce.answer[:MAX_ANSWER_LENGTH]
    changed = db.execute(BOUNCED, {"mail_id": sent.id, "severity": bounce.kind, "now": now, "said": answer}).rowcount
    if changed and bounce.kind == "hard" and sent.account_id is not None:
        db.execute(UNREACHABLE, {"of_account_id": sent.account_id, "address": sent.address, "now": now, "said": answer})
    elif changed and bounce.kind == "hard":
        mail_followers.returned(db, sent)
    return True


def _signature(signer: Signer, mail_id: int) -> str:
    return secret.digest(signer.sign(PURPOSE, mail_id)).hex()[:SIGNATURE_LENGTH]
