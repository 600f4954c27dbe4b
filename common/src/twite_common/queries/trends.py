"""What is talked about most, as a periodic job found it (`twite_common.services.trends`)."""

from collections.abc import Collection

from sqlalchemy import BigInteger, Connection, bindparam, func, or_, select

from twite_common.details import Card
from twite_common.queries.pages import LIMIT
from twite_common.queries.tags import DAY, Tag
from twite_common.tables import card, post, post_tag, tag, trend
from twite_common.visibility import present, visible, wanted

_OFFSET = bindparam("offset", type_=BigInteger)
_FIRST = bindparam("first_id", type_=BigInteger)
_IDS = bindparam("ids", expanding=True, type_=BigInteger)
_BY_SCORE = (trend.c.score.desc(), trend.c.subject_id.desc())
TAGS = (
    select(tag.c.id, tag.c.name_key, tag.c.name)
    .join(trend, trend.c.subject_id == tag.c.id)
    .where(trend.c.kind == "tag", tag.c.usable, or_(tag.c.trendable.is_(None), tag.c.trendable))
)
TAGS = TAGS.order_by(*_BY_SCORE).limit(LIMIT).offset(_OFFSET)
POSTS = (
    select(post.c.id)
    .join(trend, trend.c.subject_id == post.c.id)
    .where(trend.c.kind == "post", post.c.visibility == "public", visible(post), wanted(post.c.account_id))
    .order_by(*_BY_SCORE)
    .limit(LIMIT)
    .offset(_OFFSET)
)
LINKS = (
    select(*[card.c[name] for name in Card.__struct_fields__])
    .join(trend, trend.c.subject_id == card.c.id)
    .where(trend.c.kind == "link", card.c.state == "ready", or_(card.c.trendable.is_(None), card.c.trendable))
    .order_by(*_BY_SCORE)
    .limit(LIMIT)
    .offset(_OFFSET)
)
_PUBLIC = (post.c.id >= _FIRST, post.c.visibility == "public", present(post.c.account_id))
_COUNTS = (func.count(), func.count(post.c.account_id.distinct()))
TAG_HISTORIES = (
    select(post_tag.c.tag_id, DAY, *_COUNTS)
    .join(post, post.c.id == post_tag.c.post_id)
    .where(post_tag.c.tag_id.in_(_IDS), *_PUBLIC)
    .group_by(post_tag.c.tag_id, DAY)
)
LINK_HISTORIES = (
    select(post.c.card_id, DAY, *_COUNTS).where(post.c.card_id.in_(_IDS), *_PUBLIC).group_by(post.c.card_id, DAY)
)
_STATEMENTS = {"tag": TAG_HISTORIES, "link": LINK_HISTORIES}


def tags(db: Connection, *, limit: int, offset: int) -> list[Tag]:
    """Return the hashtags that most people use, the most used first."""
    return [Tag(*row) for row in db.execute(TAGS, {"limit": limit, "offset": offset})]


def posts(db: Connection, *, viewer_id: int | None, now: int, limit: int, offset: int) -> list[int]:
    """Return the ids of the posts that most people favourite and boost, without those of whom the viewer mutes."""
    return list(db.scalars(POSTS, {"viewer_id": viewer_id, "now": now, "limit": limit, "offset": offset}))


def links(db: Connection, *, limit: int, offset: int) -> list[Card]:
    """Return the pages that most people link to."""
    return [Card(*row) for row in db.execute(LINKS, {"limit": limit, "offset": offset})]


def histories(
    db: Connection, kind: str, subject_ids: Collection[int], *, first_id: int
) -> dict[int, dict[int, tuple[int, int]]]:
    """Return, for hashtags (`kind` is tag) or pages (link), posts and accounts by day since an id.

    Days are counted from the epoch.
    """
    found: dict[int, dict[int, tuple[int, int]]] = {}
    if subject_ids:
        parameters = {"ids": list(subject_ids), "first_id": first_id}
        for subject_id, day, posts, accounts in db.execute(_STATEMENTS[kind], parameters):
            found.setdefault(subject_id, {})[int(day)] = (posts, accounts)
    return found
