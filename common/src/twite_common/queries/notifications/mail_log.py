"""What was sent to whom, how much on a day, and what DNS says of the sender's domain."""

from typing import Literal

import msgspec
from sqlalchemy import BigInteger, Connection, Integer, Text, bindparam, func, select

from twite_common import domains
from twite_common.queries.notifications.mails import COLUMNS, Mail
from twite_common.queries.paging import Page, Pageable
from twite_common.tables import account, mail, mail_day, mail_domain_check

Result = Literal["", "failed", "bounced"]


class Finding(msgspec.Struct, frozen=True):
    """What DNS says of one thing: `kind` is mx, spf, dkim or dmarc, `state` good, weak, missing, wrong or unknown.

    `detail` says what is weak or wrong, by a word; `record` is what stands there.
    """

    kind: str
    state: str
    detail: str = ""
    record: str = ""


class DomainCheck(msgspec.Struct, frozen=True):
    """What was found of a domain, and when, in milliseconds."""

    checked_at: int
    domain: str
    findings: tuple[Finding, ...]


class Findings(msgspec.Struct, frozen=True):
    """What is kept of a check."""

    domain: str
    findings: tuple[Finding, ...]


_ALL = select(*COLUMNS)
_ADDRESS = bindparam("address", type_=Text)
_named = select(account.c.id).where(account.c.username_key == bindparam("username_key", type_=Text)).scalar_subquery()
LOGS = {
    "": Pageable(_ALL, mail.c.id),
    "failed": Pageable(_ALL.where(mail.c.state == "parked"), mail.c.id),
    "bounced": Pageable(_ALL.where(mail.c.bounced_at.is_not(None)), mail.c.id),
}
TO_ADDRESS = Pageable(_ALL.where(mail.c.address == _ADDRESS), mail.c.id)
TO_ACCOUNT = Pageable(_ALL.where(mail.c.account_id == _named), mail.c.id)
ON_DAY = select(mail_day.c.number).where(mail_day.c.day == bindparam("day", type_=Integer))
COUNT_BOUNCES = (
    select(mail.c.bounce, func.count())
    .where(mail.c.bounced_at >= bindparam("since", type_=BigInteger))
    .group_by(mail.c.bounce)
)
CHECK = select(mail_domain_check.c.checked_at, mail_domain_check.c.findings).where(mail_domain_check.c.id == 1)


def log(db: Connection, page: Page, *, result: Result = "") -> list[Mail]:
    """Return the last mails, the newest first: all, those that failed, or those that came back."""
    return [Mail(*row) for row in LOGS[result].rows(db, page, {})]


def to_address(db: Connection, typed: str, page: Page) -> list[Mail]:
    """Return the last mails to an address as somebody typed it, the newest first."""
    return [Mail(*row) for row in TO_ADDRESS.rows(db, page, {"address": _stored(typed)})]


def to_account(db: Connection, username_key: str, page: Page) -> list[Mail]:
    """Return the last mails to an account, by its name in small letters, the newest first."""
    return [Mail(*row) for row in TO_ACCOUNT.rows(db, page, {"username_key": username_key})]


def handed_over(db: Connection, day: int) -> int:
    """Return how many mails were handed over on a day, counted from the epoch."""
    return db.scalar(ON_DAY, {"day": day}) or 0


def count_bounces(db: Connection, *, since: int) -> dict[str, int]:
    """Return how many mails came back since a time in milliseconds, by hard and soft."""
    return {row[0]: row[1] for row in db.execute(COUNT_BOUNCES, {"since": since})}


def domain_check(db: Connection) -> DomainCheck | None:
    """Return what DNS said of the sender's domain when it was last asked."""
    row = db.execute(CHECK).one_or_none()
    if row is None:
        return None
    found = msgspec.json.decode(row.findings, type=Findings)
    return DomainCheck(row.checked_at, found.domain, found.findings)


def _stored(typed: str) -> str:
    """Return an address as it is stored; what is none is looked for as it was typed."""
    mailbox, _, host = typed.rpartition("@")
    try:
        return f"{mailbox}@{domains.to_ascii(host)}"
    except ValueError:
        return typed
