"""What trends, and what moderators decided about it. The caller must check the viewer's permission."""

from collections.abc import Collection

import msgspec
from sqlalchemy import Connection, bindparam, func, select

from twite_common.post_details import Card
from twite_common.queries.paging import Page, Pageable
from twite_common.queries.timelines.tags import Tag
from twite_common.queries.timelines.trends import CARD, by_score
from twite_common.sql.dialects import among
from twite_common.sql.types import AnyRow, AnySelect
from twite_common.tables import card, post, publisher, tag, trend


class TagReview(msgspec.Struct, frozen=True):
    """A hashtag, and whether it may trend (None: not decided), be written, and be found."""

    tag: Tag
    trendable: bool | None
    usable: bool
    listable: bool


class LinkReview(msgspec.Struct, frozen=True):
    """A page that posts link to, and whether it may trend (None: not decided)."""

    card: Card
    trendable: bool | None


class Publisher(msgspec.Struct, frozen=True):
    """Where pages that posts link to come from, and whether they may trend (None: not decided)."""

    id: int
    domain: str
    trendable: bool | None


_TAG: AnySelect = select(tag.c.id, tag.c.name_key, tag.c.name, tag.c.trendable, tag.c.usable, tag.c.listable)
_LINK: AnySelect = select(*CARD, card.c.trendable)
_PUBLISHER = select(*[publisher.c[name] for name in Publisher.__struct_fields__])
TAGS = by_score(_TAG, "tag", tag.c.id)
LOAD_TAGS = _TAG.where(among(tag.c.id, "ids"))
EVERY_TAG = Pageable(_TAG, tag.c.id)
LINKS = by_score(_LINK, "link", card.c.id)
LOAD_LINKS = _LINK.where(among(card.c.id, "ids"))
POSTS = by_score(select(post.c.id, post.c.trendable), "post", post.c.id)
_strongest = (
    select(card.c.publisher_id.label("publisher_id"), func.max(trend.c.score).label("score"))
    .join(trend, (trend.c.kind == "link") & (trend.c.subject_id == card.c.id))
    .group_by(card.c.publisher_id)
    .subquery()
)
PUBLISHERS = (
    _PUBLISHER.join(_strongest, _strongest.c.publisher_id == publisher.c.id)
    .order_by(_strongest.c.score.desc(), publisher.c.id.desc())
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
LOAD_PUBLISHERS = _PUBLISHER.where(among(publisher.c.id, "ids"))


def tags(db: Connection, *, limit: int, offset: int) -> list[TagReview]:
    """Return the hashtags that trend, and those that would if they weren't refused."""
    return [_tag(row) for row in db.execute(TAGS, {"limit": limit, "offset": offset})]


def load_tags(db: Connection, tag_ids: Collection[int]) -> list[TagReview]:
    """Return hashtags by id."""
    return [_tag(row) for row in db.execute(LOAD_TAGS, {"ids": list(tag_ids)})]


def every_tag(db: Connection, page: Page) -> list[TagReview]:
    """Return the hashtags that were ever used, the newest first."""
    return [_tag(row) for row in EVERY_TAG.rows(db, page, {})]


def links(db: Connection, *, limit: int, offset: int) -> list[LinkReview]:
    """Return the pages that trend, and those that would if they weren't refused."""
    return [_link(row) for row in db.execute(LINKS, {"limit": limit, "offset": offset})]


def load_links(db: Connection, card_ids: Collection[int]) -> list[LinkReview]:
    """Return pages by the ids of their cards."""
    return [_link(row) for row in db.execute(LOAD_LINKS, {"ids": list(card_ids)})]


def posts(db: Connection, *, limit: int, offset: int) -> dict[int, bool | None]:
    """Return the ids of the posts that trend, or would if they weren't refused, and what was decided about each."""
    return {row[0]: row[1] for row in db.execute(POSTS, {"limit": limit, "offset": offset})}


def publishers(db: Connection, *, limit: int, offset: int) -> list[Publisher]:
    """Return where the pages that trend come from."""
    return [Publisher(*row) for row in db.execute(PUBLISHERS, {"limit": limit, "offset": offset})]


def load_publishers(db: Connection, publisher_ids: Collection[int]) -> list[Publisher]:
    """Return publishers by id."""
    return [Publisher(*row) for row in db.execute(LOAD_PUBLISHERS, {"ids": list(publisher_ids)})]


def _tag(row: AnyRow) -> TagReview:
    return TagReview(Tag(*row[:3]), *row[3:])


def _link(row: AnyRow) -> LinkReview:
    return LinkReview(Card(*row[:-1]), row[-1])
