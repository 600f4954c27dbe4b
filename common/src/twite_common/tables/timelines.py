"""Timelines and what leads to them: lists, followed hashtags, filters, conversations, markers, streams and trends."""

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
)

from twite_common.sql.dialects import BigId
from twite_common.tables.metadata import count, flag, key, metadata, moment, reference, words

home_timeline = Table(
    "home_timeline",
    metadata,
    Column("account_id", BigId, primary_key=True),
    Column("post_id", BigId, primary_key=True),
    sqlite_with_rowid=False,
)
"""What stands in whose home timeline. No references: an index for them would double the cost of a post, and
what is gone is left out by the join that reads; a periodic job takes the remains away."""

conversation_mute = Table(
    "conversation_mute",
    metadata,
    reference("account_id", "account.id", primary_key=True),
    Column("conversation_id", BigId, primary_key=True),
    sqlite_with_rowid=False,
)

conversation = Table(
    "conversation",
    metadata,
    key(),
    reference("account_id", "account.id"),
    Column("conversation_id", BigId, nullable=False),
    reference("last_post_id", "post.id", index=True),
    flag("unread"),
    Index("uq_conversation_account_id_conversation_id", "account_id", "conversation_id", unique=True),
    Index("ix_conversation_account_id_last_post_id", "account_id", "last_post_id"),
)
"""An account's entry for a conversation among the people mentioned in it; the last post in it orders the list."""

list_ = Table(
    "list",
    metadata,
    key(),
    reference("account_id", "account.id", index=True),
    Column("title", Text, nullable=False),
    # Replies to whom are shown: followed, list, none
    words("replies_policy", "list"),
    flag("exclusive"),
)

list_member = Table(
    "list_member",
    metadata,
    reference("list_id", "list.id", primary_key=True),
    reference("account_id", "account.id", primary_key=True),
    Column("id", BigId, nullable=False),
    Index("ix_list_member_list_id_id", "list_id", "id"),
    Index("ix_list_member_account_id", "account_id"),
    sqlite_with_rowid=False,
)

list_timeline = Table(
    "list_timeline",
    metadata,
    Column("list_id", BigId, primary_key=True),
    Column("post_id", BigId, primary_key=True),
    sqlite_with_rowid=False,
)
"""What stands in which list's timeline; without references, like `home_timeline`."""

tag_follow = Table(
    "tag_follow",
    metadata,
    reference("account_id", "account.id", primary_key=True),
    reference("tag_id", "tag.id", primary_key=True),
    Column("id", BigId, nullable=False),
    Index("ix_tag_follow_account_id_id", "account_id", "id"),
    Index("ix_tag_follow_tag_id", "tag_id"),
    sqlite_with_rowid=False,
)

featured_tag = Table(
    "featured_tag",
    metadata,
    key(),
    reference("account_id", "account.id"),
    reference("tag_id", "tag.id", index=True),
    Index("uq_featured_tag_account_id_tag_id", "account_id", "tag_id", unique=True),
)

filter_ = Table(
    "filter",
    metadata,
    key(),
    reference("account_id", "account.id", index=True),
    Column("title", Text, nullable=False),
    # As JSON: the places in which it applies (home, notifications, public, thread, account).
    words("contexts", "[]"),
    # warn, hide, blur
    words("action", "warn"),
    moment("expires_at", optional=True),
)

filter_keyword = Table(
    "filter_keyword",
    metadata,
    key(),
    reference("filter_id", "filter.id", index=True),
    Column("keyword", Text, nullable=False),
    flag("whole_word"),
)

filter_post = Table(
    "filter_post",
    metadata,
    key(),
    reference("filter_id", "filter.id"),
    Column("post_id", BigId, nullable=False),
    Index("uq_filter_post_filter_id_post_id", "filter_id", "post_id", unique=True),
)

stream_event = Table(
    "stream_event",
    metadata,
    # Counted by the database, because listeners read on from the last one that they know.
    Column("number", BigId, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),
    # Whom it is for (NULL: whoever may see it), and what it is about.
    Column("account_id", BigId),
    Column("subject_id", BigId),
    # Whatever can't be read from the database any more, as JSON.
    Column("payload", Text),
    moment("made_at", index=True),
    sqlite_autoincrement=True,
)

trend = Table(
    "trend",
    metadata,
    # tag, post, link
    Column("kind", Text, primary_key=True),
    Column("subject_id", BigId, primary_key=True),
    Column("score", Integer, nullable=False),
    Index("ix_trend_kind_score", "kind", "score"),
    sqlite_with_rowid=False,
)

trend_day = Table(
    "trend_day",
    metadata,
    # tag, link
    Column("kind", Text, primary_key=True),
    Column("subject_id", BigId, primary_key=True),
    # Since the epoch.
    Column("day", Integer, primary_key=True),
    count("posts"),
    count("accounts"),
    sqlite_with_rowid=False,
)
"""How often what trends was used on each of the last days, so that nobody who looks has to count it."""
"""What is talked about most, computed by a periodic job."""

private_feed = Table(
    "private_feed",
    metadata,
    key(),
    reference("account_id", "account.id"),
    # home, list, notifications, bookmarks
    Column("kind", Text, nullable=False),
    # Of a list alone: which.
    Column("list_id", BigId, ForeignKey("list.id", ondelete="CASCADE"), index=True),
    Column("secret_hash", LargeBinary, nullable=False, unique=True),
    # To a day.
    moment("used_at", optional=True),
    Index("ix_private_feed_account_id_id", "account_id", "id"),
)
"""Addresses at which programs read what an account would see; each has a secret in it."""

marker = Table(
    "marker",
    metadata,
    reference("account_id", "account.id", primary_key=True),
    Column("timeline", Text, primary_key=True),
    Column("last_read_id", BigId, nullable=False),
    Column("version", Integer, nullable=False),
    moment("updated_at"),
)

recent_search = Table(
    "recent_search",
    metadata,
    key(),
    reference("account_id", "account.id"),
    Column("query", Text, nullable=False),
    Index("uq_recent_search_account_id_query", "account_id", "query", unique=True),
)
"""What people looked for last, a few each; a newer id stands for the same query looked for again."""
