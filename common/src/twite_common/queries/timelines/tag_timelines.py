"""Timelines of one hashtag or of several."""

from collections.abc import Collection

from sqlalchemy import BigInteger, Connection, Text, bindparam, select, union

from twite_common.queries.paging import LIMIT, MAX_ID, SINCE_ID, Page, StructPages, bounds
from twite_common.queries.timelines.timelines import (
    OPEN,
    PLAIN_ENTRY,
    WITH_MEDIA,
    Entry,
    count_tags,
    entries,
)
from twite_common.sql.types import AnySelect
from twite_common.tables import post, post_tag, tag
from twite_common.visibility import visible, wanted

TAG_KEY = bindparam("tag_key", type_=Text)
# One value, which is known to be one before the plan is made: so the posts come in order, as many as are asked for.
_TAG_ID = select(tag.c.id).where(tag.c.name_key == TAG_KEY).scalar_subquery()
TAG = StructPages(
    Entry,
    select(*PLAIN_ENTRY)
    .select_from(post_tag.join(post, post.c.id == post_tag.c.post_id))
    .where(post_tag.c.tag_id == _TAG_ID, OPEN, visible(post), wanted(post.c.account_id)),
    post_tag.c.post_id,
)

MAX_KEYS = 5
CONSIDERED = 500
"""Posts with each of several hashtags, the next ones, that are looked at: few have them all."""


def _with_tag(name: str, order: str) -> AnySelect:
    """Return the next posts with the hashtag whose key the parameter `name` has."""
    tag_id = select(tag.c.id).where(tag.c.name_key == bindparam(name, type_=Text)).scalar_subquery()
    next_ones = (
        select(post_tag.c.post_id)
        .where(post_tag.c.tag_id == tag_id, post_tag.c.post_id < MAX_ID, post_tag.c.post_id > SINCE_ID)
        .order_by(getattr(post_tag.c.post_id, order)())
        .limit(CONSIDERED)
        .subquery()
    )
    return select(next_ones.c.post_id)


def _several_tags(order: str) -> AnySelect:
    """Return the statement for posts with several hashtags: of those with any of them, the ones that fit."""
    considered = union(*[_with_tag(f"key_{number}", order) for number in range(2 * MAX_KEYS)]).subquery("considered")
    return (
        select(*PLAIN_ENTRY)
        .join(considered, considered.c.post_id == post.c.id)
        .where(
            OPEN,
            WITH_MEDIA,
            count_tags("any_keys") > 0,
            count_tags("all_keys") == bindparam("all_count", type_=BigInteger),
            count_tags("none_keys") == 0,
            visible(post),
            wanted(post.c.account_id),
        )
        .order_by(getattr(post.c.id, order)())
        .limit(LIMIT)
    )


SEVERAL_TAGS_NEWEST = _several_tags("desc")
SEVERAL_TAGS_OLDEST = _several_tags("asc")


def tagged(
    db: Connection, tag_key: str, page: Page, *, viewer_id: int | None, now: int, only_media: bool = False
) -> list[Entry]:
    """Return the public posts with a hashtag, replies included."""
    if only_media:
        keys: dict[str, list[str]] = {"any_keys": [tag_key], "all_keys": [], "none_keys": []}
        return tagged_with_several(db, page, **keys, viewer_id=viewer_id, now=now, only_media=True)
    return TAG.rows(db, page, {"tag_key": tag_key, "viewer_id": viewer_id, "now": now})


def tagged_with_several(
    db: Connection,
    page: Page,
    *,
    any_keys: Collection[str],
    all_keys: Collection[str],
    none_keys: Collection[str],
    viewer_id: int | None,
    now: int,
    only_media: bool = False,
) -> list[Entry]:
    """Return the public posts with one of some hashtags, with every one of others, and with none of yet others.

    At most five of each count. What fits is looked for among the next posts with each of the first two kinds.
    """
    keys = [*any_keys][:MAX_KEYS] + [*all_keys][:MAX_KEYS]
    parameters = {
        **{f"key_{number}": key for number, key in enumerate(keys + [""] * (2 * MAX_KEYS - len(keys)))},
        "any_keys": list(any_keys),
        "all_keys": list(all_keys),
        "all_count": len(set(all_keys)),
        "none_keys": list(none_keys),
        "viewer_id": viewer_id,
        "now": now,
        "only_media": only_media,
        **bounds(page),
    }
    if page.min_id is None:
        return entries(db.execute(SEVERAL_TAGS_NEWEST, parameters).all())
    return entries(db.execute(SEVERAL_TAGS_OLDEST, parameters).all()[::-1])
