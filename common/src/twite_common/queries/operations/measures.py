"""Figures about the site, by day in UTC, for staff."""

from datetime import date

from sqlalchemy import BigInteger, ColumnElement, Connection, FromClause, bindparam, func, select, union_all

from twite_common import clock, ids
from twite_common.queries.operations.statistics import bounds, within
from twite_common.queries.paging import LIMIT
from twite_common.sql.types import AnySelect
from twite_common.tables import account, favourite, follow, media, post, post_tag, report

_TAG = bindparam("tag_id", type_=BigInteger)
_DAY_OF_IDS = ids.first_at(clock.DAY)
"""So far the ids of one day lie from those of the next: a day's number is a division away."""


def _by_day(
    id: ColumnElement[int], counted: ColumnElement[int], source: FromClause, *conditions: ColumnElement[bool]
) -> AnySelect:
    """Return the statement that counts rows by the day on which their ids were made."""
    day = (id // _DAY_OF_IDS).label("day")
    return select(day, counted).select_from(source).where(within(id), *conditions).group_by(day)


_acted = union_all(
    select(post.c.account_id.label("account_id"), post.c.id.label("id")).where(within(post.c.id)),
    select(favourite.c.account_id, favourite.c.id).where(within(favourite.c.id)),
    select(follow.c.follower_id, follow.c.id).where(within(follow.c.id)),
).subquery("acted")
_interacted = union_all(
    select(favourite.c.id.label("id")).where(within(favourite.c.id)),
    select(post.c.id).where(within(post.c.id), post.c.boost_of_id.is_not(None) | post.c.in_reply_to_id.is_not(None)),
).subquery("interacted")
_tagged = post_tag.join(post, post.c.id == post_tag.c.post_id)
_resolved_day = (report.c.resolved_at // clock.DAY).label("day")
MEASURES: dict[str, AnySelect] = {
    "active_users": _by_day(_acted.c.id, func.count(_acted.c.account_id.distinct()), _acted),
    "new_users": _by_day(account.c.id, func.count(), account, ~account.c.pending),
    "interactions": _by_day(_interacted.c.id, func.count(), _interacted),
    "opened_reports": _by_day(report.c.id, func.count(), report),
    "resolved_reports": select(_resolved_day, func.count())
    .where(
        report.c.resolved_at >= bindparam("first_at", type_=BigInteger),
        report.c.resolved_at < bindparam("end_at", type_=BigInteger),
    )
    .group_by(_resolved_day),
    "tag_uses": _by_day(post.c.id, func.count(), _tagged, post_tag.c.tag_id == _TAG),
    "tag_accounts": _by_day(post.c.id, func.count(post.c.account_id.distinct()), _tagged, post_tag.c.tag_id == _TAG),
}
"""What is counted, by the client API's names of it."""
_LANGUAGE = func.coalesce(post.c.language, "und")
_WRITERS = func.count(post.c.account_id.distinct())
LANGUAGES = (
    select(_LANGUAGE, _WRITERS)
    .where(within(post.c.id), post.c.boost_of_id.is_(None))
    .group_by(_LANGUAGE)
    .order_by(_WRITERS.desc(), _LANGUAGE)
    .limit(LIMIT)
)
TAG_LANGUAGES = (
    select(_LANGUAGE, func.count())
    .select_from(_tagged)
    .where(within(post.c.id), post_tag.c.tag_id == _TAG)
    .group_by(_LANGUAGE)
    .order_by(func.count().desc(), _LANGUAGE)
    .limit(LIMIT)
)
MEDIA_BYTES = select(func.coalesce(func.sum(media.c.bytes), 0))
SIGNED_UP = select(account.c.id).where(within(account.c.id), ~account.c.pending)
RETURNED = (
    select(_acted.c.account_id, (_acted.c.id // _DAY_OF_IDS).label("day"))
    .join(account, account.c.id == _acted.c.account_id)
    .where(within(account.c.id), ~account.c.pending)
    .distinct()
)


def measure(db: Connection, key: str, first: date, last: date, *, tag_id: int = 0) -> dict[date, int]:
    """Return one of `MEASURES` of the days from `first` to `last` that have any."""
    rows = db.execute(MEASURES[key], {**_range(first, last), "tag_id": tag_id})
    return {clock.as_date(day * clock.DAY): number for day, number in rows}


def languages(db: Connection, first: date, last: date, *, limit: int) -> list[tuple[str, int]]:
    """Return how many accounts wrote in which language, the most used first."""
    return [(row[0], row[1]) for row in db.execute(LANGUAGES, {**_range(first, last), "limit": limit})]


def tag_languages(db: Connection, first: date, last: date, *, tag_id: int, limit: int) -> list[tuple[str, int]]:
    """Return how many posts with a hashtag there are in which language, the most used first."""
    parameters = {**_range(first, last), "tag_id": tag_id, "limit": limit}
    return [(row[0], row[1]) for row in db.execute(TAG_LANGUAGES, parameters)]


def media_bytes(db: Connection) -> int:
    """Return how many bytes all attachments take."""
    return int(db.scalars(MEDIA_BYTES).one())


def signed_up(db: Connection, first: date, last: date) -> dict[int, date]:
    """Return who signed up from `first` to `last`, and on which day."""
    return {id: clock.as_date(ids.created_at(id)) for id in db.scalars(SIGNED_UP, _range(first, last))}


def returned(db: Connection, first: date, last: date) -> list[tuple[int, date]]:
    """Return on which days those who signed up from `first` to `last` posted, favourited or followed until `last`."""
    return [(row[0], clock.as_date(row[1] * clock.DAY)) for row in db.execute(RETURNED, _range(first, last))]


def _range(first: date, last: date) -> dict[str, int]:
    start, end = bounds(first), bounds(last)
    return {
        "first_id": start["first_id"],
        "first_at": start["first_at"],
        "end_id": end["end_id"],
        "end_at": end["end_at"],
    }
