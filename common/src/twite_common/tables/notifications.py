"""What people are told: notifications, mails and pushes, and what they let through."""

from sqlalchemy import (
    BigInteger,
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
    # Of an application's token or of a session of the site, with which it ends.
    Column("token_id", BigId, ForeignKey("token.id", ondelete="CASCADE"), unique=True),
    Column("session_id", BigId, ForeignKey("session.id", ondelete="CASCADE"), unique=True),
    reference("account_id", "account.id", index=True),
    Column("endpoint", Text, nullable=False, index=True),
    Column("p256dh", Text, nullable=False),
    Column("auth", Text, nullable=False),
    # The token that the pushed message names, encrypted with the server's key; empty for a session's.
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

webhook = Table(
    "webhook",
    metadata,
    key(),
    reference("account_id", "account.id", index=True),
    Column("url", Text, nullable=False),
    # What it is told of, as JSON.
    words("events", "[]"),
    # The secret that requests are signed with, encrypted with the server's key.
    Column("sealed_secret", LargeBinary, nullable=False),
    # active, paused, parked
    words("state", "active"),
    # Tries that failed since the last that didn't.
    count("failures"),
)
"""Addresses that accounts have told what happens to them."""

webhook_delivery = Table(
    "webhook_delivery",
    metadata,
    key(),
    reference("webhook_id", "webhook.id"),
    Column("event", Text, nullable=False),
    # The post or notification; not a reference, as it may be gone.
    Column("subject_id", BigId),
    # due, claimed, held (its webhook is paused or parked), delivered, failed
    words("state", "due"),
    count("attempts"),
    moment("due_at"),
    moment("claimed_at", optional=True),
    moment("tried_at", optional=True),
    # What the receiver answered last, or why there was no answer.
    Column("status", Integer, nullable=True),
    words("answer"),
    words("error"),
    # Place in the order of sending, as with events; webhooks take turns.
    Column("turn_at", BigInteger, nullable=False, server_default="0"),
    Index("ix_webhook_delivery_state_turn_at", "state", "turn_at"),
    Index("ix_webhook_delivery_webhook_id_turn_at", "webhook_id", "turn_at"),
    Index("ix_webhook_delivery_webhook_id_id", "webhook_id", "id"),
)
"""What webhooks are to be told, and the last that they were."""

notification = Table(
    "notification",
    metadata,
    key(),
    reference("account_id", "account.id"),
    Column("kind", Text, nullable=False),
    reference("from_account_id", "account.id", index=True),
    Column("post_id", BigId),
    reference("report_id", "report.id", optional=True, index=True),
    reference("warning_id", "account_warning.id", optional=True, index=True),
    # Kept from the list by the account's policy, until its sender is accepted.
    flag("filtered"),
    words("group_key"),
    Index("ix_notification_account_id_id", "account_id", "id"),
    Index("ix_notification_account_id_from_account_id", "account_id", "from_account_id"),
    Index("ix_notification_post_id", "post_id"),
)

mail = Table(
    "mail",
    metadata,
    key(),
    reference("account_id", "account.id", optional=True, index=True),
    Column("kind", Text, nullable=False),
    Column("address", Text, nullable=False),
    words("detail", "{}"),
    words("state", "due"),
    count("attempts"),
    moment("due_at"),
    moment("claimed_at", optional=True),
    moment("sent_at", optional=True),
    words("error"),
    # What the mail server said when it took the mail.
    words("answer"),
    # hard or soft, once it came back, and when that was.
    words("bounce"),
    moment("bounced_at", optional=True),
    # Whose doing it was that it is sent; not a reference, as that account may be gone.
    Column("cause_id", BigId),
    # Place in the order of sending, as with events.
    moment("turn_at", optional=True),
    Index("ix_mail_state_due_at", "state", "due_at"),
    Index("ix_mail_state_turn_at", "state", "turn_at"),
    Index("ix_mail_cause_id_turn_at", "cause_id", "turn_at"),
    Index("ix_mail_account_id_kind_id", "account_id", "kind", "id"),
)
"""Mails to be sent and the last ones that were. Their states are described with `Mail`."""

_BOUNCED = mail.c.bounced_at.is_not(None)
Index("ix_mail_address_id", mail.c.address, mail.c.id)
Index("ix_mail_bounced_at", mail.c.bounced_at, sqlite_where=_BOUNCED, postgresql_where=_BOUNCED)

mail_day = Table(
    "mail_day",
    metadata,
    # Since the epoch.
    Column("day", Integer, primary_key=True, autoincrement=False),
    count("number"),
)
"""How many mails were handed over on each day."""

mail_domain_check = Table(
    "mail_domain_check",
    metadata,
    # There is one, or none.
    Column("id", Integer, primary_key=True, autoincrement=False),
    moment("checked_at"),
    # As JSON (`twite_common.queries.notifications.mail_log.Findings`).
    Column("findings", Text, nullable=False),
)
"""What DNS said of the domain that mail comes from."""

mail_item = Table(
    "mail_item",
    metadata,
    reference("mail_id", "mail.id", primary_key=True),
    reference("notification_id", "notification.id", primary_key=True, index=True),
)

mail_follower = Table(
    "mail_follower",
    metadata,
    key(),
    reference("account_id", "account.id"),
    # In the form in which addresses are compared, and as it is written to.
    Column("email_key", Text, nullable=False),
    Column("email", Text, nullable=False),
    # daily, weekly
    words("frequency", "daily"),
    words("locale", None),
    # Until its owner says in a mail that they want this, nothing else is sent.
    moment("confirmed_at", optional=True),
    # Up to which post it was told.
    Column("last_post_id", BigId, nullable=False, server_default="0"),
    # When posts are looked for again; of one that isn't confirmed, when it is forgotten.
    moment("due_at", index=True),
    # How often the address was refused since mail last arrived there.
    count("refusals"),
    Index("uq_mail_follower_account_id_email_key", "account_id", "email_key", unique=True),
)
"""Readers without an account who get an account's public posts by mail."""

mail_allowance = Table(
    "mail_allowance",
    metadata,
    # A kind of mail, and the hash of the address that it goes to.
    Column("subject", Text, primary_key=True),
    # When the last three went there; 0: there were fewer.
    moment("newest_at", index=True),
    moment("middle_at"),
    moment("oldest_at"),
)
"""The last mails to an address that it didn't ask for, so that nobody gets more of them than a few an hour."""

stranger_mail = Table(
    "stranger_mail",
    metadata,
    reference("from_account_id", "account.id", primary_key=True),
    reference("account_id", "account.id", primary_key=True, index=True),
    sqlite_with_rowid=False,
)
"""Whom new accounts have caused mail to, of those who don't follow them."""
