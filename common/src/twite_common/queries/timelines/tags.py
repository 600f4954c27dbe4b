"""Hashtags."""

from collections.abc import Collection

import msgspec
from sqlalchemy import BigInteger, Connection, Text, and_, bindparam, func, select, union

from twite_common.queries.paging import LIMIT, Page, Pageable
from twite_common.sql.dialects import Bytewise, among, starts_with
from twite_common.tables import featured_tag, follow, post, post_tag, tag, tag_follow
from twite_common.visibility import VIEWER, open_to_all, visible


class Tag(msgspec.Struct, frozen=True):
    """A hashtag as it was first written."""

    id: int
    name_key: str
    name: str


_COLUMNS = [tag.c.id, tag.c.name_key, tag.c.name]
BY_KEY = select(*_COLUMNS).where(tag.c.name_key == bindparam("key", type_=Text))
CONSIDERED = 100
"""Hashtags, and for each its latest posts, that a search looks at: the first ones by name that begin as it says …"""
CONSIDERED_MOST_USED = 500
"""… and, of the most used ones, those that do."""
_CANDIDATE = (*_COLUMNS, tag.c.uses)
_first_by_name = (
    select(*_CANDIDATE)
    .where(starts_with(tag.c.name_key, "prefix"), tag.c.listable)
    .order_by(Bytewise(tag.c.name_key))
    .limit(CONSIDERED)
    .subquery()
)
_most_used = (
    select(*_CANDIDATE).where(tag.c.listable).order_by(tag.c.uses.desc()).limit(CONSIDERED_MOST_USED).subquery()
)
_candidate = union(
    select(_first_by_name), select(_most_used).where(starts_with(_most_used.c.name_key, "prefix"))
).subquery("candidate")
_latest = (
    select(post_tag.c.post_id)
    .where(post_tag.c.tag_id == _candidate.c.id)
    .order_by(post_tag.c.post_id.desc())
    .limit(CONSIDERED)
    .correlate(_candidate)
    .subquery("latest")
)
_used_visibly = (
    select(post.c.id).join(_latest, _latest.c.post_id == post.c.id).where(visible(post)).correlate(_candidate).exists()
)
SEARCH = (
    select(_candidate.c.id, _candidate.c.name_key, _candidate.c.name)
    .where(_used_visibly)
    .order_by(_candidate.c.uses.desc(), _candidate.c.name_key)
    .limit(LIMIT)
    .offset(bindparam("offset"))
)


class Featured(msgspec.Struct, frozen=True):
    """A hashtag that an account features, and how it used it for everybody to see in its latest 1,000 posts."""

    id: int
    name_key: str
    name: str
    posts_count: int
    last_post_id: int | None


ACCOUNT = bindparam("account_id", type_=BigInteger)
STANDINGS = (
    select(tag.c.id, tag_follow.c.id.is_not(None), featured_tag.c.id.is_not(None))
    .outerjoin(tag_follow, and_(tag_follow.c.tag_id == tag.c.id, tag_follow.c.account_id == ACCOUNT))
    .outerjoin(featured_tag, and_(featured_tag.c.tag_id == tag.c.id, featured_tag.c.account_id == ACCOUNT))
    .where(among(tag.c.id, "ids"))
)
REASONS = (
    select(post.c.id, func.min(tag.c.name))
    .join(post_tag, post_tag.c.post_id == post.c.id)
    .join(tag_follow, and_(tag_follow.c.tag_id == post_tag.c.tag_id, tag_follow.c.account_id == VIEWER))
    .join(tag, tag.c.id == post_tag.c.tag_id)
    .outerjoin(follow, and_(follow.c.follower_id == VIEWER, follow.c.followee_id == post.c.account_id))
    .where(among(post.c.id, "ids"), follow.c.id.is_(None))
    .group_by(post.c.id)
)
FOLLOWED = Pageable(
    select(tag_follow.c.id, *_COLUMNS)
    .join(tag, tag.c.id == tag_follow.c.tag_id)
    .where(tag_follow.c.account_id == ACCOUNT),
    tag_follow.c.id,
)
FEATURED_POSTS = 1000
"""Posts of an account, the latest ones, among which its use of featured hashtags is counted."""
_own_latest = (
    select(post.c.id)
    .where(post.c.account_id == ACCOUNT, open_to_all(post))
    .order_by(post.c.id.desc())
    .limit(FEATURED_POSTS)
    .cte("own_latest")
    .prefix_with("MATERIALIZED")
)
_own_uses = (
    select(post_tag.c.tag_id, func.count().label("number"), func.max(post_tag.c.post_id).label("last_id"))
    .join(_own_latest, _own_latest.c.id == post_tag.c.post_id)
    .group_by(post_tag.c.tag_id)
    .subquery("own_uses")
)
FEATURED = (
    select(
        featured_tag.c.id,
        tag.c.name_key,
        tag.c.name,
        func.coalesce(_own_uses.c.number, 0),
        _own_uses.c.last_id,
    )
    .join(tag, tag.c.id == featured_tag.c.tag_id)
    .outerjoin(_own_uses, _own_uses.c.tag_id == featured_tag.c.tag_id)
    .where(featured_tag.c.account_id == ACCOUNT)
    .order_by(featured_tag.c.id)
)
MAX_USED = (
    select(*_COLUMNS)
    .join(post_tag, post_tag.c.tag_id == tag.c.id)
    .join(post, post.c.id == post_tag.c.post_id)
    .where(
        post.c.account_id == ACCOUNT,
        tag.c.listable,
        ~select(featured_tag.c.id)
        .where(featured_tag.c.account_id == ACCOUNT, featured_tag.c.tag_id == tag.c.id)
        .exists(),
    )
    .group_by(*_COLUMNS)
    .order_by(func.count().desc(), tag.c.name_key)
    .limit(LIMIT)
)


def standings(db: Connection, tag_ids: Collection[int], *, account_id: int) -> dict[int, tuple[bool, bool]]:
    """Return whether an account follows hashtags, and whether it features them, by their ids."""
    if not tag_ids:
        return {}
    rows = db.execute(STANDINGS, {"ids": list(tag_ids), "account_id": account_id})
    return {row[0]: (bool(row[1]), bool(row[2])) for row in rows}


def reasons(db: Connection, post_ids: Collection[int], *, viewer_id: int) -> dict[int, str]:
    """Return by which hashtag that the viewer follows posts come of accounts that they don't follow, by post."""
    if not post_ids:
        return {}
    parameters = {"ids": list(post_ids), "viewer_id": viewer_id}
    return {row[0]: row[1] for row in db.execute(REASONS, parameters)}


def followed(db: Connection, account_id: int, page: Page) -> list[tuple[int, Tag]]:
    """Return the hashtags that an account follows, the latest first, each with the cursor of its place in the list."""
    return [(row[0], Tag(*row[1:])) for row in FOLLOWED.rows(db, page, {"account_id": account_id})]


def featured(db: Connection, account_id: int) -> list[Featured]:
    """Return the hashtags that an account features, in the order it chose them."""
    return [Featured(*row) for row in db.execute(FEATURED, {"account_id": account_id})]


def most_used(db: Connection, account_id: int, *, limit: int) -> list[Tag]:
    """Return the hashtags that an account has used most, without those that it features."""
    return [Tag(*row) for row in db.execute(MAX_USED, {"account_id": account_id, "limit": limit})]


def by_key(db: Connection, key: str) -> Tag | None:
    """Return a hashtag by its key, if it was ever used."""
    row = db.execute(BY_KEY, {"key": key}).one_or_none()
    return Tag(*row) if row else None


def search(db: Connection, key: str, *, viewer_id: int | None, limit: int, offset: int = 0) -> list[Tag]:
    """Return hashtags that begin with a key, the most used first; of posts that the viewer may not see, none.

    Where very many begin so, only those are found that come first by name or that are used most of all.
    """
    parameters = {"prefix": key, "viewer_id": viewer_id, "limit": limit, "offset": offset}
    return [Tag(*row) for row in db.execute(SEARCH, parameters)]
