"""Counting attempts (logins, sign-ups) across all processes, to limit them."""

from collections.abc import Collection
from functools import lru_cache
from ipaddress import IPv4Address, ip_address, ip_network

from sqlalchemy import BigInteger, Connection, Text, and_, bindparam, case, delete, select, update

from twite_common import clock
from twite_common.database import Database
from twite_common.errors import TooMany
from twite_common.sql.dialects import upsert
from twite_common.tables import attempt
from twite_common.translations import ngettext

_NOW = bindparam("now", type_=BigInteger)
_SINCE = bindparam("window_start", type_=BigInteger)
# A count that begins later than now is from before the clock was set back.
_GOES_ON = and_(attempt.c.since_at > _SINCE, attempt.c.since_at <= _NOW + clock.SKEW_MS)
_add = upsert(attempt).values(subject=bindparam("subject", type_=Text), since_at=_NOW, number=1)
COUNT = _add.on_conflict_do_update(
    index_elements=[attempt.c.subject],
    set_={
        "number": case((_GOES_ON, attempt.c.number + 1), else_=1),
        "since_at": case((_GOES_ON, attempt.c.since_at), else_=_NOW),
    },
).returning(attempt.c.number, attempt.c.since_at)
_SUBJECT = bindparam("the_subject", type_=Text)
COUNTED = select(attempt.c.number, attempt.c.since_at).where(attempt.c.subject == _SUBJECT, _GOES_ON)
TAKE_BACK = (
    update(attempt).where(attempt.c.subject == _SUBJECT, attempt.c.number > 0).values(number=attempt.c.number - 1)
)
FORGET = delete(attempt).where(attempt.c.subject == _SUBJECT)
FORGET_OLD = delete(attempt).where(attempt.c.since_at < _SINCE)


def count(database: Database, subjects: Collection[str], *, now: int, window_ms: int, limit: int) -> None:
    """Count one attempt under each subject, in a transaction of its own, so that it stays counted whatever follows.

    Raises TooMany when there were more than `limit` in the window; 0 is no limit. Where there were before, nothing is
    written: whoever goes on trying keeps nobody from writing.
    """
    if limit == 0:
        return
    with database.reading() as db:
        errors = [_refused(db, subject, now=now, window_ms=window_ms, limit=limit) for subject in subjects]
    if not any(errors):
        with database.writing() as db:
            errors = [_count(db, subject, now=now, window_ms=window_ms, limit=limit) for subject in subjects]
    for error in errors:
        if error is not None:
            raise error


def _count(db: Connection, subject: str, *, now: int, window_ms: int, limit: int) -> TooMany | None:
    number, since_at = db.execute(COUNT, {"subject": subject, "now": now, "window_start": now - window_ms}).one()
    return _too_many(since_at + window_ms - now) if number > limit else None


def _refused(db: Connection, subject: str, *, now: int, window_ms: int, limit: int) -> TooMany | None:
    parameters = {"the_subject": subject, "now": now, "window_start": now - window_ms}
    row = db.execute(COUNTED, parameters).one_or_none()
    return None if row is None or row[0] < limit else _too_many(row[1] + window_ms - now)


def _too_many(wait_ms: int) -> TooMany:
    wait_seconds = max(1, wait_ms // 1000)
    minutes = max(1, round(wait_seconds / 60))
    return TooMany(
        ngettext(
            "Too many attempts. Please wait %(count)s minute and try again.",
            "Too many attempts. Please wait %(count)s minutes and try again.",
            minutes,
        ),
        wait_seconds,
    )


@lru_cache(10_000)
def counted_as(address: str) -> str:
    """Return whom an address counts as: of IPv6, where one household has 2⁶⁴ addresses, the network."""
    try:
        here = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    plain = here if isinstance(here, IPv4Address) else here.ipv4_mapped
    return str(plain) if plain else str(ip_network((here, 64), strict=False))


def take_back(db: Connection, subject: str) -> None:
    """Count one attempt less: it went well, as most do.

    Attempts are counted before it is known how they end, or many made at once would all be let through.
    """
    db.execute(TAKE_BACK, {"the_subject": subject})


def forget(db: Connection, subject: str) -> None:
    """Start counting anew, where only one person can make these attempts and one of them went well."""
    db.execute(FORGET, {"the_subject": subject})


def forget_old(db: Connection, *, before: int) -> None:
    """Remove counts that began before a time."""
    db.execute(FORGET_OLD, {"window_start": before})
