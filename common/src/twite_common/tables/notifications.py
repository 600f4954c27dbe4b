"""Which notifications people let through, and the devices that they are pushed to."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, Text

from twite_common.sql.dialects import BigId
from twite_common.tables.metadata import count, flag, key, metadata, moment, reference, words

notification_policy = Table(
    "notification_policy",
    metadata,
    reference("account_id", "account.id", primary_key=True, autoincrement=False),
    words("for_not_following", "accept"),
    words("for_not_followers", "accept"),
    words("for_new_accounts", "accept"),
    words("for_private_mentions", "filter"),
    words("for_limited_accounts", "filter"),
    words("for_bots", "accept"),
)
"""What happens to notifications from some kinds of senders: accept, filter or drop. No row: the defaults."""

notification_permission = Table(
    "notification_permission",
    metadata,
    reference("account_id", "account.id", primary_key=True),
    reference("from_account_id", "account.id", primary_key=True, index=True),
    sqlite_with_rowid=False,
)
"""Senders whose notifications are never filtered."""

notification_request = Table(
    "notification_request",
    metadata,
    key(),
    reference("account_id", "account.id"),
    reference("from_account_id", "account.id", index=True),
    Column("last_post_id", BigId),
    count("notifications_count"),
    flag("dismissed"),
    moment("updated_at"),
    Index("uq_notification_request_account_id_from_account_id", "account_id", "from_account_id", unique=True),
    Index("ix_notification_request_account_id_id", "account_id", "id"),
)
"""A sender whose notifications were filtered and wait to be accepted or dismissed."""

push_subscription = Table(
    "push_subscription",
    metadata,
    key(),
    reference("token_id", "token.id", unique=True),
    reference("account_id", "account.id", index=True),
    Column("endpoint", Text, nullable=False, index=True),
    Column("p256dh", Text, nullable=False),
    Column("auth", Text, nullable=False),
    # The token that the pushed message names, encrypted with the server's key.
    Column("sealed_token", LargeBinary, nullable=False),
    flag("standard"),
    words("policy", "all"),
    # The kinds of notification to be pushed, as JSON.
    words("alerts", "[]"),
)

push_message = Table(
    "push_message",
    metadata,
    key(),
    reference("subscription_id", "push_subscription.id", index=True),
    reference("notification_id", "notification.id", index=True),
    # due, claimed, sending
    words("state", "due"),
    count("attempts"),
    moment("due_at"),
    moment("claimed_at", optional=True),
    # Whose doing the notification is; not a reference, as that account may be gone.
    Column("cause_id", BigId),
    # Place in the order of sending, as with events.
    Column("turn_at", BigInteger, nullable=False, server_default="0"),
    Index("ix_push_message_state_turn_at", "state", "turn_at"),
    Index("ix_push_message_cause_id_turn_at", "cause_id", "turn_at"),
)
"""Pushes to be sent; a row is gone once its message is handed over or given up."""
