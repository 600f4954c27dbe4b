"""Texts about the site: its description, privacy policy and terms."""

import msgspec
from sqlalchemy import BigInteger, Connection, Text, bindparam, func, select

from twite_common.ids import MAXIMUM
from twite_common.tables import site_text


class SiteText(msgspec.Struct, frozen=True):
    """One version of a text; `succeeded_at` is when the next one comes into effect, if one is known."""

    text: str
    effective_at: int
    succeeded_at: int | None = None


_NAME = site_text.c.name == bindparam("name", type_=Text)
_FROM = site_text.c.effective_at >= bindparam("first_at", type_=BigInteger)
_UNTIL = site_text.c.effective_at <= bindparam("last_at", type_=BigInteger)
LATEST = (
    select(site_text.c.text, site_text.c.effective_at)
    .where(_NAME, _FROM, _UNTIL)
    .order_by(site_text.c.effective_at.desc(), site_text.c.id.desc())
    .limit(1)
)
NEXT = select(func.min(site_text.c.effective_at)).where(
    _NAME, site_text.c.effective_at > bindparam("after", type_=BigInteger)
)
NAMES = (
    select(site_text.c.name, site_text.c.text != "").where(_UNTIL).order_by(site_text.c.effective_at, site_text.c.id)
)


def current(db: Connection, name: str, *, now: int) -> SiteText | None:
    """Return the version of a text that is in effect; None when there is none, or it was taken away."""
    return latest(db, name, first_at=0, last_at=now)


def planned(db: Connection, name: str) -> SiteText | None:
    """Return the last version of a text, whether or not it is in effect yet."""
    return latest(db, name, first_at=0, last_at=MAXIMUM)


def latest(db: Connection, name: str, *, first_at: int, last_at: int) -> SiteText | None:
    """Return the last version of a text that came or comes into effect in a span of time (milliseconds)."""
    row = db.execute(LATEST, {"name": name, "first_at": first_at, "last_at": last_at}).one_or_none()
    if row is None or not row.text:
        return None
    following = db.scalars(NEXT, {"name": name, "after": row.effective_at}).one()
    return SiteText(row.text, row.effective_at, following)


def names_in_effect(db: Connection, *, now: int) -> set[str]:
    """Return which texts the site has now."""
    present_by_name: dict[str, bool] = {row[0]: row[1] for row in db.execute(NAMES, {"last_at": now})}
    return {name for name, present in present_by_name.items() if present}
