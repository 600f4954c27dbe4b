"""Accounts, what only their owners know, and how they stand to each other.

The `id` of each row of a relationship orders and pages the lists of them.
"""

from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    func,
    literal_column,
    text,
)

from twite_common.sql.dialects import BigId, Bytewise
from twite_common.tables.metadata import count, flag, index_of_files, key, metadata, moment, reference, words

account = Table(
    "account",
    metadata,
    key(),
    Column("username", Text, nullable=False),
    Column("username_key", Text, nullable=False, unique=True),
    words("display_name"),
    words("bio"),
    words("fields", "[]"),
    words("avatar", None),
    words("header", None),
    words("avatar_description"),
    words("header_description"),
    flag("locked"),
    flag("bot"),
    flag("discoverable"),
    flag("indexable"),
    flag("noindex", default=True),
    flag("hide_collections"),
    flag("show_media", default=True),
    flag("show_media_replies", default=True),
    flag("show_featured", default=True),
    # Whether readers without an account can get its posts by mail.
    flag("follow_by_mail"),
    words("attribution_domains", "[]"),
    # The site's own emojis in the name, bio and fields, as JSON: `[shortcode, picture]` pairs.
    words("emojis", "[]"),
    words("role"),
    moment("suspended_at", optional=True),
    moment("limited_at", optional=True),
    moment("sensitized_at", optional=True),
    # Set by sign-up, cleared by confirmation and approval: until then nobody sees the account.
    flag("pending"),
    count("followers_count"),
    count("following_count"),
    count("posts_count"),
    moment("last_post_at", optional=True),
    Column("version", Integer, nullable=False, server_default=text("1")),
)
LAST_POSTED = func.coalesce(account.c.last_post_at, literal_column("0"))
"""When an account last posted, in milliseconds; 0 where it never has."""

# To the letter the condition of the indexes: "discoverable = 1", as SQLAlchemy has it for SQLite, is another one there.
DISCOVERABLE: ColumnElement[bool] = literal_column("account.discoverable")
PENDING: ColumnElement[bool] = literal_column("account.pending")
CRAWLABLE: ColumnElement[bool] = literal_column("NOT account.noindex")
HAS_ROLE = account.c.role != literal_column("''")
MUCH_FOLLOWED = 10
"""Followers from which an account is offered to those who have typed the first letter of its name."""
_IS_FOLLOWED = account.c.followers_count >= literal_column(str(MUCH_FOLLOWED))
_LIMITED = account.c.limited_at.is_not(None)


def _index(
    name: str, *expressions: ColumnElement[Any], where: ColumnElement[bool] | None = None, only: str | None = None
) -> None:
    index = Index(name, *expressions, sqlite_where=where, postgresql_where=where, _table=account)
    if only:
        index.ddl_if(dialect=only)


_index("ix_account_last_posted", LAST_POSTED, account.c.id, where=account.c.discoverable)
_index("ix_account_newest", account.c.id, where=account.c.discoverable)
_index("ix_account_crawlable", account.c.id, where=literal_column("NOT noindex"))
_index("ix_account_pending", account.c.id, where=account.c.pending)
_index("ix_account_limited", account.c.id, where=_LIMITED)
_index("ix_account_role", account.c.role, where=HAS_ROLE)
_index("ix_account_followed", account.c.followers_count, where=_IS_FOLLOWED)
_index("ix_account_suggested", account.c.followers_count.desc(), account.c.id, where=account.c.discoverable)
_index("ix_account_display_name", Bytewise(func.lower(account.c.display_name)))
# SQLite reads the names' own index in this order.
_index("ix_account_username", Bytewise(account.c.username_key), only="postgresql")
index_of_files(account, "avatar", "header")

deleted_name = Table(
    "deleted_name",
    metadata,
    # Of the form in which names are compared.
    Column("name_hash", LargeBinary, primary_key=True),
)
"""Names of accounts that were deleted or renamed long ago, which nobody else may take: what others wrote to them would
seem written to somebody else."""

former_username = Table(
    "former_username",
    metadata,
    # Of the form in which names are compared.
    Column("username_key", Text, primary_key=True),
    Column("username", Text, nullable=False),
    reference("account_id", "account.id", index=True),
    moment("changed_at", index=True),
)
"""Names that accounts had before, which lead to them for a while and which nobody else may take."""

credentials = Table(
    "credentials",
    metadata,
    reference("account_id", "account.id", primary_key=True, autoincrement=False),
    Column("email", Text, nullable=False),
    Column("email_key", Text, nullable=False, unique=True),
    moment("confirmed_at", optional=True),
    moment("approved_at", optional=True),
    Column("password_hash", Text, nullable=False),
    words("reason"),
    moment("disabled_at", optional=True),
    words("sign_up_address"),
    reference("created_by_application_id", "application.id", optional=True, index=True),
    reference("invited_by_account_id", "account.id", optional=True, index=True),
    # Set when the mail server has refused the address often enough; until it is cleared, most mail isn't sent.
    moment("mail_failed_at", optional=True),
    words("mail_failure"),
    # Since when mail comes back from there for good: that a server takes the next one says nothing.
    moment("mail_bounced_at", optional=True),
    # How often the address was refused since mail last arrived there, and when for the first and the last time.
    count("mail_refusals"),
    moment("mail_first_refused_at", optional=True),
    moment("mail_last_refused_at", optional=True),
    # Since when there is a second factor, and when the account's role was told to set one up.
    moment("second_factor_at", optional=True),
    moment("second_factor_asked_at", optional=True),
    # When its owner hid the account; it is deleted some time later, unless they log in.
    moment("deactivated_at", optional=True),
)
_DEACTIVATED = credentials.c.deactivated_at.is_not(None)
Index(
    "ix_credentials_deactivated_at",
    credentials.c.deactivated_at,
    sqlite_where=_DEACTIVATED,
    postgresql_where=_DEACTIVATED,
)

preferences = Table(
    "preferences",
    metadata,
    reference("account_id", "account.id", primary_key=True, autoincrement=False),
    words("visibility", "public"),
    words("quote_policy", "public"),
    flag("sensitive"),
    words("language", None),
    # The language in which the site speaks to them; none is the browser's.
    words("locale", None),
    words("time_zone", "UTC"),
    Column("quiet_from", Integer),
    Column("quiet_to", Integer),
    words("mail_mention", "at_once"),
    words("mail_follow", "daily"),
    words("mail_follow_request", "at_once"),
    words("mail_favourite", "never"),
    words("mail_boost", "never"),
    words("mail_post", "at_once"),
    flag("mail_login", default=True),
    flag("mail_weekly", default=True),
    moment("notifications_seen_at", optional=True),
    moment("seen_at", optional=True),
    # Grows with every change of the account's filters, so that what is kept of them in memory is never stale.
    Column("filters_version", Integer, nullable=False, server_default=text("0")),
    # When the home page was last seen, and when it was in the visit before this one.
    moment("home_seen_at", optional=True),
    moment("home_left_at", optional=True),
    # As JSON: the names of the rules of catching up that are switched off.
    words("catch_up_off", "[]"),
    # As JSON: what is shown beside each other on wide screens (`twite_common.queries.timelines.columns`).
    words("pinned_columns", "[]"),
    # Whether what the account's owner looks for is remembered.
    flag("keep_searches", default=True),
    # Whether somebody who publishes pictures without words for those who can't see them is asked for some.
    flag("remind_to_describe", default=True),
    # When the account's next monthly archive is due; none where its owner doesn't want any.
    moment("archive_due_at", optional=True),
)
_WANTS_ARCHIVES = preferences.c.archive_due_at.is_not(None)
Index(
    "ix_preferences_archive_due_at",
    preferences.c.archive_due_at,
    sqlite_where=_WANTS_ARCHIVES,
    postgresql_where=_WANTS_ARCHIVES,
)

field_check = Table(
    "field_check",
    metadata,
    key(),
    reference("account_id", "account.id", index=True),
    Column("url", Text, nullable=False),
    count("attempts"),
    moment("due_at"),
    Index("ix_field_check_due_at", "due_at"),
)
"""Pages that lines of profiles name, to be looked at for whether they name the profile."""

account_daily_statistics = Table(
    "account_daily_statistics",
    metadata,
    reference("account_id", "account.id", primary_key=True),
    Column("day", Date, primary_key=True),
    count("posts"),
    count("new_followers"),
    count("favourites"),
    count("boosts"),
    count("replies"),
    count("replies_written"),
    # By the end of the day; NULL where nobody looked then.
    Column("followers", Integer),
    # What happened in which half-hour, for whoever isn't in UTC; NULL where nobody counted so.
    Column("half_hours", Text),
    Index("ix_account_daily_statistics_day", "day"),
)
"""What an account wrote and received on each day in UTC on which it did; `replies` are those received."""

follow = Table(
    "follow",
    metadata,
    reference("follower_id", "account.id", primary_key=True),
    reference("followee_id", "account.id", primary_key=True),
    Column("id", BigId, nullable=False),
    flag("boosts", default=True),
    flag("notify"),
    Column("languages", Text),
    # The followee's post beside which the button was pressed. No reference: nobody who deletes a post waits for this.
    Column("from_post_id", BigId),
    Index("ix_follow_follower_id_id", "follower_id", "id"),
    Index("ix_follow_followee_id_id", "followee_id", "id"),
    Index("ix_follow_id", "id"),
    sqlite_with_rowid=False,
)
_FROM_A_POST = follow.c.from_post_id.is_not(None)
Index(
    "ix_follow_from_post",
    follow.c.followee_id,
    follow.c.id,
    follow.c.from_post_id,
    sqlite_where=_FROM_A_POST,
    postgresql_where=_FROM_A_POST,
)
TOLD_OF_POSTS: ColumnElement[bool] = literal_column("follow.notify")
"""Whether a follower is told of each post. To the letter the condition of the index, as `DISCOVERABLE` is."""
Index(
    "ix_follow_notify",
    follow.c.followee_id,
    follow.c.follower_id,
    sqlite_where=follow.c.notify,
    postgresql_where=follow.c.notify,
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
    Column("from_post_id", BigId),
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
    flag("shown"),
    Index("uq_account_alias_account_id_address", "account_id", "address", unique=True),
)
"""Other accounts, such as `ann@other.example`, that somebody says are theirs, to all where they are `shown`."""

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
