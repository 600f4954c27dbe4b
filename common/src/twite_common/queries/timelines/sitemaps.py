"""Pages that search engines may index, in parts of a limited length.

A part is what was made within some time: ids are ordered by it, so that each is one range of an index.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

import msgspec
from sqlalchemy import BigInteger, Connection, and_, bindparam, select

from twite_common import ids
from twite_common.tables import account, daily_statistics, post
from twite_common.tables.accounts import CRAWLABLE
from twite_common.tables.posts import PUBLIC
from twite_common.visibility import VIEWER, present, unlimited, visible

MAX_COUNT = 50_000
"""Addresses that a sitemap may have, and sitemaps that an index of them may have (sitemaps.org)."""

_PART = re.compile(r"(\d{4})-(\d\d)(?:-(\d\d)(?:T(\d\d))?)?", re.ASCII)
_FIRST_ID, _END_ID = bindparam("first_id", type_=BigInteger), bindparam("end_id", type_=BigInteger)

DAYS = select(daily_statistics.c.day, daily_statistics.c.new_accounts, daily_statistics.c.posts).order_by(
    daily_statistics.c.day
)
ANYBODY = select(account.c.id).where(CRAWLABLE).limit(1)
_LISTED = and_(CRAWLABLE, unlimited(account.c.id))
ACCOUNTS = (
    select(account.c.username)
    .where(_LISTED, present(account.c.id), account.c.id >= _FIRST_ID, account.c.id < _END_ID)
    .order_by(account.c.id)
    .limit(MAX_COUNT)
)
POSTS = (
    select(account.c.username, post.c.id, post.c.edited_at)
    .join(account, account.c.id == post.c.account_id)
    .where(PUBLIC, _LISTED, visible(post), post.c.id >= _FIRST_ID, post.c.id < _END_ID)
    .order_by(post.c.id)
    .limit(MAX_COUNT)
)


class Parts(msgspec.Struct, frozen=True):
    """The names of the parts that there are: months, or where much was made in one its days, or their hours."""

    accounts: list[str]
    posts: list[str]


class Listed(msgspec.Struct, frozen=True, gc=False):
    """A post's page. `edited_at` is in milliseconds."""

    username: str
    post_id: int
    edited_at: int | None


def parts(db: Connection) -> Parts:
    """Return what there is to list; nothing where nobody wants to be found."""
    if db.execute(ANYBODY).first() is None:
        return Parts([], [])
    days = db.execute(DAYS).all()
    return Parts(_parts((day, accounts) for day, accounts, _ in days), _parts((day, posts) for day, _, posts in days))


def accounts(db: Connection, part: str) -> list[str] | None:
    """Return the names of the accounts of a part, in order; None where it is none."""
    bounds = _bounds(part)
    return None if bounds is None else list(db.scalars(ACCOUNTS, bounds))


def posts(db: Connection, part: str) -> list[Listed] | None:
    """Return the posts of a part, in order; None where it is none."""
    bounds = _bounds(part)
    if bounds is None:
        return None
    return [Listed(*row) for row in db.execute(POSTS, {**bounds, VIEWER.key: None})]


def _parts(counted: Iterable[tuple[date, int]]) -> list[str]:
    parts: list[str] = []
    for month, group in groupby(counted, key=lambda entry: f"{entry[0]:%Y-%m}"):
        days = list(group)
        number = sum(count for _, count in days)
        if number > MAX_COUNT:
            parts += [part for day, count in days for part in _of_day(day, count)]
        elif number:
            parts.append(month)
    # The oldest go where an index would be too long: there are two kinds, and the pages.
    return parts[-(MAX_COUNT // 2 - 1) :]


def _of_day(day: date, number: int) -> list[str]:
    if number > MAX_COUNT:
        return [f"{day}T{hour:02}" for hour in range(24)]
    return [str(day)] if number else []


def _bounds(part: str) -> dict[str, int] | None:
    """Return the first id that something of a part can have, and the first after all of them."""
    match = _PART.fullmatch(part)
    if match is None:
        return None
    year, month, day, hour = (None if text is None else int(text) for text in match.groups())
    try:
        start = datetime(year or 0, month or 0, day or 1, hour or 0, tzinfo=UTC)
        end = _end(start, day, hour)
    except (ValueError, OverflowError):
        return None
    first_id, end_id = (min(ids.first_at(int(moment.timestamp()) * 1000), ids.MAXIMUM) for moment in (start, end))
    return {"first_id": first_id, "end_id": end_id}


def _end(start: datetime, day: int | None, hour: int | None) -> datetime:
    """Return the end of the hour, day or month that begins at `start`, whichever was named."""
    if hour is not None:
        return start + timedelta(hours=1)
    if day is not None:
        return start + timedelta(days=1)
    return (start + timedelta(days=31)).replace(day=1)
