"""How accounts stand to each other. The `id` of each row orders and pages the lists of them."""

from sqlalchemy import Column, Index, Table, Text

from twite_common.sql.dialects import BigId
from twite_common.tables.metadata import flag, key, metadata, moment, reference, words

follow = Table(
    "follow",
    metadata,
    reference("follower_id", "account.id", primary_key=True),
    reference("followee_id", "account.id", primary_key=True),
    Column("id", BigId, nullable=False),
    flag("boosts", default=True),
    flag("notify"),
    Column("languages", Text),
    Index("ix_follow_follower_id_id", "follower_id", "id"),
    Index("ix_follow_followee_id_id", "followee_id", "id"),
    Index("ix_follow_id", "id"),
    sqlite_with_rowid=False,
)

follow_request = Table(
    "follow_request",
    metadata,
    reference("follower_id", "account.id", primary_key=True),
    reference("followee_id", "account.id", primary_key=True),
    Column("id", BigId, nullable=False),
    flag("boosts", default=True),
    flag("notify"),
    Column("languages", Text),
    Index("ix_follow_request_followee_id_id", "followee_id", "id"),
    sqlite_with_rowid=False,
)

block = Table(
    "block",
    metadata,
    reference("account_id", "account.id", primary_key=True),
    reference("blocked_id", "account.id", primary_key=True),
    Column("id", BigId, nullable=False),
    Index("ix_block_account_id_id", "account_id", "id"),
    Index("ix_block_blocked_id", "blocked_id"),
    sqlite_with_rowid=False,
)

mute = Table(
    "mute",
    metadata,
    reference("account_id", "account.id", primary_key=True),
    reference("muted_id", "account.id", primary_key=True),
    Column("id", BigId, nullable=False),
    flag("notifications", default=True),
    moment("expires_at", optional=True),
    Index("ix_mute_account_id_id", "account_id", "id"),
    Index("ix_mute_muted_id", "muted_id"),
    sqlite_with_rowid=False,
)

account_note = Table(
    "account_note",
    metadata,
    reference("account_id", "account.id", primary_key=True),
    reference("about_id", "account.id", primary_key=True, index=True),
    words("text"),
    sqlite_with_rowid=False,
)
"""What somebody wrote down about an account for themselves."""

endorsement = Table(
    "endorsement",
    metadata,
    reference("account_id", "account.id", primary_key=True),
    reference("endorsed_id", "account.id", primary_key=True),
    Column("id", BigId, nullable=False),
    Index("ix_endorsement_account_id_id", "account_id", "id"),
    Index("ix_endorsement_endorsed_id", "endorsed_id"),
    sqlite_with_rowid=False,
)
"""Accounts that somebody features on their profile."""

suggestion_dismissal = Table(
    "suggestion_dismissal",
    metadata,
    reference("account_id", "account.id", primary_key=True),
    reference("dismissed_id", "account.id", primary_key=True, index=True),
    sqlite_with_rowid=False,
)

account_alias = Table(
    "account_alias",
    metadata,
    key(),
    reference("account_id", "account.id", index=True),
    Column("address", Text, nullable=False),
    Index("uq_account_alias_account_id_address", "account_id", "address", unique=True),
)
"""Other accounts, such as `ann@other.example`, that somebody says are theirs."""

account_domain_block = Table(
    "account_domain_block",
    metadata,
    reference("account_id", "account.id", primary_key=True),
    Column("domain", Text, primary_key=True),
    Column("id", BigId, nullable=False),
    Index("ix_account_domain_block_account_id_id", "account_id", "id"),
    sqlite_with_rowid=False,
)
"""Servers that somebody wants to see nothing of; data only, as there are no other servers here."""
