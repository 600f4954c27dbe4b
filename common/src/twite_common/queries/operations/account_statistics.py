"""One account's statistics, for its owner: by day, of its posts, and of its year.

Each statement reads a range of one account's rows, which an index leads to, and no more of them than a window holds.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, timedelta, tzinfo
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Connection, Date, Select, Text, and_, bindparam, cast, func, select
from sqlalchemy.sql.elements import BindParameter

from twite_common import clock, ids
from twite_common.sql.dialects import among
from twite_common.sql.types import AnyRow
from twite_common.tables import account, account_daily_statistics, follow, post, post_tag, preferences, tag
from twite_common.visibility import not_between_blocks, present

WINDOW = 1500
"""How many of the newest posts of a range are looked at, and of the newest followers."""
TOP = 10


HALF_HOUR = 30 * clock.MINUTE
FIGURES = ("posts", "new_followers", "favourites", "boosts", "replies", "replies_written")
"""What is counted of each half-hour, in the order in which it is written down."""


class AccountDay(msgspec.Struct, frozen=True):
    """What an account wrote and received on one day. `replies` are those received.

    `followers` is how many there were by the end of the day, or None where nobody looked then.
    """

    day: date
    posts: int
    replies_written: int
    replies: int
    favourites: int
    boosts: int
    new_followers: int
    followers: int | None


class OwnPost(msgspec.Struct, frozen=True, gc=False):
    """How a post of the account did."""

    id: int
    in_reply_to_account_id: int | None
    favourites: int
    boosts: int
    replies: int

    @property
    def reactions(self) -> int:
        """What a post received in all."""
        return self.favourites + self.boosts + self.replies


class Owner(msgspec.Struct, frozen=True):
    """What there is to know of the account itself."""

    followers: int
    time_zone: str


_ID: BindParameter[int] = bindparam("account_id", type_=BigInteger)
_FIRST_ID = bindparam("first_id", type_=BigInteger)
_END_ID = bindparam("end_id", type_=BigInteger)
OWNER = (
    select(account.c.followers_count, preferences.c.time_zone)
    .join(preferences, preferences.c.account_id == account.c.id)
    .where(account.c.id == _ID)
)
DAYS = (
    select(
        *[account_daily_statistics.c[name] for name in ("day", *FIGURES, "followers")],
        account_daily_statistics.c.half_hours,
    )
    .where(
        account_daily_statistics.c.account_id == _ID,
        account_daily_statistics.c.day >= bindparam("first", type_=Date),
        account_daily_statistics.c.day <= bindparam("last", type_=Date),
    )
    .order_by(account_daily_statistics.c.day.desc())
)
_WRITTEN = and_(post.c.account_id == _ID, post.c.id >= _FIRST_ID, post.c.id < _END_ID, post.c.boost_of_id.is_(None))


def _newest(*columns: Any) -> Select[Any]:
    """Return the newest posts that the account wrote in the range, as many as the window holds."""
    return select(*columns).where(_WRITTEN).order_by(post.c.id.desc()).limit(WINDOW)


POSTS = _newest(
    post.c.id, post.c.in_reply_to_account_id, post.c.favourites_count, post.c.boosts_count, post.c.replies_count
)
FIRST_POST = select(post.c.id).where(_WRITTEN).order_by(post.c.id).limit(1)
_window = _newest(post.c.id).subquery("written")
# As one value of each post: joined, PostgreSQL might read all of the table instead.
TAGS_BY_POST = select(
    select(func.aggregate_strings(cast(post_tag.c.tag_id, Text), ","))
    .where(post_tag.c.post_id == _window.c.id)
    .correlate(_window)
    .scalar_subquery()
).select_from(_window)
TAG_NAMES = select(tag.c.id, tag.c.name).where(among(tag.c.id, "tag_ids"))
NEARBY = select(account.c.id).where(among(account.c.id, "ids"), present(account.c.id), not_between_blocks(account.c.id))
_led = (
    select(follow.c.from_post_id)
    .where(
        follow.c.followee_id == _ID,
        follow.c.id >= _FIRST_ID,
        follow.c.id < _END_ID,
        follow.c.from_post_id.is_not(None),
    )
    .order_by(follow.c.id.desc())
    .limit(WINDOW)
    .subquery("led")
)
FOLLOWERS_BY_POST = (
    select(_led.c.from_post_id, func.count())
    .group_by(_led.c.from_post_id)
    .order_by(func.count().desc(), _led.c.from_post_id.desc())
)


def owner(db: Connection, account_id: int) -> Owner:
    """Return what there is to know of an account that is there."""
    return Owner(*db.execute(OWNER, {"account_id": account_id}).one())


def days(db: Connection, account_id: int, first: date, last: date, zone: tzinfo = UTC) -> list[AccountDay]:
    """Return an account's statistics of each day in a time zone on which something happened, the newest first.

    What was counted before half-hours were belongs to its day in UTC. A half-hour that a day ends in belongs to the day
    that it begins on, and how many followers there were was counted at the end of the day in UTC.
    """
    bounds = {"first": first - timedelta(days=1), "last": last + timedelta(days=1)}
    counted: dict[date, Counter[str]] = {}
    followers: dict[date, int | None] = {}
    for row in db.execute(DAYS, {"account_id": account_id, **bounds}):
        followers[row.day] = row.followers
        for day, figures in _by_day(row, zone):
            counted.setdefault(day, Counter()).update(dict(zip(FIGURES, figures, strict=True)))
    return [
        AccountDay(day=day, followers=followers.get(day), **{name: counted[day][name] for name in FIGURES})
        for day in sorted(counted, reverse=True)
        if first <= day <= last
    ]


def _by_day(row: AnyRow, zone: tzinfo) -> Iterator[tuple[date, Sequence[int]]]:
    """Yield the figures of a row by the days that they belong to in a time zone."""
    if row.half_hours is None or zone is UTC:
        yield row.day, [getattr(row, name) for name in FIGURES]
        return
    start = clock.start_of(row.day)
    for half_hour in row.half_hours.split(" "):
        number, *figures = map(int, half_hour.split(","))
        yield clock.as_datetime(start + number * HALF_HOUR).astimezone(zone).date(), figures


def posts(db: Connection, account_id: int, first_at: int, end_at: int) -> list[OwnPost]:
    """Return what an account posted from one time (milliseconds) to another, the newest `WINDOW` posts first."""
    return [OwnPost(*row) for row in db.execute(POSTS, _range(account_id, first_at, end_at))]


def first_post(db: Connection, account_id: int, first_at: int, end_at: int) -> int | None:
    """Return the id of the first post from one time (milliseconds) to another."""
    return db.scalar(FIRST_POST, _range(account_id, first_at, end_at))


def hashtags(db: Connection, account_id: int, first_at: int, end_at: int) -> list[tuple[str, int]]:
    """Return which hashtags the newest posts of a time have most, and how many of them."""
    tags_by_post = db.scalars(TAGS_BY_POST, _range(account_id, first_at, end_at))
    uses = Counter(int(tag_id) for tag_ids in tags_by_post if tag_ids for tag_id in tag_ids.split(","))
    names = db.execute(TAG_NAMES, {"tag_ids": [tag_id for tag_id, _uses in uses.most_common(TOP)]})
    return sorted(((row.name, uses[row.id]) for row in names), key=lambda found: (-found[1], found[0]))


def nearby(db: Connection, account_id: int, account_ids: Collection[int]) -> set[int]:
    """Return those of the accounts that are there, with no block between them and the account."""
    return set(db.scalars(NEARBY, {"viewer_id": account_id, "ids": list(account_ids)}))


def followers_by_post(db: Connection, account_id: int, first_at: int, end_at: int) -> list[tuple[int, int]]:
    """Return which of an account's posts led to new followers, and to how many, the most first; not who they are."""
    rows = db.execute(FOLLOWERS_BY_POST, _range(account_id, first_at, end_at))
    return [(post_id, number) for post_id, number in rows]


def _range(account_id: int, first_at: int, end_at: int) -> dict[str, int]:
    return {"account_id": account_id, "first_id": ids.first_at(first_at), "end_id": ids.first_at(end_at)}
