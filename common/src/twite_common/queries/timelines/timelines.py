"""Timelines: lists of post ids, to be loaded by `twite_common.queries.posts.posts`."""

from collections.abc import Sequence
from operator import attrgetter

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Connection,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    union_all,
)

from twite_common.queries.paging import LIMIT, MAX_ID, SINCE_ID, Page, StructPages, bounds
from twite_common.sql.dialects import among
from twite_common.sql.struct_rows import StructRows
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


class Entry(msgspec.Struct, frozen=True, gc=False, array_like=True):
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

IN_EXCLUSIVE_LIST = exists().where(
    list_member.c.account_id == post.c.account_id,
    list_.c.id == list_member.c.list_id,
    list_.c.account_id == VIEWER,
    list_.c.exclusive,
)
FOLLOWED = select(follow.c.followee_id).where(follow.c.follower_id == VIEWER)


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
        .where(MERGED, post.c.account_id.in_(FOLLOWED), ~IN_EXCLUSIVE_LIST, READABLE, NOT_MUTED)
        .where(post.c.id < MAX_ID, post.c.id > SINCE_ID)
        .order_by(getattr(post.c.id, order)())
        .limit(LIMIT)
        .subquery()
    )
    rows = union_all(select(home_rows), select(merged)).subquery()
    return select(rows).order_by(getattr(rows.c.cursor, order)()).limit(LIMIT)


HOME_NEWEST = StructRows(_home("desc"), Entry)
HOME_OLDEST = StructRows(_home("asc"), Entry)


def _unless(name: str, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return a condition that holds unless the switch `name` is on, when `condition` must hold."""
    return or_(~bindparam(name, type_=Boolean), condition)


# One value, because PostgreSQL answers whether there is one by reading all attachments.
_ATTACHED = select(media.c.id).where(media.c.post_id == post.c.id).limit(1).scalar_subquery()
WITH_MEDIA = _unless("only_media", _ATTACHED.is_not(None))
OPEN = and_(post.c.visibility == "public", unlimited(post.c.account_id))

PUBLIC_POSTS = StructPages(
    Entry,
    select(*PLAIN_ENTRY).where(PUBLIC, OPEN, NO_REPLY_TO_OTHERS, visible(post), wanted(post.c.account_id)),
    post.c.id,
)

_another = media.alias("another")
_FIRST_ATTACHMENT = ~exists().where(_another.c.post_id == media.c.post_id, _another.c.id < media.c.id)
PUBLIC_MEDIA = StructPages(
    Entry,
    select(*PLAIN_ENTRY)
    .select_from(media.join(post, post.c.id == media.c.post_id))
    .where(_FIRST_ATTACHMENT, OPEN, NO_REPLY_TO_OTHERS, visible(post), wanted(post.c.account_id)),
    media.c.post_id,
)

LINK = StructPages(
    Entry,
    select(*PLAIN_ENTRY).where(
        PUBLIC,
        post.c.card_id == bindparam("card_id", type_=BigInteger),
        exists().where(account.c.id == post.c.account_id, account.c.discoverable),
        OPEN,
        visible(post),
        wanted(post.c.account_id),
    ),
    post.c.id,
)

_tagged_post = post_tag.join(tag, tag.c.id == post_tag.c.tag_id)


def count_tags(name: str) -> ColumnElement[int]:
    """Return how many hashtags a post has among those that the parameter `name` holds the keys of.

    Counted, because PostgreSQL answers whether there is one by reading all posts with such a hashtag.
    """
    keys = among(tag.c.name_key, name)
    counted = select(func.count()).select_from(_tagged_post).where(post_tag.c.post_id == post.c.id, keys)
    return counted.correlate(post).scalar_subquery()


LIST = StructPages(
    Entry,
    select(*ENTRY)
    .select_from(list_timeline.join(_POST, post.c.id == list_timeline.c.post_id))
    .where(list_timeline.c.list_id == bindparam("list_id", type_=BigInteger), READABLE, NOT_MUTED),
    list_timeline.c.post_id,
)

ACCOUNT = StructPages(
    Entry,
    select(*ENTRY)
    .select_from(_POST)
    .where(
        post.c.account_id == bindparam("account_id", type_=BigInteger),
        _unless("exclude_boosts", post.c.boost_of_id.is_(None)),
        _unless("exclude_replies", NO_REPLY_TO_OTHERS),
        _unless("exclude_mentioned_only", post.c.visibility != "mentioned"),
        _unless("tagged", count_tags("tag_keys") > 0),
        READABLE,
    ),
    post.c.id,
)
ACCOUNT_MEDIA = StructPages(
    Entry,
    select(*ENTRY)
    .select_from(_POST.join(media, media.c.post_id == post.c.id))
    .where(
        media.c.account_id == bindparam("account_id", type_=BigInteger),
        _FIRST_ATTACHMENT,
        _unless("exclude_replies", NO_REPLY_TO_OTHERS),
        _unless("exclude_mentioned_only", post.c.visibility != "mentioned"),
        _unless("tagged", count_tags("tag_keys") > 0),
        READABLE,
    ),
    media.c.post_id,
)

_named = mention.alias("named")
DIRECT = StructPages(
    Entry,
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
QUOTES = StructPages(
    Entry,
    select(*PLAIN_ENTRY).where(
        post.c.quote_of_id == bindparam("quoted_id", type_=BigInteger),
        post.c.quote_state == "accepted",
        visible(post),
        wanted(post.c.account_id),
    ),
    post.c.id,
)
PINNED = StructPages(
    Entry,
    select(pin.c.id.label("cursor"), *PLAIN_ENTRY[1:])
    .join(post, post.c.id == pin.c.post_id)
    .where(pin.c.account_id == bindparam("account_id", type_=BigInteger), visible(post)),
    pin.c.id,
)
FAVOURITES = StructPages(
    Entry,
    select(favourite.c.id.label("cursor"), *PLAIN_ENTRY[1:])
    .join(post, post.c.id == favourite.c.post_id)
    .where(favourite.c.account_id == VIEWER, visible(post)),
    favourite.c.id,
)
_BOOKMARKS = (
    select(bookmark.c.id.label("cursor"), *PLAIN_ENTRY[1:])
    .join(post, post.c.id == bookmark.c.post_id)
    .where(bookmark.c.account_id == VIEWER, visible(post))
)
BOOKMARKS = StructPages(Entry, _BOOKMARKS, bookmark.c.id)
BOOKMARKS_IN_FOLDER = StructPages(
    Entry, _BOOKMARKS.where(bookmark.c.folder_id == bindparam("folder_id", type_=BigInteger)), bookmark.c.id
)


def home(db: Connection, page: Page, *, viewer_id: int, now: int) -> list[Entry]:
    """Return the viewer's home timeline: their own posts and those of whom they follow."""
    chosen = HOME_NEWEST if page.min_id is None else HOME_OLDEST
    home_entries = chosen.all(db, {"viewer_id": viewer_id, "now": now, **bounds(page)})
    return sorted(home_entries, key=attrgetter("cursor"), reverse=True)


def public(db: Connection, page: Page, *, viewer_id: int | None, now: int, only_media: bool = False) -> list[Entry]:
    """Return this site's public posts, without boosts and replies to others."""
    timeline = PUBLIC_MEDIA if only_media else PUBLIC_POSTS
    return timeline.rows(db, page, {"viewer_id": viewer_id, "now": now})


def linking(db: Connection, card_id: int, page: Page, *, viewer_id: int | None, now: int) -> list[Entry]:
    """Return the public posts that link to a page, of accounts that want to be found."""
    return LINK.rows(db, page, {"card_id": card_id, "viewer_id": viewer_id, "now": now})


def of_list(db: Connection, list_id: int, page: Page, *, viewer_id: int, now: int) -> list[Entry]:
    """Return a list's timeline. Whose list it is is to be asked before."""
    return LIST.rows(db, page, {"list_id": list_id, "viewer_id": viewer_id, "now": now})


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
    timeline = ACCOUNT_MEDIA if only_media else ACCOUNT
    return timeline.rows(db, page, parameters)


def direct(db: Connection, page: Page, *, viewer_id: int, now: int) -> list[Entry]:
    """Return the posts for those named that the viewer wrote or is named in."""
    return DIRECT.rows(db, page, {"viewer_id": viewer_id, "now": now})


def quotes(db: Connection, post_id: int, page: Page, *, viewer_id: int | None, now: int) -> list[Entry]:
    """Return the posts that quote a post. Whether the viewer may see that one is to be asked before."""
    return QUOTES.rows(db, page, {"quoted_id": post_id, "viewer_id": viewer_id, "now": now})


def pinned(db: Connection, account_id: int, page: Page, *, viewer_id: int | None) -> list[Entry]:
    """Return what an account has pinned to its page, the latest pin first."""
    return PINNED.rows(db, page, {"account_id": account_id, "viewer_id": viewer_id})


def favourites(db: Connection, page: Page, *, viewer_id: int) -> list[Entry]:
    """Return what the viewer has favourited, the latest first; paged by favourite."""
    return FAVOURITES.rows(db, page, {"viewer_id": viewer_id})


def bookmarks(db: Connection, page: Page, *, viewer_id: int, folder_id: int | None = None) -> list[Entry]:
    """Return what the viewer has bookmarked, in one of their folders only if asked; the latest first, by bookmark."""
    if folder_id is None:
        return BOOKMARKS.rows(db, page, {"viewer_id": viewer_id})
    return BOOKMARKS_IN_FOLDER.rows(db, page, {"viewer_id": viewer_id, "folder_id": folder_id})


def entries(rows: Sequence[AnyRow]) -> list[Entry]:
    """Return rows of `ENTRY` or `PLAIN_ENTRY` as entries."""
    return [Entry(*row) for row in rows]
