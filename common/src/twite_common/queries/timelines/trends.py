"""Trends, as a periodic job computed them (`twite_common.services.timelines.trends`)."""

from collections.abc import Collection

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Executable,
    FromClause,
    Text,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    union_all,
)

from twite_common import text
from twite_common.post_details import Card
from twite_common.queries.paging import LIMIT
from twite_common.queries.timelines.tags import Tag
from twite_common.sql.dialects import among
from twite_common.sql.types import AnySelect
from twite_common.tables import card, post, post_tag, publisher, tag, trend, trend_day
from twite_common.visibility import present, unlimited, visible, wanted

_OFFSET = bindparam("offset", type_=BigInteger)
_FIRST = bindparam("first_id", type_=BigInteger)


def by_score(statement: AnySelect, kind: str, id: ColumnElement[int]) -> AnySelect:
    """Return a part of what a statement gives that trends, the strongest first."""
    return (
        statement.join(trend, and_(trend.c.kind == kind, trend.c.subject_id == id))
        .order_by(trend.c.score.desc(), trend.c.subject_id.desc())
        .limit(LIMIT)
        .offset(_OFFSET)
    )


def _not_refused(*judged: FromClause) -> ColumnElement[bool]:
    """Return the condition that moderators keep none of these from trending."""
    return and_(*[or_(table.c.trendable.is_(None), table.c.trendable) for table in judged])


CARD = [card.c[name] for name in Card.__struct_fields__]
_SHOWN_LINK = and_(card.c.state == "ready", _not_refused(card, publisher))
_published = card.outerjoin(publisher, publisher.c.id == card.c.publisher_id)
TAGS = by_score(
    select(tag.c.id, tag.c.name_key, tag.c.name).where(tag.c.usable, _not_refused(tag)),
    "tag",
    tag.c.id,
)
POSTS = by_score(
    select(post.c.id).where(
        post.c.visibility == "public",
        _not_refused(post),
        unlimited(post.c.account_id),
        visible(post),
        wanted(post.c.account_id),
    ),
    "post",
    post.c.id,
)
LINKS = by_score(select(*CARD).select_from(_published).where(_SHOWN_LINK), "link", card.c.id)
LINK_BY_URL = (
    select(card.c.id)
    .select_from(_published.join(trend, and_(trend.c.kind == "link", trend.c.subject_id == card.c.id)))
    .where(card.c.url == bindparam("url", type_=Text), _SHOWN_LINK)
)
CONSIDERED = 100
"""Uses of a hashtag, the latest ones, that are counted for whoever looks; of hashtags that trend all were before."""
_PUBLIC = (post.c.id >= _FIRST, post.c.visibility == "public", present(post.c.account_id))
# An id's upper 48 bits are the time it was made at, so whole days are a division away.
IDS_A_DAY = 65536 * 86_400_000
DAY = (post.c.id // IDS_A_DAY).label("day")
_COUNTS = (func.count(), func.count(post.c.account_id.distinct()))
_trending = (
    select(trend.c.subject_id).where(trend.c.kind == "tag", trend.c.subject_id == tag.c.id).correlate(tag).exists()
)
_use = post_tag.alias("use")
_last_considered = (
    select(_use.c.post_id)
    .where(_use.c.tag_id == tag.c.id)
    .order_by(_use.c.post_id.desc())
    .limit(1)
    .offset(CONSIDERED)
    .correlate(tag)
    .scalar_subquery()
)
# Materialized, so that where to begin is found once for each hashtag and not for each of its posts.
_considered = (
    select(tag.c.id, func.coalesce(_last_considered, 0).label("after_id"))
    .where(among(tag.c.id, "ids"), ~_trending)
    .cte("considered")
    .prefix_with("MATERIALIZED")
)
_LATEST_USES = (
    select(_considered.c.id, DAY, *_COUNTS)
    .join(post_tag, post_tag.c.tag_id == _considered.c.id)
    .join(post, post.c.id == post_tag.c.post_id)
    .where(post_tag.c.post_id > _considered.c.after_id, post_tag.c.post_id >= _FIRST, *_PUBLIC)
    .group_by(_considered.c.id, DAY)
)


def _kept(kind: str) -> AnySelect:
    return select(trend_day.c.subject_id, trend_day.c.day, trend_day.c.posts, trend_day.c.accounts).where(
        trend_day.c.kind == kind, among(trend_day.c.subject_id, "ids"), trend_day.c.day >= _FIRST // IDS_A_DAY
    )


HISTORIES: dict[str, Executable] = {"tag": union_all(_kept("tag"), _LATEST_USES), "link": _kept("link")}


def _counted(kind: str, subject_id: ColumnElement[int], posts: FromClause) -> AnySelect:
    trending = select(trend.c.subject_id).where(trend.c.kind == kind)
    return (
        select(literal(kind), subject_id, DAY, *_COUNTS)
        .select_from(posts)
        .where(subject_id.in_(trending), *_PUBLIC)
        .group_by(subject_id, DAY)
    )


COUNTED = {
    "tag": _counted("tag", post_tag.c.tag_id, post_tag.join(post, post.c.id == post_tag.c.post_id)).where(
        post_tag.c.post_id >= _FIRST
    ),
    "link": _counted("link", post.c.card_id, post),
}
"""Counting what was posted with everything that trends, by day since `first_id`, for the job that keeps it."""


def tags(db: Connection, *, limit: int, offset: int) -> list[Tag]:
    """Return the hashtags that most people use, the most used first."""
    return [Tag(*row) for row in db.execute(TAGS, {"limit": limit, "offset": offset})]


def posts(db: Connection, *, viewer_id: int | None, now: int, limit: int, offset: int) -> list[int]:
    """Return the ids of the posts that most people favourite and boost, without those of whom the viewer mutes."""
    return list(db.scalars(POSTS, {"viewer_id": viewer_id, "now": now, "limit": limit, "offset": offset}))


def links(db: Connection, *, limit: int, offset: int) -> list[Card]:
    """Return the pages that most people link to."""
    return [Card(*row) for row in db.execute(LINKS, {"limit": limit, "offset": offset})]


def link_by_url(db: Connection, url: str) -> int | None:
    """Return the id of a page's card, if many link to the page now."""
    id: int | None = db.scalar(LINK_BY_URL, {"url": text.storable(url)})
    return id


def histories(
    db: Connection, kind: str, subject_ids: Collection[int], *, first_id: int
) -> dict[int, dict[int, tuple[int, int]]]:
    """Return, for hashtags (`kind` is tag) or pages (link), posts and accounts by day since an id.

    Days are counted from the epoch. Of what trends they are those that the periodic job counted; of other hashtags the
    latest uses are counted now, and other pages have none.
    """
    histories_by_subject: dict[int, dict[int, tuple[int, int]]] = {}
    if subject_ids:
        parameters = {"ids": list(subject_ids), "first_id": first_id}
        for subject_id, day, posts, accounts in db.execute(HISTORIES[kind], parameters):
            histories_by_subject.setdefault(subject_id, {})[int(day)] = (posts, accounts)
    return histories_by_subject
