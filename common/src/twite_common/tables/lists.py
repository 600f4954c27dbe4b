"""Lists of accounts with timelines of their own, and hashtags that people follow or feature."""

from sqlalchemy import Column, Index, Table, Text

from twite_common.sql.dialects import BigId
from twite_common.tables.metadata import flag, key, metadata, reference, words

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
