"""What is to be done (the outbox, mails, periodic jobs), what people are told, and what is counted."""

from sqlalchemy import BigInteger, Column, Date, Index, Integer, Table, Text

from twite_common.sql.dialects import BigId
from twite_common.tables.metadata import count, flag, key, metadata, moment, reference, words

event = Table(
    "event",
    metadata,
    key(),
    Column("kind", Text, nullable=False),
    words("payload", "{}"),
    count("attempts"),
    moment("due_at"),
    words("error"),
    moment("parked_at", optional=True),
    # Whose doing it was; not a reference, because an event may tell of an account that is gone.
    Column("account_id", BigId),
    moment("turn_at", optional=True),
    Index("ix_event_due_at", "due_at"),
    Index("ix_event_turn_at", "turn_at"),
    Index("ix_event_account_id_turn_at", "account_id", "turn_at"),
)
"""The outbox: a row stands here from the transaction that caused it to the one that did the work.

Rows are taken in the order of `turn_at`, which is no time to wait for: a later one only lets others go first. Those
without one are not to be taken until `due_at`.
"""

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

mail_item = Table(
    "mail_item",
    metadata,
    reference("mail_id", "mail.id", primary_key=True),
    reference("notification_id", "notification.id", primary_key=True, index=True),
)

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

marker = Table(
    "marker",
    metadata,
    reference("account_id", "account.id", primary_key=True),
    Column("timeline", Text, primary_key=True),
    Column("last_read_id", BigId, nullable=False),
    Column("version", Integer, nullable=False),
    moment("updated_at"),
)

job = Table(
    "job",
    metadata,
    Column("name", Text, primary_key=True),
    moment("succeeded_at", optional=True),
    moment("started_at", optional=True),
    words("error"),
    words("holder", None),
    Column("every_ms", BigInteger),
)
"""Periodic jobs: when each last did its work, which alone decides when it is due.

Somebody is at a job while `started_at` is set, which they renew, and `holder` names them. `every_ms` is how long after
its last work it was due when it was started last.
"""

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("name", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    moment("started_at"),
    moment("seen_at"),
)
"""When each process of the site was last seen; `kind` is web, clock, or worker."""

site_totals = Table(
    "site_totals",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    count("accounts"),
    count("posts"),
    count("active_month"),
    count("active_half_year"),
    moment("computed_at"),
)
"""How much there is on the site: one row, counted by a periodic job, so that nobody who posts waits for it."""

daily_statistics = Table(
    "daily_statistics",
    metadata,
    Column("day", Date, primary_key=True),
    count("active_accounts"),
    count("new_accounts"),
    count("posts"),
    count("replies"),
    count("boosts"),
    count("favourites"),
    count("follows"),
    count("mails"),
    words("top_posts", "[]"),
    words("top_tags", "[]"),
    moment("computed_at"),
)
