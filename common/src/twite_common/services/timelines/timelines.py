"""Writing home timelines: who gets which post, when it is published and when a follow begins or ends."""

from collections.abc import Collection

from sqlalchemy import BigInteger, Connection, and_, bindparam, delete, exists, func, literal, or_, select

from twite_common import ids, outbox
from twite_common.services.timelines import stream_events
from twite_common.settings import Settings
from twite_common.sql.dialects import among, upsert
from twite_common.tables import (
    follow,
    home_timeline,
    list_,
    list_member,
    list_timeline,
    mention,
    post,
    post_tag,
    tag_follow,
)

BACKFILL = 40
"""Posts of a newly followed account that are put into the follower's timeline."""
RECENT = 40
"""A boost isn't repeated while the post or another boost of it is among this many newest entries."""

_POST_ID = bindparam("the_post_id", type_=BigInteger)
_AFTER = bindparam("after_id", type_=BigInteger)
_UP_TO = bindparam("up_to_id", type_=BigInteger)
_FOLLOWER = bindparam("the_follower_id", type_=BigInteger)
_FOLLOWEE = bindparam("the_followee_id", type_=BigInteger)

_answered = follow.alias("answered")
_entry = home_timeline.alias("entry")
_recent_entry = home_timeline.alias("recent_entry")
_recent_post = post.alias("recent_post")

_oldest_recent = (
    select(_entry.c.post_id)
    .where(_entry.c.account_id == follow.c.follower_id)
    .order_by(_entry.c.post_id.desc())
    .limit(1)
    .offset(RECENT - 1)
    .correlate(follow)
    .scalar_subquery()
)
_REPEATS = (
    select(literal(1))
    .select_from(_recent_entry.join(_recent_post, _recent_post.c.id == _recent_entry.c.post_id))
    .where(
        _recent_entry.c.account_id == follow.c.follower_id,
        _recent_entry.c.post_id >= func.coalesce(_oldest_recent, 0),
        or_(_recent_post.c.id == post.c.boost_of_id, _recent_post.c.boost_of_id == post.c.boost_of_id),
    )
    .correlate(follow, post)
    .exists()
)
_exclusive = list_.alias("exclusive_list")
_IN_EXCLUSIVE_LIST = exists().where(
    list_member.c.account_id == post.c.account_id,
    _exclusive.c.id == list_member.c.list_id,
    _exclusive.c.account_id == follow.c.follower_id,
    _exclusive.c.exclusive,
)
_BELONGS = and_(
    ~_IN_EXCLUSIVE_LIST,
    # A reply goes to those who also follow whom it answers, or who are answered.
    or_(
        post.c.in_reply_to_account_id.is_(None),
        post.c.in_reply_to_account_id == post.c.account_id,
        post.c.in_reply_to_account_id == follow.c.follower_id,
        exists().where(
            _answered.c.follower_id == follow.c.follower_id, _answered.c.followee_id == post.c.in_reply_to_account_id
        ),
    ),
    or_(
        post.c.visibility != "mentioned",
        exists().where(mention.c.post_id == post.c.id, mention.c.account_id == follow.c.follower_id),
    ),
    or_(post.c.boost_of_id.is_(None), and_(follow.c.boosts, ~_REPEATS)),
    or_(
        follow.c.languages.is_(None),
        post.c.language.is_(None),
        follow.c.languages.like(literal("%,") + post.c.language + literal(",%")),
    ),
)
_COLUMNS = ["account_id", "post_id"]
_owners_follow = follow.alias("owners_follow")
_answered_member = list_member.alias("answered_member")
_BELONGS_IN_LIST = and_(
    post.c.visibility != "mentioned",
    or_(
        post.c.in_reply_to_account_id.is_(None),
        post.c.in_reply_to_account_id == post.c.account_id,
        post.c.in_reply_to_account_id == list_.c.account_id,
        and_(
            list_.c.replies_policy == "list",
            exists().where(
                _answered_member.c.list_id == list_.c.id,
                _answered_member.c.account_id == post.c.in_reply_to_account_id,
            ),
        ),
        and_(
            list_.c.replies_policy == "followed",
            exists().where(
                _answered.c.follower_id == list_.c.account_id,
                _answered.c.followee_id == post.c.in_reply_to_account_id,
            ),
        ),
    ),
    or_(
        post.c.boost_of_id.is_(None),
        ~exists().where(
            _owners_follow.c.follower_id == list_.c.account_id,
            _owners_follow.c.followee_id == post.c.account_id,
            ~_owners_follow.c.boosts,
        ),
    ),
)
_LIST_ENTRIES = (
    select(list_.c.id, post.c.id)
    .select_from(list_member)
    .join(list_, list_.c.id == list_member.c.list_id)
    .join(post, post.c.account_id == list_member.c.account_id)
    .where(_BELONGS_IN_LIST)
)
_LIST_COLUMNS = ["list_id", "post_id"]
_LIST = bindparam("the_list_id", type_=BigInteger)
_MEMBER = bindparam("the_member_id", type_=BigInteger)
DELIVER_TO_LISTS = (
    upsert(list_timeline)
    .from_select(_LIST_COLUMNS, _LIST_ENTRIES.where(post.c.id == _POST_ID))
    .on_conflict_do_nothing()
)
_members_latest = (
    select(post.c.id).where(post.c.account_id == _MEMBER).order_by(post.c.id.desc()).limit(BACKFILL).scalar_subquery()
)
FILL_LIST = (
    upsert(list_timeline)
    .from_select(
        _LIST_COLUMNS,
        _LIST_ENTRIES.where(
            list_member.c.list_id == _LIST, list_member.c.account_id == _MEMBER, post.c.id.in_(_members_latest)
        ),
    )
    .on_conflict_do_nothing()
)
_list_entry = list_timeline.alias("list_entry")
EMPTY_LIST = delete(list_timeline).where(
    list_timeline.c.list_id == _LIST,
    list_timeline.c.post_id.in_(
        select(_list_entry.c.post_id)
        .join(post, post.c.id == _list_entry.c.post_id)
        .where(_list_entry.c.list_id == _LIST, post.c.account_id == _MEMBER)
    ),
)
EMPTY_LISTS = delete(list_timeline).where(
    among(list_timeline.c.list_id, "list_ids"),
    list_timeline.c.post_id.in_(
        select(_list_entry.c.post_id)
        .join(post, post.c.id == _list_entry.c.post_id)
        .where(among(_list_entry.c.list_id, "list_ids"), post.c.account_id == _MEMBER)
    ),
)
DELIVER_TO_TAG_FOLLOWERS = (
    upsert(home_timeline)
    .from_select(
        _COLUMNS,
        select(tag_follow.c.account_id, post.c.id)
        .select_from(post_tag)
        .join(tag_follow, tag_follow.c.tag_id == post_tag.c.tag_id)
        .join(post, post.c.id == post_tag.c.post_id)
        .where(post_tag.c.post_id == _POST_ID, post.c.visibility == "public"),
    )
    .on_conflict_do_nothing()
)
_ACCOUNT = bindparam("the_account_id", type_=BigInteger)
_other_tag = post_tag.alias("other_tag")
TAKE_OUT_TAG = delete(home_timeline).where(
    home_timeline.c.account_id == _ACCOUNT,
    home_timeline.c.post_id.in_(
        select(_entry.c.post_id)
        .join(post, post.c.id == _entry.c.post_id)
        .join(post_tag, post_tag.c.post_id == post.c.id)
        .where(
            _entry.c.account_id == _ACCOUNT,
            post_tag.c.tag_id == bindparam("the_tag_id", type_=BigInteger),
            post.c.account_id != _ACCOUNT,
            ~exists().where(_answered.c.follower_id == _ACCOUNT, _answered.c.followee_id == post.c.account_id),
            ~exists().where(
                _other_tag.c.post_id == post.c.id,
                tag_follow.c.tag_id == _other_tag.c.tag_id,
                tag_follow.c.account_id == _ACCOUNT,
            ),
        )
    ),
)
DELIVER_TO_AUTHOR = (
    upsert(home_timeline)
    .from_select(_COLUMNS, select(post.c.account_id, post.c.id).where(post.c.id == _POST_ID))
    .on_conflict_do_nothing()
)
DELIVER = (
    upsert(home_timeline)
    .from_select(
        _COLUMNS,
        select(follow.c.follower_id, post.c.id)
        .join(post, post.c.account_id == follow.c.followee_id)
        .where(post.c.id == _POST_ID, follow.c.id > _AFTER, follow.c.id <= _UP_TO, _BELONGS),
    )
    .on_conflict_do_nothing()
)
CHUNK_END = (
    select(follow.c.id)
    .where(
        follow.c.followee_id == select(post.c.account_id).where(post.c.id == _POST_ID).scalar_subquery(),
        follow.c.id > _AFTER,
    )
    .order_by(follow.c.id)
    .limit(1)
    .offset(bindparam("offset", type_=BigInteger))
)
_latest = (
    select(post.c.id).where(post.c.account_id == _FOLLOWEE).order_by(post.c.id.desc()).limit(BACKFILL).scalar_subquery()
)
FILL_IN = (
    upsert(home_timeline)
    .from_select(
        _COLUMNS,
        select(follow.c.follower_id, post.c.id)
        .join(post, post.c.account_id == follow.c.followee_id)
        .where(
            follow.c.follower_id == _FOLLOWER,
            follow.c.followee_id == _FOLLOWEE,
            post.c.id.in_(_latest),
            ~post.c.merged,
            _BELONGS,
        ),
    )
    .on_conflict_do_nothing()
)
TAKE_OUT = delete(home_timeline).where(
    home_timeline.c.account_id == _FOLLOWER,
    home_timeline.c.post_id.in_(
        select(_entry.c.post_id)
        .join(post, post.c.id == _entry.c.post_id)
        .where(_entry.c.account_id == _FOLLOWER, post.c.account_id == _FOLLOWEE)
    ),
)


def deliver(
    db: Connection,
    settings: Settings,
    *,
    now: int,
    post_id: int,
    author_id: int,
    followers_count: int,
    merged: bool,
    tagged: bool = False,
) -> None:
    """Put a post or boost into its author's timeline and its followers', into lists, and to those who follow its tags.

    Few followers have it at once; more get it from a task, in chunks; where it is `merged` they have it when they read.
    """
    in_chunks = not merged and followers_count > settings.fanout_at_once
    stream_events.add(db, "post.published", now=now, subject_id=post_id, payload={"in_chunks": in_chunks})
    db.execute(DELIVER_TO_AUTHOR, {"the_post_id": post_id})
    db.execute(DELIVER_TO_LISTS, {"the_post_id": post_id})
    if tagged:
        db.execute(DELIVER_TO_TAG_FOLLOWERS, {"the_post_id": post_id})
    if merged or not followers_count:
        return
    if not in_chunks:
        db.execute(DELIVER, {"the_post_id": post_id, "after_id": 0, "up_to_id": ids.MAXIMUM})
    else:
        outbox.add(db, "post.deliver", now=now, account_id=author_id, post_id=post_id, after_id=0)


def deliver_chunk(
    db: Connection, settings: Settings, *, now: int, post_id: int, after_id: int, author_id: int | None = None
) -> None:
    """Put a post into the timelines of the next followers, and leave an event for those after them."""
    size = max(settings.fanout_at_once, 1)
    end = db.scalar(CHUNK_END, {"the_post_id": post_id, "after_id": after_id, "offset": size - 1})
    up_to_id = ids.MAXIMUM if end is None else end
    db.execute(DELIVER, {"the_post_id": post_id, "after_id": after_id, "up_to_id": up_to_id})
    stream_events.add(db, "post.delivered", now=now, subject_id=post_id)
    if end is not None:
        outbox.add(db, "post.deliver", now=now, account_id=author_id, post_id=post_id, after_id=end)


def fill_in(db: Connection, *, follower_id: int, followee_id: int) -> None:
    """Put the latest posts of a newly followed account into the follower's timeline."""
    db.execute(FILL_IN, {"the_follower_id": follower_id, "the_followee_id": followee_id})


def take_out(db: Connection, *, follower_id: int, followee_id: int) -> None:
    """Remove an account's posts from the timeline of somebody who follows it no longer."""
    db.execute(TAKE_OUT, {"the_follower_id": follower_id, "the_followee_id": followee_id})


def take_out_tag(db: Connection, *, account_id: int, tag_id: int) -> None:
    """Remove from a timeline what stands there only for a hashtag that its owner follows no longer."""
    db.execute(TAKE_OUT_TAG, {"the_account_id": account_id, "the_tag_id": tag_id})


def fill_list(db: Connection, *, list_id: int, member_id: int) -> None:
    """Put the latest posts of a new member into a list's timeline."""
    db.execute(FILL_LIST, {"the_list_id": list_id, "the_member_id": member_id})


def empty_lists(db: Connection, *, list_ids: Collection[int], member_id: int) -> None:
    """Remove the posts of somebody who is no longer a member from the timelines of several lists."""
    db.execute(EMPTY_LISTS, {"list_ids": list(list_ids), "the_member_id": member_id})


def empty_list(db: Connection, *, list_id: int, member_id: int) -> None:
    """Remove the posts of somebody who is a member no longer from a list's timeline."""
    db.execute(EMPTY_LIST, {"the_list_id": list_id, "the_member_id": member_id})
