"""What is in an archive: all of an account's own, read in parts, each by an index and in a transaction of its own.

Of others it has no more than names and the addresses of posts that the account's owner may see.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import msgspec
from sqlalchemy import Connection, func, or_, select
from sqlalchemy.sql.elements import KeyedColumnElement

from twite_common.filtering import Filter
from twite_common.queries.paging import LIMIT, SINCE_ID
from twite_common.queries.posts import posts as post_queries
from twite_common.queries.posts.posts import Edit, Post
from twite_common.queries.timelines import filters
from twite_common.sql.dialects import among
from twite_common.sql.types import AnyRow, AnySelect
from twite_common.tables import (
    account,
    account_alias,
    account_daily_statistics,
    account_domain_block,
    account_note,
    block,
    bookmark,
    bookmark_folder,
    conversation,
    draft,
    endorsement,
    favourite,
    featured_tag,
    follow,
    held_post,
    list_,
    list_member,
    membership,
    mute,
    pin,
    poll,
    poll_vote,
    post,
    post_edit,
    preferences,
    scheduled_post,
    security_event,
    tag,
    tag_follow,
    webhook,
)
from twite_common.visibility import VIEWER, visible

AT_ONCE = 200
"""Rows that are read at once."""
MAX_IN_THREAD = 500
Reading = Callable[[], AbstractContextManager[Connection]]
"""What opens the database for reading."""


class Part:
    """Rows of one kind of the account `viewer_id`, in the order of a key and read some at a time."""

    def __init__(self, statement: AnySelect, key: KeyedColumnElement[Any]) -> None:
        self._statement = statement.add_columns(key.label("key")).where(key > SINCE_ID).order_by(key).limit(LIMIT)

    def rows(self, reading: Reading, account_id: int, *, now: int) -> Iterator[AnyRow]:
        """Give the rows; no transaction is open while somebody does something with them."""
        last = -1
        while True:
            parameters = {"viewer_id": account_id, "now": now, "since_id": last, "limit": AT_ONCE}
            with reading() as db:
                rows = db.execute(self._statement, parameters).all()
            yield from rows
            if len(rows) < AT_ONCE:
                return
            last = rows[-1].key


def _posts_by(table: Any, *columns: Any) -> Part:
    """Return the posts that rows of a table name, as far as the viewer may see them, by their authors' names."""
    statement = (
        select(account.c.username, post.c.id.label("post_id"), *columns)
        .select_from(table)
        .join(post, post.c.id == table.c.post_id)
        .join(account, account.c.id == post.c.account_id)
        .where(table.c.account_id == VIEWER, visible(post))
    )
    return Part(statement, table.c.id if "id" in table.c else table.c.post_id)


def _people_by(table: Any, other: Any, *columns: Any) -> Part:
    own = table.c.account_id if "account_id" in table.c else table.c.follower_id
    statement = (
        select(account.c.username, *columns)
        .select_from(table)
        .join(account, account.c.id == other)
        .where(own == VIEWER, ~account.c.pending)
    )
    return Part(statement, table.c.id if "id" in table.c else other)


FOLLOWS = _people_by(follow, follow.c.followee_id, follow.c.boosts, follow.c.notify, follow.c.languages)
FOLLOWERS = Part(
    select(account.c.username)
    .select_from(follow)
    .join(account, account.c.id == follow.c.follower_id)
    .where(follow.c.followee_id == VIEWER, ~account.c.pending),
    follow.c.id,
)
BLOCKS = _people_by(block, block.c.blocked_id)
MUTES = _people_by(mute, mute.c.muted_id, mute.c.notifications)
NOTES = _people_by(account_note, account_note.c.about_id, account_note.c.text)
ENDORSEMENTS = _people_by(endorsement, endorsement.c.endorsed_id)
LIST_MEMBERS = Part(
    select(list_.c.title, account.c.username)
    .select_from(list_member)
    .join(list_, list_.c.id == list_member.c.list_id)
    .join(account, account.c.id == list_member.c.account_id)
    .where(list_.c.account_id == VIEWER, ~account.c.pending),
    list_member.c.id,
)
DOMAIN_BLOCKS = Part(
    select(account_domain_block.c.domain).where(account_domain_block.c.account_id == VIEWER), account_domain_block.c.id
)
FAVOURITES = _posts_by(favourite)
BOOKMARKS = _posts_by(bookmark)
BOOKMARKS_IN_FOLDERS = Part(
    select(bookmark_folder.c.name, account.c.username, post.c.id.label("post_id"))
    .select_from(bookmark)
    .join(bookmark_folder, bookmark_folder.c.id == bookmark.c.folder_id)
    .join(post, post.c.id == bookmark.c.post_id)
    .join(account, account.c.id == post.c.account_id)
    .where(bookmark.c.account_id == VIEWER, visible(post)),
    bookmark.c.id,
)
PINS = _posts_by(pin)
VOTES = Part(
    select(account.c.username, post.c.id.label("post_id"), poll.c.options, poll_vote.c.choices)
    .select_from(poll_vote)
    .join(poll, poll.c.post_id == poll_vote.c.post_id)
    .join(post, post.c.id == poll_vote.c.post_id)
    .join(account, account.c.id == post.c.account_id)
    .where(poll_vote.c.account_id == VIEWER, visible(post)),
    poll_vote.c.post_id,
)
FOLLOWED_TAGS = Part(
    select(tag.c.name)
    .select_from(tag_follow)
    .join(tag, tag.c.id == tag_follow.c.tag_id)
    .where(tag_follow.c.account_id == VIEWER),
    tag_follow.c.id,
)
FEATURED_TAGS = Part(
    select(tag.c.name)
    .select_from(featured_tag)
    .join(tag, tag.c.id == featured_tag.c.tag_id)
    .where(featured_tag.c.account_id == VIEWER),
    featured_tag.c.id,
)
ALIASES = Part(select(account_alias.c.address).where(account_alias.c.account_id == VIEWER), account_alias.c.id)
WEBHOOKS = Part(
    select(webhook.c.url, webhook.c.events, webhook.c.state).where(webhook.c.account_id == VIEWER), webhook.c.id
)
_owner, _member = account.alias("owner"), account.alias("member")
MEMBERS = Part(
    select(_member.c.username, membership.c.role, membership.c.accepted_at)
    .join(_member, _member.c.id == membership.c.member_id)
    .where(membership.c.account_id == VIEWER),
    membership.c.id,
)
MEMBERSHIPS = Part(
    select(_owner.c.username, membership.c.role, membership.c.accepted_at)
    .join(_owner, _owner.c.id == membership.c.account_id)
    .where(membership.c.member_id == VIEWER),
    membership.c.id,
)
DRAFTS = Part(select(draft.c.parts, draft.c.updated_at).where(draft.c.account_id == VIEWER), draft.c.id)
SCHEDULED = Part(
    select(scheduled_post.c.draft, scheduled_post.c.due_at).where(scheduled_post.c.account_id == VIEWER),
    scheduled_post.c.id,
)
HELD = Part(select(held_post.c.id, held_post.c.drafts).where(held_post.c.account_id == VIEWER), held_post.c.id)
SECURITY_EVENTS = Part(
    select(
        security_event.c.id,
        security_event.c.kind,
        security_event.c.network,
        security_event.c.browser,
        security_event.c.detail,
    ).where(security_event.c.account_id == VIEWER),
    security_event.c.id,
)
CONVERSATIONS = Part(
    select(
        conversation.c.id,
        conversation.c.unread,
        conversation.c.last_post_id,
        account.c.username,
        post.c.details,
    )
    .select_from(conversation)
    .join(post, post.c.id == conversation.c.last_post_id)
    .join(account, account.c.id == post.c.account_id)
    .where(conversation.c.account_id == VIEWER, visible(post)),
    conversation.c.id,
)

_OWN = post.c.account_id == VIEWER
COUNT_POSTS = select(func.count()).select_from(post).where(_OWN)
POSTS = select(post.c.id).where(_OWN, post.c.id > SINCE_ID).order_by(post.c.id).limit(LIMIT)
_reply = post.alias("reply")
THREADS = (
    select(post.c.id, post.c.conversation_id)
    .where(
        _OWN,
        post.c.id > SINCE_ID,
        or_(post.c.in_reply_to_id.is_(None), post.c.in_reply_to_account_id != VIEWER),
        select(_reply.c.id).where(_reply.c.in_reply_to_id == post.c.id, _reply.c.account_id == VIEWER).exists(),
    )
    .order_by(post.c.id)
    .limit(LIMIT)
)
"""Own posts that an own post answers, and that answer none themselves."""
IN_THREAD = select(post.c.id).where(post.c.conversation_id == SINCE_ID, _OWN).order_by(post.c.id).limit(LIMIT)
NAMES = select(account.c.id, account.c.username).where(among(account.c.id, "ids"))
EDITS = (
    select(post_edit.c.post_id, *[post_edit.c[name] for name in Edit.__struct_fields__])
    .join(post, post.c.id == post_edit.c.post_id)
    .where(among(post_edit.c.post_id, "ids"), _OWN)
    .order_by(post_edit.c.id)
)
STATISTICS = (
    select(account_daily_statistics)
    .where(account_daily_statistics.c.account_id == VIEWER)
    .order_by(account_daily_statistics.c.day)
)
SETTINGS = select(preferences).where(preferences.c.account_id == VIEWER)
BOOKKEEPING = {
    "account_id",
    "archive_due_at",
    "filters_version",
    "home_left_at",
    "home_seen_at",
    "notifications_seen_at",
    "seen_at",
}
"""Columns of preferences that nobody has chosen."""


class OwnPosts(msgspec.Struct, frozen=True):
    """Some of an account's posts, the earliest first, with their earlier versions.

    `others` are the posts that they boost, quote or answer, as far as the account may see them; `names` the names of
    all authors, by id.
    """

    posts: list[Post]
    others: dict[int, Post]
    names: dict[int, str]
    edits: dict[int, list[Edit]]


def count_posts(db: Connection, account_id: int) -> int:
    """Return how many posts and boosts an account has."""
    return int(db.scalar(COUNT_POSTS, {"viewer_id": account_id}) or 0)


def own_posts(reading: Reading, account_id: int, *, now: int) -> Iterator[OwnPosts]:
    """Give an account's posts and boosts, some at a time."""
    last = 0
    while True:
        with reading() as db:
            ids = list(db.scalars(POSTS, {"viewer_id": account_id, "since_id": last, "limit": AT_ONCE}))
            found = _loaded(db, ids, account_id, now)
        yield found
        if len(ids) < AT_ONCE:
            return
        last = ids[-1]


def own_threads(reading: Reading, account_id: int, *, now: int) -> Iterator[OwnPosts]:
    """Give an account's threads: posts by which it answered itself, each with the first one."""
    last = 0
    while True:
        with reading() as db:
            found = db.execute(THREADS, {"viewer_id": account_id, "since_id": last, "limit": AT_ONCE}).all()
        for row in found:
            yield _thread(reading, account_id, row.conversation_id, now)
        if len(found) < AT_ONCE:
            return
        last = found[-1].id


def _thread(reading: Reading, account_id: int, conversation_id: int, now: int) -> OwnPosts:
    parameters = {"viewer_id": account_id, "since_id": conversation_id, "limit": MAX_IN_THREAD}
    with reading() as db:
        return _loaded(db, list(db.scalars(IN_THREAD, parameters)), account_id, now)


def _loaded(db: Connection, ids: list[int], account_id: int, now: int) -> OwnPosts:
    others = post_queries.load_with_related(db, ids, viewer_id=account_id, now=now)
    own = [others[id] for id in ids if id in others]
    answered = {post.in_reply_to_id for post in own if post.in_reply_to_id is not None} - others.keys()
    others |= post_queries.load(db, answered, viewer_id=account_id, now=now)
    authors = list({post.account_id for post in others.values()})
    edited = [post.id for post in own if post.edited_at is not None]
    edits: dict[int, list[Edit]] = {}
    if edited:
        for row in db.execute(EDITS, {"viewer_id": account_id, "ids": edited}):
            edits.setdefault(row[0], []).append(Edit(*row[1:]))
    names = {row.id: row.username for row in db.execute(NAMES, {"ids": authors})} if authors else {}
    return OwnPosts(own, others, names, edits)


def daily_statistics(db: Connection, account_id: int) -> list[dict[str, object]]:
    """Return what an account wrote and received on each day."""
    rows = db.execute(STATISTICS, {"viewer_id": account_id}).mappings()
    return [{name: value for name, value in row.items() if name != "account_id"} for row in rows]


def settings(db: Connection, account_id: int) -> dict[str, object]:
    """Return what the account's owner has chosen; nothing once the account is gone."""
    rows = db.execute(SETTINGS, {"viewer_id": account_id}).mappings()
    return {name: value for row in rows for name, value in row.items() if name not in BOOKKEEPING}


def own_filters(db: Connection, account_id: int) -> list[Filter]:
    """Return the account's filters with their words."""
    return filters.of_account(db, account_id)
