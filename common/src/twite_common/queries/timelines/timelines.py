"""Timelines: lists of posts, each as ids to be loaded by `twite_common.queries.posts.posts`."""

from collections.abc import Collection, Mapping, Sequence

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Connection,
    Text,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    union,
    union_all,
)

from twite_common.queries.paging import LIMIT, MAX_ID, SINCE_ID, Page, Pageable, bounds
from twite_common.sql.dialects import among
from twite_common.sql.types import AnyRow, AnySelect
from twite_common.tables import (
    account,
    bookmark,
    favourite,
    follow,
    home_timeline,
    list_,
    list_member,
    list_timeline,
    media,
    mention,
    pin,
    post,
    post_tag,
    tag,
)
from twite_common.tables.posts import MERGED, PUBLIC
from twite_common.visibility import VIEWER, names_wanted, unlimited, visible, wanted


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A post's place in a timeline, and what it is shown with. `cursor` pages the list.

    `boost_of_id` is set where the post is a boost, `quote_of_id` where the post, or what it boosts, quotes another.
    """

    cursor: int
    post_id: int
    boost_of_id: int | None
    quote_of_id: int | None


_original = post.alias("original")
_POST = post.outerjoin(_original, _original.c.id == post.c.boost_of_id)
READABLE = and_(visible(post), or_(_original.c.id.is_(None), visible(_original)))
"""The viewer may see the post, and where it is a boost what it boosts."""
NOT_MUTED = and_(
    wanted(post.c.account_id, _original.c.account_id),
    or_(post.c.account_id == VIEWER, names_wanted(func.coalesce(post.c.boost_of_id, post.c.id))),
)
"""The viewer has muted or blocked neither who wrote and who boosted it, nor, unless they did it, who is named in it."""
NO_REPLY_TO_OTHERS = or_(post.c.in_reply_to_account_id.is_(None), post.c.in_reply_to_account_id == post.c.account_id)
ENTRY = [
    post.c.id.label("cursor"),
    post.c.id.label("post_id"),
    post.c.boost_of_id,
    func.coalesce(post.c.quote_of_id, _original.c.quote_of_id).label("quote_of_id"),
]
PLAIN_ENTRY = [*ENTRY[:3], post.c.quote_of_id]
"""An entry of a timeline that has no boosts."""

_IN_EXCLUSIVE_LIST = exists().where(
    list_member.c.account_id == post.c.account_id,
    list_.c.id == list_member.c.list_id,
    list_.c.account_id == VIEWER,
    list_.c.exclusive,
)
_FOLLOWED = select(follow.c.followee_id).where(follow.c.follower_id == VIEWER)


def _home(order: str) -> AnySelect:
    """Return the home timeline's statement: what was written into it, and the posts that are merged in.

    Each part is cut to the page before the two are put together, so that both stay one range of an index.
    """
    home_rows = (
        select(*ENTRY)
        .select_from(home_timeline.join(_POST, post.c.id == home_timeline.c.post_id))
        .where(home_timeline.c.account_id == VIEWER, READABLE, NOT_MUTED)
        .where(home_timeline.c.post_id < MAX_ID, home_timeline.c.post_id > SINCE_ID)
        .order_by(getattr(home_timeline.c.post_id, order)())
        .limit(LIMIT)
        .subquery()
    )
    merged = (
        select(*ENTRY)
        .select_from(_POST)
        .where(MERGED, post.c.account_id.in_(_FOLLOWED), ~_IN_EXCLUSIVE_LIST, READABLE, NOT_MUTED)
        .where(post.c.id < MAX_ID, post.c.id > SINCE_ID)
        .order_by(getattr(post.c.id, order)())
        .limit(LIMIT)
        .subquery()
    )
    rows = union_all(select(home_rows), select(merged)).subquery()
    return select(rows).order_by(getattr(rows.c.cursor, order)()).limit(LIMIT)


HOME_NEWEST = _home("desc")
HOME_OLDEST = _home("asc")


def _unless(name: str, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return a condition that holds unless the switch `name` is on, when `condition` must hold."""
    return or_(~bindparam(name, type_=Boolean), condition)


# One value, because PostgreSQL answers whether there is one by reading all attachments.
_ATTACHED = select(media.c.id).where(media.c.post_id == post.c.id).limit(1).scalar_subquery()
_WITH_MEDIA = _unless("only_media", _ATTACHED.is_not(None))
_OPEN = and_(post.c.visibility == "public", unlimited(post.c.account_id))
_SHOWN_TO_ALL = and_(_OPEN, _WITH_MEDIA)

PUBLIC_POSTS = Pageable(
    select(*PLAIN_ENTRY).where(PUBLIC, _OPEN, NO_REPLY_TO_OTHERS, visible(post), wanted(post.c.account_id)),
    post.c.id,
)

_another = media.alias("another")
_FIRST_ATTACHMENT = ~exists().where(_another.c.post_id == media.c.post_id, _another.c.id < media.c.id)
PUBLIC_MEDIA = Pageable(
    select(*PLAIN_ENTRY)
    .select_from(media.join(post, post.c.id == media.c.post_id))
    .where(_FIRST_ATTACHMENT, _OPEN, NO_REPLY_TO_OTHERS, visible(post), wanted(post.c.account_id)),
    media.c.post_id,
)

TAG_KEY = bindparam("tag_key", type_=Text)
# One value, which is known to be one before the plan is made: so the posts come in order, as many as are asked for.
_TAG_ID = select(tag.c.id).where(tag.c.name_key == TAG_KEY).scalar_subquery()
TAG = Pageable(
    select(*PLAIN_ENTRY)
    .select_from(post_tag.join(post, post.c.id == post_tag.c.post_id))
    .where(post_tag.c.tag_id == _TAG_ID, _OPEN, visible(post), wanted(post.c.account_id)),
    post_tag.c.post_id,
)

LINK = Pageable(
    select(*PLAIN_ENTRY).where(
        PUBLIC,
        post.c.card_id == bindparam("card_id", type_=BigInteger),
        exists().where(account.c.id == post.c.account_id, account.c.discoverable),
        _OPEN,
        visible(post),
        wanted(post.c.account_id),
    ),
    post.c.id,
)

_tagged_post = post_tag.join(tag, tag.c.id == post_tag.c.tag_id)


def _count_tags(name: str) -> ColumnElement[int]:
    """Return how many hashtags a post has among those that the parameter `name` holds the keys of.

    Counted, because PostgreSQL answers whether there is one by reading all posts with such a hashtag.
    """
    keys = among(tag.c.name_key, name)
    counted = select(func.count()).select_from(_tagged_post).where(post_tag.c.post_id == post.c.id, keys)
    return counted.correlate(post).scalar_subquery()


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
            _SHOWN_TO_ALL,
            _count_tags("any_keys") > 0,
            _count_tags("all_keys") == bindparam("all_count", type_=BigInteger),
            _count_tags("none_keys") == 0,
            visible(post),
            wanted(post.c.account_id),
        )
        .order_by(getattr(post.c.id, order)())
        .limit(LIMIT)
    )


SEVERAL_TAGS_NEWEST = _several_tags("desc")
SEVERAL_TAGS_OLDEST = _several_tags("asc")
LIST = Pageable(
    select(*ENTRY)
    .select_from(list_timeline.join(_POST, post.c.id == list_timeline.c.post_id))
    .where(list_timeline.c.list_id == bindparam("list_id", type_=BigInteger), READABLE, NOT_MUTED),
    list_timeline.c.post_id,
)

ACCOUNT = Pageable(
    select(*ENTRY)
    .select_from(_POST)
    .where(
        post.c.account_id == bindparam("account_id", type_=BigInteger),
        _unless("exclude_boosts", post.c.boost_of_id.is_(None)),
        _unless("exclude_replies", NO_REPLY_TO_OTHERS),
        _unless("exclude_mentioned_only", post.c.visibility != "mentioned"),
        _unless("tagged", _count_tags("tag_keys") > 0),
        READABLE,
    ),
    post.c.id,
)
ACCOUNT_MEDIA = Pageable(
    select(*ENTRY)
    .select_from(_POST.join(media, media.c.post_id == post.c.id))
    .where(
        media.c.account_id == bindparam("account_id", type_=BigInteger),
        _FIRST_ATTACHMENT,
        _unless("exclude_replies", NO_REPLY_TO_OTHERS),
        _unless("exclude_mentioned_only", post.c.visibility != "mentioned"),
        _unless("tagged", _count_tags("tag_keys") > 0),
        READABLE,
    ),
    media.c.post_id,
)

_named = mention.alias("named")
DIRECT = Pageable(
    select(*PLAIN_ENTRY).where(
        post.c.visibility == "mentioned",
        or_(
            post.c.account_id == VIEWER,
            post.c.id.in_(select(_named.c.post_id).where(_named.c.account_id == VIEWER)),
        ),
        visible(post),
        wanted(post.c.account_id),
    ),
    post.c.id,
)
QUOTES = Pageable(
    select(*PLAIN_ENTRY).where(
        post.c.quote_of_id == bindparam("quoted_id", type_=BigInteger),
        post.c.quote_state == "accepted",
        visible(post),
        wanted(post.c.account_id),
    ),
    post.c.id,
)
PINNED = Pageable(
    select(pin.c.id.label("cursor"), *PLAIN_ENTRY[1:])
    .join(post, post.c.id == pin.c.post_id)
    .where(pin.c.account_id == bindparam("account_id", type_=BigInteger), visible(post)),
    pin.c.id,
)
FAVOURITES = Pageable(
    select(favourite.c.id.label("cursor"), *PLAIN_ENTRY[1:])
    .join(post, post.c.id == favourite.c.post_id)
    .where(favourite.c.account_id == VIEWER, visible(post)),
    favourite.c.id,
)
BOOKMARKS = Pageable(
    select(bookmark.c.id.label("cursor"), *PLAIN_ENTRY[1:])
    .join(post, post.c.id == bookmark.c.post_id)
    .where(bookmark.c.account_id == VIEWER, visible(post)),
    bookmark.c.id,
)


def home(db: Connection, page: Page, *, viewer_id: int, now: int) -> list[Entry]:
    """Return the viewer's home timeline: their own posts and those of whom they follow."""
    parameters = {"viewer_id": viewer_id, "now": now, **bounds(page)}
    if page.min_id is None:
        return _entries(db.execute(HOME_NEWEST, parameters).all())
    return _entries(db.execute(HOME_OLDEST, parameters).all()[::-1])


def public(db: Connection, page: Page, *, viewer_id: int | None, now: int, only_media: bool = False) -> list[Entry]:
    """Return this site's public posts, without boosts and replies to others."""
    timeline = PUBLIC_MEDIA if only_media else PUBLIC_POSTS
    return _page(db, timeline, page, {"viewer_id": viewer_id, "now": now})


def tagged(
    db: Connection, tag_key: str, page: Page, *, viewer_id: int | None, now: int, only_media: bool = False
) -> list[Entry]:
    """Return the public posts with a hashtag, replies included."""
    if only_media:
        keys: dict[str, list[str]] = {"any_keys": [tag_key], "all_keys": [], "none_keys": []}
        return tagged_with_several(db, page, **keys, viewer_id=viewer_id, now=now, only_media=True)
    return _page(db, TAG, page, {"tag_key": tag_key, "viewer_id": viewer_id, "now": now})


def linking(db: Connection, card_id: int, page: Page, *, viewer_id: int | None, now: int) -> list[Entry]:
    """Return the public posts that link to a page, of accounts that want to be found."""
    return _page(db, LINK, page, {"card_id": card_id, "viewer_id": viewer_id, "now": now})


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
        return _entries(db.execute(SEVERAL_TAGS_NEWEST, parameters).all())
    return _entries(db.execute(SEVERAL_TAGS_OLDEST, parameters).all()[::-1])


def of_list(db: Connection, list_id: int, page: Page, *, viewer_id: int, now: int) -> list[Entry]:
    """Return a list's timeline. Whose list it is is to be asked before."""
    return _page(db, LIST, page, {"list_id": list_id, "viewer_id": viewer_id, "now": now})


def of_account(
    db: Connection,
    account_id: int,
    page: Page,
    *,
    viewer_id: int | None,
    exclude_replies: bool = False,
    exclude_boosts: bool = False,
    exclude_mentioned_only: bool = False,
    tag_key: str | None = None,
    only_media: bool = False,
) -> list[Entry]:
    """Return what an account has posted and boosted, as far as the viewer may see it."""
    parameters = {
        "account_id": account_id,
        "viewer_id": viewer_id,
        "exclude_replies": exclude_replies,
        "exclude_boosts": exclude_boosts,
        "exclude_mentioned_only": exclude_mentioned_only,
        "tagged": tag_key is not None,
        "tag_keys": [tag_key] if tag_key is not None else [],
    }
    return _page(db, ACCOUNT_MEDIA if only_media else ACCOUNT, page, parameters)


def direct(db: Connection, page: Page, *, viewer_id: int, now: int) -> list[Entry]:
    """Return the posts for those named that the viewer wrote or is named in."""
    return _page(db, DIRECT, page, {"viewer_id": viewer_id, "now": now})


def quotes(db: Connection, post_id: int, page: Page, *, viewer_id: int | None, now: int) -> list[Entry]:
    """Return the posts that quote a post. Whether the viewer may see that one is to be asked before."""
    return _page(db, QUOTES, page, {"quoted_id": post_id, "viewer_id": viewer_id, "now": now})


def pinned(db: Connection, account_id: int, page: Page, *, viewer_id: int | None) -> list[Entry]:
    """Return what an account has pinned to its page, the latest pin first."""
    return _page(db, PINNED, page, {"account_id": account_id, "viewer_id": viewer_id})


def favourites(db: Connection, page: Page, *, viewer_id: int) -> list[Entry]:
    """Return what the viewer has favourited, the latest first; paged by favourite."""
    return _page(db, FAVOURITES, page, {"viewer_id": viewer_id})


def bookmarks(db: Connection, page: Page, *, viewer_id: int) -> list[Entry]:
    """Return what the viewer has bookmarked, the latest first; paged by bookmark."""
    return _page(db, BOOKMARKS, page, {"viewer_id": viewer_id})


def _page(db: Connection, timeline: Pageable, page: Page, parameters: Mapping[str, object]) -> list[Entry]:
    return _entries(timeline.rows(db, page, parameters))


def _entries(rows: Sequence[AnyRow]) -> list[Entry]:
    return [Entry(*row) for row in rows]
