"""The outbox, periodic jobs, signs of life, and what is counted."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Index,
    Integer,
    Table,
    Text,
)

from twite_common.sql.dialects import BigId
from twite_common.tables.metadata import count, key, metadata, moment, words

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

checklist_mark = Table(
    "checklist_mark",
    metadata,
    Column("name", Text, primary_key=True),
    moment("marked_at"),
)
"""What operators have done that shows nowhere else, and when last: `twite_common.queries.operations.checklist`."""

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
    # NULL until a job has filled them in, on days from before there were these columns.
    Column("accounts", Integer),
    Column("media", Integer),
    words("top_posts", "[]"),
    words("top_tags", "[]"),
    moment("computed_at"),
)
"""What happened on each day in UTC; `accounts` is how many people were there by the end of it."""
