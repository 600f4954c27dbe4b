"""Filters: what people would rather not see, or see with a warning."""

from sqlalchemy import Column, Index, Table, Text

from twite_common.sql.dialects import BigId
from twite_common.tables.metadata import flag, key, metadata, moment, reference, words

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
