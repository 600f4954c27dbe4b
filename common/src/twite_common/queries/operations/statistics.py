"""Daily statistics of the site."""

from datetime import date, timedelta

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Connection, Date, ScalarSelect, and_, bindparam, func, select, union

from twite_common import clock, ids
from twite_common.tables import (
    account,
    daily_statistics,
    favourite,
    follow,
    mail,
    media,
    post,
    site_totals,
)


class Day(msgspec.Struct, frozen=True):
    """What happened on the site on one day in UTC. `replies` are among the `posts`; boosts are not.

    `accounts` is how many there were by the end of the day, and `media` how many files in posts came that day; both
    are None for an earlier day that nobody has filled in yet.

    `top_posts` and `top_tags` are JSON: lists of `[id, number]` and `[name, number]`.
    """

    day: date
    active_accounts: int
    new_accounts: int
    posts: int
    replies: int
    boosts: int
    favourites: int
    follows: int
    mails: int
    accounts: int | None
    media: int | None
    top_posts: str
    top_tags: str


class Figures(msgspec.Struct, frozen=True):
    """The numbers of one day, without its top lists."""

    active_accounts: int
    new_accounts: int
    posts: int
    replies: int
    boosts: int
    favourites: int
    follows: int
    mails: int
    accounts: int
    media: int


class Totals(msgspec.Struct, frozen=True):
    """How much there is on the site; active are those who posted within a month or half a year."""

    accounts: int
    posts: int
    active_month: int
    active_half_year: int


MAX_DAYS = 3660
"""How far back statistics are shown and filled in: ten years."""
MONTH_MS = 30 * clock.DAY

_FIRST_ID = bindparam("first_id", type_=BigInteger)
_END_ID = bindparam("end_id", type_=BigInteger)


def within(column: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that an id was made on the day that `bounds` names."""
    return and_(column >= _FIRST_ID, column < _END_ID)


_active = union(
    select(post.c.account_id).where(within(post.c.id)),
    select(favourite.c.account_id).where(within(favourite.c.id)),
    select(follow.c.follower_id).where(within(follow.c.id)),
).subquery()


def _count(column: ColumnElement[int], *conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count()).where(within(column), *conditions).scalar_subquery()


COUNT_ACCOUNTS = select(func.count()).where(account.c.id < _END_ID, ~account.c.pending).scalar_subquery()
COUNT_MEDIA = _count(media.c.id, media.c.post_id.is_not(None))
SITE = select(
    select(func.count()).select_from(_active).scalar_subquery().label("active_accounts"),
    _count(account.c.id, ~account.c.pending).label("new_accounts"),
    _count(post.c.id, post.c.boost_of_id.is_(None)).label("posts"),
    _count(post.c.id, post.c.in_reply_to_account_id.is_not(None)).label("replies"),
    _count(post.c.id, post.c.boost_of_id.is_not(None)).label("boosts"),
    _count(favourite.c.id).label("favourites"),
    _count(follow.c.id).label("follows"),
    select(func.count())
    .where(
        mail.c.state == "sent",
        mail.c.sent_at >= bindparam("first_at", type_=BigInteger),
        mail.c.sent_at < bindparam("end_at", type_=BigInteger),
    )
    .scalar_subquery()
    .label("mails"),
    COUNT_ACCOUNTS.label("accounts"),
    COUNT_MEDIA.label("media"),
)
_FIRST = bindparam("first", type_=Date)
_LAST = bindparam("last", type_=Date)
DAILY = (
    select(*[daily_statistics.c[name] for name in Day.__struct_fields__])
    .where(daily_statistics.c.day >= _FIRST, daily_statistics.c.day <= _LAST)
    .order_by(daily_statistics.c.day.desc())
)
COMPLETE_DAYS = select(daily_statistics.c.day).where(
    daily_statistics.c.day >= _FIRST, daily_statistics.c.day <= _LAST, daily_statistics.c.media.is_not(None)
)
FIRST_ACCOUNT = select(func.min(account.c.id))
_present = select(func.count()).select_from(account).where(~account.c.pending, account.c.suspended_at.is_(None))
COUNT_TOTALS = select(
    _present.scalar_subquery(),
    # The sum over accounts, because counting the posts themselves would read all of them.
    select(func.coalesce(func.sum(account.c.posts_count), 0)).where(~account.c.pending).scalar_subquery(),
    _present.where(account.c.last_post_at >= bindparam("month_ago", type_=BigInteger)).scalar_subquery(),
    _present.where(account.c.last_post_at >= bindparam("half_year_ago", type_=BigInteger)).scalar_subquery(),
)
TOTALS = select(*[site_totals.c[name] for name in Totals.__struct_fields__])


def bounds(day: date) -> dict[str, int]:
    """Return the parameters that stand for a day in UTC: its times in milliseconds, and the ids made on it."""
    first_at, end_at = clock.start_of(day), clock.start_of(day + timedelta(days=1))
    return {
        "first_at": first_at,
        "end_at": end_at,
        "first_id": ids.first_at(first_at),
        "end_id": ids.first_at(end_at),
    }


def figures(db: Connection, day: date) -> Figures:
    """Count what happened on a day, now, from what was written on it."""
    return Figures(*db.execute(SITE, bounds(day)).one())


def daily(db: Connection, first: date, last: date) -> list[Day]:
    """Return the statistics of each day from `first` to `last` that there are some for, the newest first.

    Today's are those of the last time that the periodic job ran, a few minutes ago.
    """
    return [Day(*row) for row in db.execute(DAILY, {"first": first, "last": last})]


def incomplete_days(db: Connection, last: date) -> list[date]:
    """Return the days up to `last` since the site began that lack statistics or a part of them, the newest first.

    Those of more than `MAX_DAYS` ago aren't among them.
    """
    first_id = db.scalar(FIRST_ACCOUNT)
    if first_id is None:
        return []
    first = max(clock.as_date(ids.created_at(first_id)), last - timedelta(days=MAX_DAYS - 1))
    complete = set(db.scalars(COMPLETE_DAYS, {"first": first, "last": last}))
    return [day for day in reversed(clock.days(first, last)) if day not in complete]


def totals(db: Connection, *, now: int) -> Totals:
    """Return how much there was the last time that the periodic job ran; before its first time, how much there is."""
    row = db.execute(TOTALS).one_or_none()
    return Totals(*row) if row else count_totals(db, now=now)


def count_totals(db: Connection, *, now: int) -> Totals:
    """Count how much there is now, which reads every account."""
    since = {"month_ago": now - MONTH_MS, "half_year_ago": now - 6 * MONTH_MS}
    return Totals(*db.execute(COUNT_TOTALS, since).one())
