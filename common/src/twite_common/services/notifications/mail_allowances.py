"""How many unrequested mails an address gets from the whole site.

Whoever knows an address can have mail sent to it: by signing up with it, by asking for a new password, by making it
their own. Of all these together an address gets three within any hour; what is over isn't sent. Each of them that
came has a link that works, so that nobody is kept out by a stranger who uses the three up.

What tells people what was done to their account or asks them to decide something can't be caused without logging in to
an account. It must arrive at some time, and must not be hidden behind anything else: each kind has three an hour of its
own, and what is over waits until the next one may go (`services.mails`).
"""

from sqlalchemy import BigInteger, Connection, Text, bindparam, delete, or_, select

from twite_common import clock
from twite_common.services.validators import canonical_email_hash
from twite_common.sql.dialects import upsert
from twite_common.tables import mail_allowance

WINDOW_MS = clock.HOUR
MAX_COUNT = 3
"""Mails within the window: of all kinds that anybody can cause together, and of each kind of notice."""
CAUSED_BY_ANYBODY = {
    "confirm": MAX_COUNT,
    "reset": MAX_COUNT,
    "change_email": 2,
    "login_link": 2,
    "follow_by_mail": 2,
    "already_registered": 1,
}
"""Kinds that go to whatever address somebody types, and how many of the three each may take.

What leads nowhere takes the fewest, so that strangers leave something for the links that an address's owner needs.
"""
NOTICES = frozenset(
    {
        "account_deactivated",
        "appeal",
        "application_allowed",
        "appeal_approved",
        "appeal_rejected",
        "approval_needed",
        "archive_ready",
        "approved",
        "change_email_asked",
        "email_changed",
        "feed_made",
        "member_accepted",
        "member_invited",
        "membership_ended",
        "membership_offered",
        "new_login",
        "passkey_added",
        "passkey_removed",
        "password_changed",
        "password_removed",
        "recovery_code_used",
        "recovery_codes_renewed",
        "second_factor_added",
        "second_factor_asked",
        "second_factor_removed",
        "token_made",
        "username_changed",
        "warning",
        "webhook_made",
        "webhook_parked",
    }
)
"""Kinds that tell the owner of an account, or whoever looks after the site, what they have to know."""
CHOSEN = frozenset({"digest", "notifications", "posts_by_mail", "statistics", "test", "weekly"})
"""Kinds that people chose to get, with intervals of their own, and the test that an administrator sends."""

_NOW = bindparam("now", type_=BigInteger)
_TIMES = (mail_allowance.c.newest_at, mail_allowance.c.middle_at, mail_allowance.c.oldest_at)
_add = upsert(mail_allowance).values(subject=bindparam("subject", type_=Text), newest_at=_NOW, middle_at=0, oldest_at=0)
TAKE = {
    max_count: _add.on_conflict_do_update(
        index_elements=[mail_allowance.c.subject],
        set_={
            "newest_at": _NOW,
            "middle_at": mail_allowance.c.newest_at,
            "oldest_at": mail_allowance.c.middle_at,
        },
        where=or_(
            counted <= bindparam("window_start", type_=BigInteger),
            mail_allowance.c.newest_at > bindparam("ahead", type_=BigInteger),
        ),
    )
    for max_count, counted in enumerate(_TIMES, 1)
}
"""For each number of mails in the window: note one more, unless there were as many. Two at once are noted in turn."""
OLDEST = select(mail_allowance.c.oldest_at).where(mail_allowance.c.subject == bindparam("the_subject", type_=Text))
FORGET_OLD = delete(mail_allowance).where(mail_allowance.c.newest_at < bindparam("before", type_=BigInteger))


def take(db: Connection, kind: str, *, now: int, address: str) -> bool:
    """Note one more mail of a kind to an address and return whether it may go now.

    Addresses that differ in case, dots or what follows a plus count as one: mostly they lead to one person, and where
    they don't, those who share the count lose little.
    """
    if kind in CHOSEN:
        return True
    reader = canonical_email_hash(address).hex()
    if kind in NOTICES:
        return _take(db, f"{kind} {reader}", MAX_COUNT, now)
    max_count = CAUSED_BY_ANYBODY[kind]
    return (max_count == MAX_COUNT or _take(db, f"{kind} {reader}", max_count, now)) and _take(
        db, f"any {reader}", MAX_COUNT, now
    )


def next_at(db: Connection, kind: str, *, address: str) -> int:
    """Return when the next notice of a kind may go to an address that has had as many as it may."""
    oldest = db.scalar(OLDEST, {"the_subject": f"{kind} {canonical_email_hash(address).hex()}"}) or 0
    return oldest + WINDOW_MS


def forget_old(db: Connection, *, now: int) -> None:
    """Remove what says nothing any more."""
    db.execute(FORGET_OLD, {"before": now - WINDOW_MS})


def _take(db: Connection, subject: str, max_count: int, now: int) -> bool:
    parameters = {"subject": subject, "now": now, "window_start": now - WINDOW_MS, "ahead": now + clock.SKEW_MS}
    return bool(db.execute(TAKE[max_count], parameters).rowcount)
