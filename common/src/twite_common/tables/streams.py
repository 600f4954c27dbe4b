"""What listeners must hear, for a short time, and what is talked about most."""

from sqlalchemy import Column, Index, Integer, Table, Text

from twite_common.sql.dialects import BigId
from twite_common.tables.metadata import count, metadata, moment

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
