"""Polls. A poll has its post's id."""

from sqlalchemy import Table

from twite_common.tables.metadata import count, flag, metadata, moment, reference, words

poll = Table(
    "poll",
    metadata,
    reference("post_id", "post.id", primary_key=True, autoincrement=False),
    # As JSON: a list of `[title, votes]`, kept by the statement that counts a vote.
    words("options", "[]"),
    moment("expires_at", optional=True, index=True),
    flag("multiple"),
    flag("hide_totals"),
    count("voters_count"),
    moment("ended_at", optional=True),
)

poll_vote = Table(
    "poll_vote",
    metadata,
    reference("post_id", "post.id", primary_key=True),
    reference("account_id", "account.id", primary_key=True, index=True),
    # As JSON: the places of the chosen options.
    words("choices", "[]"),
    sqlite_with_rowid=False,
)
