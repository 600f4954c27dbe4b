"""Computing a day's statistics from what was written that day (ids contain the time); repeatable for past days."""

from collections.abc import Callable
from datetime import date
from functools import partial, reduce
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Date,
    FromClause,
    Integer,
    Text,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal,
    select,
    union_all,
    update,
)

from twite_common import ids
from twite_common.queries.operations import statistics as queries
from twite_common.queries.operations.account_statistics import FIGURES, HALF_HOUR
from twite_common.queries.operations.statistics import within as _within
from twite_common.sql.dialects import among, upsert
from twite_common.sql.types import AnySelect
from twite_common.tables import (
    account,
    account_daily_statistics,
    daily_statistics,
    favourite,
    follow,
    post,
    post_tag,
    site_totals,
    tag,
)
from twite_common.visibility import present, unlimited

TOP = 10

_DAY = bindparam("the_day", type_=Date)


_liked = union_all(
    select(favourite.c.post_id.label("id")).where(_within(favourite.c.id)),
    select(post.c.boost_of_id).where(_within(post.c.id), post.c.boost_of_id.is_not(None)),
).subquery()
TOP_POSTS = (
    select(post.c.id, func.count())
    .join(_liked, _liked.c.id == post.c.id)
    .where(post.c.visibility == "public", present(post.c.account_id), unlimited(post.c.account_id))
    .group_by(post.c.id)
    .order_by(func.count().desc(), post.c.id.desc())
    .limit(TOP)
)
TOP_TAGS = (
    select(tag.c.name, func.count())
    .join(post_tag, post_tag.c.tag_id == tag.c.id)
    .join(post, post.c.id == post_tag.c.post_id)
    .where(_within(post.c.id), post.c.visibility == "public", present(post.c.account_id), tag.c.listable)
    .group_by(tag.c.id, tag.c.name)
    .order_by(func.count().desc(), tag.c.name)
    .limit(TOP)
)
KNOWN_DAY = select(daily_statistics.c.day).where(daily_statistics.c.day == _DAY)
COUNT_LACKING = select(queries.COUNT_ACCOUNTS, queries.COUNT_MEDIA)
FILL_IN_SITE = (
    update(daily_statistics)
    .where(daily_statistics.c.day == _DAY)
    .values(accounts=bindparam("accounts", type_=Integer), media=bindparam("media", type_=Integer))
)
DROP_SITE = delete(daily_statistics).where(daily_statistics.c.day == _DAY)
ADD_SITE = insert(daily_statistics)

ONLY_ROW = 1
_totals = upsert(site_totals)
KEEP_TOTALS = _totals.on_conflict_do_update(
    index_elements=[site_totals.c.id],
    set_={column.name: _totals.excluded[column.name] for column in site_totals.c if column.name != "id"},
)

_original = post.alias("original")
_WRITTEN_REPLY = post.c.in_reply_to_account_id.is_not(None)
_FIRST_ID = bindparam("first_id", type_=BigInteger)
_IDS_A_HALF_HOUR = literal(ids.first_at(HALF_HOUR), BigInteger)


def _figure(
    name: str, account_id: Column[int], id: Column[int], source: FromClause, *conditions: ColumnElement[bool]
) -> AnySelect:
    """Return one figure's count for each account and half-hour of the day, with 0 in the columns of the others.

    `id` says when each thing happened.
    """
    columns = [(func.count() if name == figure else literal(0)).label(figure) for figure in FIGURES]
    half_hour = (id - _FIRST_ID) // _IDS_A_HALF_HOUR
    return (
        select(account_id.label("account_id"), half_hour.label("half_hour"), *columns)
        .select_from(source)
        .where(_within(id), *conditions)
        .group_by(account_id, half_hour)
    )


_counted = union_all(
    _figure("posts", post.c.account_id, post.c.id, post, post.c.boost_of_id.is_(None)),
    _figure("new_followers", follow.c.followee_id, follow.c.id, follow),
    _figure(
        "favourites",
        post.c.account_id,
        favourite.c.id,
        favourite.join(post, post.c.id == favourite.c.post_id),
        favourite.c.account_id != post.c.account_id,
    ),
    _figure(
        "boosts",
        _original.c.account_id,
        post.c.id,
        post.join(_original, _original.c.id == post.c.boost_of_id),
        post.c.account_id != _original.c.account_id,
    ),
    _figure(
        "replies",
        post.c.in_reply_to_account_id,
        post.c.id,
        post,
        post.c.in_reply_to_account_id != post.c.account_id,
    ),
    _figure("replies_written", post.c.account_id, post.c.id, post, _WRITTEN_REPLY),
).subquery()
_figures = (
    select(_counted.c.account_id, _counted.c.half_hour, *[func.sum(_counted.c[name]).label(name) for name in FIGURES])
    .group_by(_counted.c.account_id, _counted.c.half_hour)
    .subquery()
)
_number: ColumnElement[str] = cast(_figures.c.half_hour, Text)
_HALF_HOURS = func.aggregate_strings(
    reduce(lambda written, name: written + "," + cast(_figures.c[name], Text), FIGURES, _number), " "
)
"""What `queries.operations.account_statistics` reads: the half-hours, each with its figures behind its number."""
# Those who have followed since the day ended weren't there yet; of today there are none.
_FOLLOWERS = account.c.followers_count - (
    select(func.count())
    .where(follow.c.followee_id == account.c.id, follow.c.id >= bindparam("end_id", type_=BigInteger))
    .correlate(account)
    .scalar_subquery()
)
_OF_RANGE = (
    account_daily_statistics.c.day == _DAY,
    account_daily_statistics.c.account_id > bindparam("after_id", type_=BigInteger),
    account_daily_statistics.c.account_id <= bindparam("up_to_id", type_=BigInteger),
)
KNOWN_ACCOUNTS = (
    select(account_daily_statistics.c.account_id)
    .where(account_daily_statistics.c.day == _DAY)
    .order_by(account_daily_statistics.c.account_id)
)
FILL_IN_ACCOUNTS = (
    update(account_daily_statistics)
    .where(*_OF_RANGE)
    .values(
        replies_written=select(func.count())
        .where(post.c.account_id == account_daily_statistics.c.account_id, _within(post.c.id), _WRITTEN_REPLY)
        .correlate(account_daily_statistics)
        .scalar_subquery()
    )
)
ACCOUNTS_AT_ONCE = 500
"""Accounts whose day is written in one transaction."""
OF_ACCOUNTS = (
    select(_figures.c.account_id, *[func.sum(_figures.c[name]).label(name) for name in FIGURES])
    .add_columns(_FOLLOWERS.label("followers"), _HALF_HOURS.label("half_hours"))
    .join(account, account.c.id == _figures.c.account_id)
    .group_by(_figures.c.account_id, account.c.id, account.c.followers_count)
    .order_by(_figures.c.account_id)
)
DROP_ACCOUNTS = delete(account_daily_statistics).where(*_OF_RANGE)
ADD_ACCOUNTS = insert(account_daily_statistics)
STILL_THERE = select(account.c.id).where(among(account.c.id, "ids")).with_for_update(read=True, key_share=True)

Piece = Callable[[Connection], None]


def keep_totals(db: Connection, *, now: int) -> None:
    """Count how much there is on the site, and keep that for whoever looks."""
    for keep in look_at_totals(db, now=now):
        keep(db)


def look_at_totals(db: Connection, *, now: int) -> list[Piece]:
    """Count how much there is on the site, which reads every account, and return what keeps that."""
    row = {"id": ONLY_ROW, **msgspec.structs.asdict(queries.count_totals(db, now=now)), "computed_at": now}

    def keep(db: Connection) -> None:
        db.execute(KEEP_TOTALS, row)

    return [keep]


def compute(db: Connection, day: date, *, now: int) -> None:
    """Compute the statistics of one day in UTC, of the site and of every account; what was there is replaced."""
    for keep in look_at(db, day, now=now):
        keep(db)


def look_at(db: Connection, day: date, *, now: int) -> list[Piece]:
    """Compute the same, only by reading, and return what keeps it, in transactions of their own that are short."""
    bounds = queries.bounds(day)
    row = {
        "day": day,
        **msgspec.structs.asdict(queries.figures(db, day)),
        "top_posts": _encoded(db, TOP_POSTS, bounds, as_text=True),
        "top_tags": _encoded(db, TOP_TAGS, bounds),
        "computed_at": now,
    }
    of_accounts = [{**one._mapping, "day": day} for one in db.execute(OF_ACCOUNTS, bounds)]
    batches = [
        of_accounts[start : start + ACCOUNTS_AT_ONCE] for start in range(0, len(of_accounts) or 1, ACCOUNTS_AT_ONCE)
    ]
    ends = [batch[-1]["account_id"] for batch in batches[:-1]]
    ranges = zip([0, *ends], [*ends, ids.MAXIMUM], batches, strict=True)
    # What says that the day is complete comes last: whoever is interrupted begins anew.
    return [*[partial(_keep_accounts, day=day, part=part) for part in ranges], partial(_keep_site, row=row)]


def _keep_site(db: Connection, *, row: dict[str, object]) -> None:
    db.execute(DROP_SITE, {"the_day": row["day"]})
    db.execute(ADD_SITE, row)


def _keep_accounts(db: Connection, *, day: date, part: tuple[int, int, list[dict[str, Any]]]) -> None:
    """Replace the day of the accounts in a range of ids; those that are gone meanwhile have none."""
    after_id, up_to_id, rows = part
    db.execute(DROP_ACCOUNTS, {"the_day": day, "after_id": after_id, "up_to_id": up_to_id})
    there = set(db.scalars(STILL_THERE, {"ids": [row["account_id"] for row in rows]}))
    present_rows = [row for row in rows if row["account_id"] in there]
    if present_rows:
        db.execute(ADD_ACCOUNTS, present_rows)


def fill_in(db: Connection, day: date, *, now: int) -> None:
    """Complete the statistics of an earlier day: what an older version counted stays, or all is computed.

    What was counted then can't be counted again: posts have been deleted since, and mails forgotten.
    """
    for keep in look_to_fill_in(db, day, now=now):
        keep(db)


def look_to_fill_in(db: Connection, day: date, *, now: int) -> list[Piece]:
    """Look what the statistics of an earlier day lack, and return what completes them, in short transactions."""
    if db.scalar(KNOWN_DAY, {"the_day": day}) is None:
        return look_at(db, day, now=now)
    accounts, media = db.execute(COUNT_LACKING, queries.bounds(day)).one()
    ends = db.scalars(KNOWN_ACCOUNTS, {"the_day": day}).all()[ACCOUNTS_AT_ONCE - 1 :: ACCOUNTS_AT_ONCE]
    ranges = zip([0, *ends], [*ends, ids.MAXIMUM], strict=True)
    return [
        *[partial(_fill_in_accounts, day=day, after_id=after_id, up_to_id=up_to_id) for after_id, up_to_id in ranges],
        # Last, as in `look_at`.
        partial(_fill_in_site, day=day, accounts=accounts, media=media),
    ]


def _fill_in_accounts(db: Connection, *, day: date, after_id: int, up_to_id: int) -> None:
    db.execute(FILL_IN_ACCOUNTS, {**queries.bounds(day), "the_day": day, "after_id": after_id, "up_to_id": up_to_id})


def _fill_in_site(db: Connection, *, day: date, accounts: int, media: int) -> None:
    db.execute(FILL_IN_SITE, {"the_day": day, "accounts": accounts, "media": media})


def _encoded(db: Connection, statement: AnySelect, bounds: dict[str, int], *, as_text: bool = False) -> str:
    """Return a top list as JSON; ids as text, because they don't fit into JavaScript's numbers."""
    rows = [(str(key) if as_text else key, number) for key, number in db.execute(statement, bounds)]
    return msgspec.json.encode(rows).decode()
