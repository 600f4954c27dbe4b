"""Create all tables"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# The full-text index of posts. Each database keeps it by itself, whoever writes the posts.
SEARCH = {
    "sqlite": (
        """CREATE VIRTUAL TABLE post_search USING fts5(
            spoiler_text, text, content = 'post', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2')""",
        """CREATE TRIGGER post_search_add AFTER INSERT ON post WHEN new.boost_of_id IS NULL BEGIN
            INSERT INTO post_search (rowid, spoiler_text, text) VALUES (new.id, new.spoiler_text, new.text);
        END""",
        """CREATE TRIGGER post_search_drop AFTER DELETE ON post WHEN old.boost_of_id IS NULL BEGIN
            INSERT INTO post_search (post_search, rowid, spoiler_text, text)
            VALUES ('delete', old.id, old.spoiler_text, old.text);
        END""",
        """CREATE TRIGGER post_search_change AFTER UPDATE OF spoiler_text, text ON post BEGIN
            INSERT INTO post_search (post_search, rowid, spoiler_text, text)
            VALUES ('delete', old.id, old.spoiler_text, old.text);
            INSERT INTO post_search (rowid, spoiler_text, text) VALUES (new.id, new.spoiler_text, new.text);
        END""",
    ),
    "postgresql": (
        """CREATE INDEX post_search ON post USING gin (to_tsvector('simple', spoiler_text || ' ' || text))
            WHERE boost_of_id IS NULL""",
    ),
}
UNSEARCH = {
    "sqlite": (
        "DROP TRIGGER post_search_change",
        "DROP TRIGGER post_search_drop",
        "DROP TRIGGER post_search_add",
        "DROP TABLE post_search",
    ),
    "postgresql": ("DROP INDEX post_search",),
}


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("username_key", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("bio", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("fields", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("avatar", sa.Text(), nullable=True),
        sa.Column("header", sa.Text(), nullable=True),
        sa.Column("avatar_description", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("header_description", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("locked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("bot", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("discoverable", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("indexable", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("hide_collections", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("show_media", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("show_media_replies", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("show_featured", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("attribution_domains", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("emojis", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("role", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("suspended_at", sa.BigInteger(), nullable=True),
        sa.Column("limited_at", sa.BigInteger(), nullable=True),
        sa.Column("sensitized_at", sa.BigInteger(), nullable=True),
        sa.Column("pending", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("followers_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("following_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("posts_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_post_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("username_key", name=op.f("uq_account_username_key")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(
            "ix_account_discoverable",
            ["last_post_at"],
            unique=False,
            sqlite_where=sa.text("discoverable"),
            postgresql_where=sa.text("discoverable"),
        )

    op.create_table(
        "announcement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=True),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("all_day", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
    )
    op.create_table(
        "application",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("redirect_uris", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("client_id", name=op.f("uq_application_client_id")),
    )
    op.create_table(
        "attempt",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("since_at", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_attempt")),
    )
    op.create_table(
        "rate_count",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_rate_count")),
    )
    op.create_table(
        "daily_statistics",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("active_accounts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("new_accounts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("posts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("replies", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("boosts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("favourites", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("follows", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("mails", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("top_posts", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("top_tags", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("computed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_daily_statistics")),
    )
    op.create_table(
        "domain_allow",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_domain_allow")),
        sa.UniqueConstraint("domain", name=op.f("uq_domain_allow_domain")),
    )
    op.create_table(
        "domain_block",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), server_default=sa.text("'silence'"), nullable=False),
        sa.Column("reject_media", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("reject_reports", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("private_comment", sa.Text(), nullable=True),
        sa.Column("public_comment", sa.Text(), nullable=True),
        sa.Column("obfuscate", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_domain_block")),
        sa.UniqueConstraint("domain", name=op.f("uq_domain_block_domain")),
    )
    op.create_table(
        "email_domain_block",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_domain_block")),
        sa.UniqueConstraint("domain", name=op.f("uq_email_domain_block_domain")),
    )
    op.create_table(
        "email_domain_refusal",
        sa.Column("block_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["block_id"], ["email_domain_block.id"], name=op.f("fk_email_domain_refusal_block_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("block_id", "day", "address", name=op.f("pk_email_domain_refusal")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("email_domain_refusal", schema=None) as batch_op:
        batch_op.create_index("ix_email_domain_refusal_day", ["day"], unique=False)

    op.create_table(
        "warning_preset",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warning_preset")),
    )
    op.create_table(
        "emoji",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("shortcode", sa.Text(), nullable=False),
        sa.Column("picture", sa.Text(), nullable=False),
        sa.Column("still_picture", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("visible_in_picker", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("disabled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emoji")),
        sa.UniqueConstraint("shortcode", name=op.f("uq_emoji_shortcode")),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("parked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_due_at", ["due_at"], unique=False)

    op.create_table(
        "home_timeline",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "post_id", name=op.f("pk_home_timeline")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ip_block",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ip_block")),
        sa.UniqueConstraint("network", name=op.f("uq_ip_block_network")),
    )
    op.create_table(
        "job",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("succeeded_at", sa.BigInteger(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job")),
    )
    op.create_table(
        "list_timeline",
        sa.Column("list_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("list_id", "post_id", name=op.f("pk_list_timeline")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rule",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("hint", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule")),
    )
    op.create_table(
        "site_text",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("effective_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_text")),
    )
    with op.batch_alter_table("site_text", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_site_text_name"), ["name"], unique=False)

    op.create_table(
        "stream_event",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_stream_event")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("stream_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stream_event_made_at"), ["made_at"], unique=False)

    op.create_table(
        "tag",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("trendable", sa.Boolean(), nullable=True),
        sa.Column("usable", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("listable", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("reviewed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag")),
        sa.UniqueConstraint("name_key", name=op.f("uq_tag_name_key")),
    )
    op.create_table(
        "publisher",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("trendable", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publisher")),
        sa.UniqueConstraint("domain", name=op.f("uq_publisher_domain")),
    )
    op.create_table(
        "trend",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject_id", name=op.f("pk_trend")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("trend", schema=None) as batch_op:
        batch_op.create_index("ix_trend_kind_score", ["kind", "score"], unique=False)

    op.create_table(
        "account_alias",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_alias_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_alias")),
    )
    with op.batch_alter_table("account_alias", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_alias_account_id"), ["account_id"], unique=False)
        batch_op.create_index("uq_account_alias_account_id_address", ["account_id", "address"], unique=True)

    op.create_table(
        "field_check",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_field_check_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_check")),
    )
    with op.batch_alter_table("field_check", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_field_check_account_id"), ["account_id"], unique=False)
        batch_op.create_index("ix_field_check_due_at", ["due_at"], unique=False)

    op.create_table(
        "account_daily_statistics",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("posts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("new_followers", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("favourites", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("boosts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("replies", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_daily_statistics_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "day", name=op.f("pk_account_daily_statistics")),
    )
    with op.batch_alter_table("account_daily_statistics", schema=None) as batch_op:
        batch_op.create_index("ix_account_daily_statistics_day", ["day"], unique=False)

    op.create_table(
        "account_domain_block",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_domain_block_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "domain", name=op.f("pk_account_domain_block")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("account_domain_block", schema=None) as batch_op:
        batch_op.create_index("ix_account_domain_block_account_id_id", ["account_id", "id"], unique=False)

    op.create_table(
        "account_note",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("about_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.ForeignKeyConstraint(
            ["about_id"], ["account.id"], name=op.f("fk_account_note_about_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_note_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "about_id", name=op.f("pk_account_note")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("account_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_note_about_id"), ["about_id"], unique=False)

    op.create_table(
        "announcement_reaction",
        sa.Column("announcement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_announcement_reaction_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcement.id"],
            name=op.f("fk_announcement_reaction_announcement_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("announcement_id", "account_id", "name", name=op.f("pk_announcement_reaction")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("announcement_reaction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_announcement_reaction_account_id"), ["account_id"], unique=False)

    op.create_table(
        "announcement_reading",
        sa.Column("announcement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_announcement_reading_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcement.id"],
            name=op.f("fk_announcement_reading_announcement_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("announcement_id", "account_id", name=op.f("pk_announcement_reading")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("announcement_reading", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_announcement_reading_account_id"), ["account_id"], unique=False)

    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("by_command", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("target_kind", sa.Text(), nullable=False),
        sa.Column("target_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("target_name", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_audit_entry_account_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_entry_account_id"), ["account_id"], unique=False)

    op.create_table(
        "block",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("blocked_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_block_account_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["blocked_id"], ["account.id"], name=op.f("fk_block_blocked_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "blocked_id", name=op.f("pk_block")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("block", schema=None) as batch_op:
        batch_op.create_index("ix_block_account_id_id", ["account_id", "id"], unique=False)
        batch_op.create_index("ix_block_blocked_id", ["blocked_id"], unique=False)

    op.create_table(
        "canonical_email_block",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("email_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_canonical_email_block_account_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canonical_email_block")),
        sa.UniqueConstraint("email_hash", name=op.f("uq_canonical_email_block_email_hash")),
    )
    with op.batch_alter_table("canonical_email_block", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_canonical_email_block_account_id"), ["account_id"], unique=False)

    op.create_table(
        "card",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("publisher_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("title", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("description", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("kind", sa.Text(), server_default=sa.text("'link'"), nullable=False),
        sa.Column("author_name", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("author_url", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("author_account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("provider_name", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("provider_url", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("html", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("width", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("height", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("picture", sa.Text(), nullable=True),
        sa.Column("picture_description", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("embed_url", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("blurhash", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("published_at", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'due'"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), nullable=True),
        sa.Column("trendable", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["author_account_id"], ["account.id"], name=op.f("fk_card_author_account_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["publisher_id"], ["publisher.id"], name=op.f("fk_card_publisher_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card")),
        sa.UniqueConstraint("url", name=op.f("uq_card_url")),
    )
    with op.batch_alter_table("card", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_card_author_account_id"), ["author_account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_card_publisher_id"), ["publisher_id"], unique=False)
        batch_op.create_index("ix_card_state_due_at", ["state", "due_at"], unique=False)

    op.create_table(
        "conversation_mute",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_conversation_mute_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "conversation_id", name=op.f("pk_conversation_mute")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "credentials",
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("approved_at", sa.BigInteger(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.Column("sign_up_address", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("created_by_application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("invited_by_account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("mail_failed_at", sa.BigInteger(), nullable=True),
        sa.Column("mail_failure", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_credentials_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["created_by_application_id"],
            ["application.id"],
            name=op.f("fk_credentials_created_by_application_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["invited_by_account_id"],
            ["account.id"],
            name=op.f("fk_credentials_invited_by_account_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_credentials")),
        sa.UniqueConstraint("email_key", name=op.f("uq_credentials_email_key")),
    )
    with op.batch_alter_table("credentials", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_credentials_created_by_application_id"), ["created_by_application_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_credentials_invited_by_account_id"), ["invited_by_account_id"], unique=False
        )

    op.create_table(
        "endorsement",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("endorsed_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_endorsement_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["endorsed_id"], ["account.id"], name=op.f("fk_endorsement_endorsed_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "endorsed_id", name=op.f("pk_endorsement")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("endorsement", schema=None) as batch_op:
        batch_op.create_index("ix_endorsement_account_id_id", ["account_id", "id"], unique=False)
        batch_op.create_index("ix_endorsement_endorsed_id", ["endorsed_id"], unique=False)

    op.create_table(
        "featured_tag",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tag_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_featured_tag_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_featured_tag_tag_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_featured_tag")),
    )
    with op.batch_alter_table("featured_tag", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_featured_tag_tag_id"), ["tag_id"], unique=False)
        batch_op.create_index("uq_featured_tag_account_id_tag_id", ["account_id", "tag_id"], unique=True)

    op.create_table(
        "filter",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("contexts", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("action", sa.Text(), server_default=sa.text("'warn'"), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_filter_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filter")),
    )
    with op.batch_alter_table("filter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_filter_account_id"), ["account_id"], unique=False)

    op.create_table(
        "follow",
        sa.Column("follower_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("followee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("boosts", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("notify", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("languages", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["followee_id"], ["account.id"], name=op.f("fk_follow_followee_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["follower_id"], ["account.id"], name=op.f("fk_follow_follower_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("follower_id", "followee_id", name=op.f("pk_follow")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("follow", schema=None) as batch_op:
        batch_op.create_index("ix_follow_followee_id_id", ["followee_id", "id"], unique=False)
        batch_op.create_index("ix_follow_follower_id_id", ["follower_id", "id"], unique=False)

    op.create_table(
        "follow_request",
        sa.Column("follower_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("followee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("boosts", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("notify", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("languages", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["followee_id"], ["account.id"], name=op.f("fk_follow_request_followee_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["follower_id"], ["account.id"], name=op.f("fk_follow_request_follower_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("follower_id", "followee_id", name=op.f("pk_follow_request")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("follow_request", schema=None) as batch_op:
        batch_op.create_index("ix_follow_request_followee_id_id", ["followee_id", "id"], unique=False)

    op.create_table(
        "idempotency_key",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_idempotency_key_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "name", name=op.f("pk_idempotency_key")),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uses_left", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_invitation_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_invitation_code_hash")),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_account_id"), ["account_id"], unique=False)

    op.create_table(
        "link",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_link_account_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
    )
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_link_account_id"), ["account_id"], unique=False)

    op.create_table(
        "list",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("replies_policy", sa.Text(), server_default=sa.text("'list'"), nullable=False),
        sa.Column("exclusive", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_list_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list")),
    )
    with op.batch_alter_table("list", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_list_account_id"), ["account_id"], unique=False)

    op.create_table(
        "login_place",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_login_place_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "place", name=op.f("pk_login_place")),
    )
    op.create_table(
        "mail",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'due'"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_mail_account_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
    )
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mail_account_id"), ["account_id"], unique=False)
        batch_op.create_index("ix_mail_account_id_kind_id", ["account_id", "kind", "id"], unique=False)
        batch_op.create_index("ix_mail_state_due_at", ["state", "due_at"], unique=False)

    op.create_table(
        "marker",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("timeline", sa.Text(), nullable=False),
        sa.Column("last_read_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_marker_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "timeline", name=op.f("pk_marker")),
    )
    op.create_table(
        "mute",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("muted_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("notifications", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_mute_account_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["muted_id"], ["account.id"], name=op.f("fk_mute_muted_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "muted_id", name=op.f("pk_mute")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("mute", schema=None) as batch_op:
        batch_op.create_index("ix_mute_account_id_id", ["account_id", "id"], unique=False)
        batch_op.create_index("ix_mute_muted_id", ["muted_id"], unique=False)

    op.create_table(
        "notification_permission",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_notification_permission_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["from_account_id"],
            ["account.id"],
            name=op.f("fk_notification_permission_from_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "from_account_id", name=op.f("pk_notification_permission")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("notification_permission", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_notification_permission_from_account_id"), ["from_account_id"], unique=False
        )

    op.create_table(
        "notification_policy",
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("for_not_following", sa.Text(), server_default=sa.text("'accept'"), nullable=False),
        sa.Column("for_not_followers", sa.Text(), server_default=sa.text("'accept'"), nullable=False),
        sa.Column("for_new_accounts", sa.Text(), server_default=sa.text("'accept'"), nullable=False),
        sa.Column("for_private_mentions", sa.Text(), server_default=sa.text("'filter'"), nullable=False),
        sa.Column("for_limited_accounts", sa.Text(), server_default=sa.text("'filter'"), nullable=False),
        sa.Column("for_bots", sa.Text(), server_default=sa.text("'accept'"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_notification_policy_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_notification_policy")),
    )
    op.create_table(
        "notification_request",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last_post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("notifications_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("dismissed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_notification_request_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["from_account_id"],
            ["account.id"],
            name=op.f("fk_notification_request_from_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_request")),
    )
    with op.batch_alter_table("notification_request", schema=None) as batch_op:
        batch_op.create_index("ix_notification_request_account_id_id", ["account_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notification_request_from_account_id"), ["from_account_id"], unique=False)
        batch_op.create_index(
            "uq_notification_request_account_id_from_account_id", ["account_id", "from_account_id"], unique=True
        )

    op.create_table(
        "oauth_grant",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("code_challenge", sa.Text(), nullable=True),
        sa.Column("code_challenge_method", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_oauth_grant_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_oauth_grant_application_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_grant")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_oauth_grant_code_hash")),
    )
    with op.batch_alter_table("oauth_grant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_oauth_grant_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_oauth_grant_application_id"), ["application_id"], unique=False)

    op.create_table(
        "preferences",
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("visibility", sa.Text(), server_default=sa.text("'public'"), nullable=False),
        sa.Column("quote_policy", sa.Text(), server_default=sa.text("'public'"), nullable=False),
        sa.Column("sensitive", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("time_zone", sa.Text(), server_default=sa.text("'UTC'"), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=True),
        sa.Column("quiet_to", sa.Integer(), nullable=True),
        sa.Column("mail_mention", sa.Text(), server_default=sa.text("'at_once'"), nullable=False),
        sa.Column("mail_follow", sa.Text(), server_default=sa.text("'daily'"), nullable=False),
        sa.Column("mail_follow_request", sa.Text(), server_default=sa.text("'at_once'"), nullable=False),
        sa.Column("mail_favourite", sa.Text(), server_default=sa.text("'never'"), nullable=False),
        sa.Column("mail_boost", sa.Text(), server_default=sa.text("'never'"), nullable=False),
        sa.Column("mail_post", sa.Text(), server_default=sa.text("'at_once'"), nullable=False),
        sa.Column("mail_login", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("mail_weekly", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("notifications_seen_at", sa.BigInteger(), nullable=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=True),
        sa.Column("filters_version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_preferences_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_preferences")),
    )
    op.create_table(
        "report",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("target_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("category", sa.Text(), server_default=sa.text("'other'"), nullable=False),
        sa.Column("comment", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("post_ids", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("rule_ids", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("forwarded", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("assigned_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("resolved_at", sa.BigInteger(), nullable=True),
        sa.Column("resolved_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_report_account_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["assigned_id"], ["account.id"], name=op.f("fk_report_assigned_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["resolved_by_id"], ["account.id"], name=op.f("fk_report_resolved_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["target_id"], ["account.id"], name=op.f("fk_report_target_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
    )
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_report_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_report_assigned_id"), ["assigned_id"], unique=False)
        batch_op.create_index("ix_report_resolved_at_id", ["resolved_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_report_resolved_by_id"), ["resolved_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_report_target_id"), ["target_id"], unique=False)

    op.create_table(
        "scheduled_post",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("idempotency_name", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_scheduled_post_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_scheduled_post_application_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduled_post")),
    )
    with op.batch_alter_table("scheduled_post", schema=None) as batch_op:
        batch_op.create_index("ix_scheduled_post_account_id_id", ["account_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_scheduled_post_application_id"), ["application_id"], unique=False)
        batch_op.create_index("ix_scheduled_post_due_at", ["due_at"], unique=False)

    op.create_table(
        "session",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("address", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("browser", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_session_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_session_secret_hash")),
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_account_id"), ["account_id"], unique=False)

    op.create_table(
        "suggestion_dismissal",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dismissed_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_suggestion_dismissal_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["dismissed_id"], ["account.id"], name=op.f("fk_suggestion_dismissal_dismissed_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "dismissed_id", name=op.f("pk_suggestion_dismissal")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("suggestion_dismissal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_suggestion_dismissal_dismissed_id"), ["dismissed_id"], unique=False)

    op.create_table(
        "tag_follow",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tag_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_tag_follow_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_tag_follow_tag_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "tag_id", name=op.f("pk_tag_follow")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("tag_follow", schema=None) as batch_op:
        batch_op.create_index("ix_tag_follow_account_id_id", ["account_id", "id"], unique=False)
        batch_op.create_index("ix_tag_follow_tag_id", ["tag_id"], unique=False)

    op.create_table(
        "account_warning",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("target_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("post_ids", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("report_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("appeal", sa.Text(), nullable=True),
        sa.Column("appeal_state", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_warning_account_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_account_warning_report_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["target_id"], ["account.id"], name=op.f("fk_account_warning_target_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_warning")),
    )
    with op.batch_alter_table("account_warning", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_warning_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_warning_report_id"), ["report_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_warning_target_id"), ["target_id"], unique=False)

    op.create_table(
        "filter_keyword",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("filter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("keyword", sa.Text(), nullable=False),
        sa.Column("whole_word", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["filter_id"], ["filter.id"], name=op.f("fk_filter_keyword_filter_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filter_keyword")),
    )
    with op.batch_alter_table("filter_keyword", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_filter_keyword_filter_id"), ["filter_id"], unique=False)

    op.create_table(
        "filter_post",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("filter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["filter_id"], ["filter.id"], name=op.f("fk_filter_post_filter_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filter_post")),
    )
    with op.batch_alter_table("filter_post", schema=None) as batch_op:
        batch_op.create_index("uq_filter_post_filter_id_post_id", ["filter_id", "post_id"], unique=True)

    op.create_table(
        "list_member",
        sa.Column("list_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_list_member_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["list_id"], ["list.id"], name=op.f("fk_list_member_list_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("list_id", "account_id", name=op.f("pk_list_member")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("list_member", schema=None) as batch_op:
        batch_op.create_index("ix_list_member_account_id", ["account_id"], unique=False)
        batch_op.create_index("ix_list_member_list_id_id", ["list_id", "id"], unique=False)

    op.create_table(
        "post",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("spoiler_text", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("sensitive", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("in_reply_to_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("in_reply_to_account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("boost_of_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("quote_of_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("quote_state", sa.Text(), nullable=True),
        sa.Column("quote_policy", sa.Text(), server_default=sa.text("'public'"), nullable=False),
        sa.Column("details", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("merged", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("edited_at", sa.BigInteger(), nullable=True),
        sa.Column("replies_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("boosts_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("favourites_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("quotes_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("card_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("trendable", sa.Boolean(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_post_account_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_post_application_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["card_id"], ["card.id"], name=op.f("fk_post_card_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["in_reply_to_id"], ["post.id"], name=op.f("fk_post_in_reply_to_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
    )
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.create_index("ix_post_account_id", ["account_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_post_card_id"), ["card_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_post_conversation_id"), ["conversation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_post_in_reply_to_id"), ["in_reply_to_id"], unique=False)
        batch_op.create_index(
            "ix_post_merged",
            ["account_id", "id"],
            unique=False,
            sqlite_where=sa.text("merged"),
            postgresql_where=sa.text("merged"),
        )
        batch_op.create_index(
            "ix_post_public",
            ["id"],
            unique=False,
            sqlite_where=sa.text("visibility = 'public' AND boost_of_id IS NULL"),
            postgresql_where=sa.text("visibility = 'public' AND boost_of_id IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_post_quote_of_id"), ["quote_of_id"], unique=False)
        batch_op.create_index(
            "uq_post_boost",
            ["boost_of_id", "account_id"],
            unique=True,
            sqlite_where=sa.text("boost_of_id IS NOT NULL"),
            postgresql_where=sa.text("boost_of_id IS NOT NULL"),
        )

    op.create_table(
        "token",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("refresh_hash", sa.LargeBinary(), nullable=True),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("grant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("lifetime_seconds", sa.Integer(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_token_account_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_token_application_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["grant_id"], ["oauth_grant.id"], name=op.f("fk_token_grant_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token")),
        sa.UniqueConstraint("refresh_hash", name=op.f("uq_token_refresh_hash")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_token_secret_hash")),
    )
    with op.batch_alter_table("token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_token_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_token_application_id"), ["application_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_token_grant_id"), ["grant_id"], unique=False)

    op.create_table(
        "bookmark",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_bookmark_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_bookmark_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "post_id", name=op.f("pk_bookmark")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("bookmark", schema=None) as batch_op:
        batch_op.create_index("ix_bookmark_account_id_id", ["account_id", "id"], unique=False)
        batch_op.create_index("ix_bookmark_post_id", ["post_id"], unique=False)

    op.create_table(
        "conversation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last_post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unread", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_conversation_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["last_post_id"], ["post.id"], name=op.f("fk_conversation_last_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
    )
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.create_index("ix_conversation_account_id_last_post_id", ["account_id", "last_post_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_conversation_last_post_id"), ["last_post_id"], unique=False)
        batch_op.create_index(
            "uq_conversation_account_id_conversation_id", ["account_id", "conversation_id"], unique=True
        )

    op.create_table(
        "favourite",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_favourite_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_favourite_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "post_id", name=op.f("pk_favourite")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("favourite", schema=None) as batch_op:
        batch_op.create_index("ix_favourite_account_id_id", ["account_id", "id"], unique=False)
        batch_op.create_index("ix_favourite_post_id_id", ["post_id", "id"], unique=False)

    op.create_table(
        "media",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("scheduled_post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'ready'"), nullable=False),
        sa.Column("upload", sa.Text(), nullable=True),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("preview", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("focus_x", sa.Float(), nullable=True),
        sa.Column("focus_y", sa.Float(), nullable=True),
        sa.Column("blurhash", sa.Text(), nullable=True),
        sa.Column("meta", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("bytes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("attached_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_media_account_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_media_post_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["scheduled_post_id"], ["scheduled_post.id"], name=op.f("fk_media_scheduled_post_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media")),
    )
    with op.batch_alter_table("media", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_media_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_media_post_id"), ["post_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_media_scheduled_post_id"), ["scheduled_post_id"], unique=False)
        batch_op.create_index("ix_media_state", ["state"], unique=False)

    op.create_table(
        "mention",
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_mention_account_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_mention_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", "account_id", name=op.f("pk_mention")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("mention", schema=None) as batch_op:
        batch_op.create_index("ix_mention_account_id", ["account_id", "post_id"], unique=False)

    op.create_table(
        "notification",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("report_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("warning_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("filtered", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("group_key", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_notification_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["from_account_id"], ["account.id"], name=op.f("fk_notification_from_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_notification_report_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["warning_id"], ["account_warning.id"], name=op.f("fk_notification_warning_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
    )
    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.create_index(
            "ix_notification_account_id_from_account_id", ["account_id", "from_account_id"], unique=False
        )
        batch_op.create_index("ix_notification_account_id_id", ["account_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notification_from_account_id"), ["from_account_id"], unique=False)
        batch_op.create_index("ix_notification_post_id", ["post_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notification_report_id"), ["report_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notification_warning_id"), ["warning_id"], unique=False)

    op.create_table(
        "pin",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_pin_account_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_pin_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "post_id", name=op.f("pk_pin")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("pin", schema=None) as batch_op:
        batch_op.create_index("ix_pin_account_id_id", ["account_id", "id"], unique=False)
        batch_op.create_index("ix_pin_post_id", ["post_id"], unique=False)

    op.create_table(
        "poll",
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("options", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("multiple", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("hide_totals", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("voters_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_poll_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_poll")),
    )
    with op.batch_alter_table("poll", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_poll_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "poll_vote",
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("choices", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_poll_vote_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_poll_vote_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", "account_id", name=op.f("pk_poll_vote")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("poll_vote", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_poll_vote_account_id"), ["account_id"], unique=False)

    op.create_table(
        "post_edit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("spoiler_text", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("sensitive", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("details", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_post_edit_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_edit")),
    )
    with op.batch_alter_table("post_edit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_post_edit_post_id"), ["post_id"], unique=False)

    op.create_table(
        "post_tag",
        sa.Column("tag_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_post_tag_post_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_post_tag_tag_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("tag_id", "post_id", name=op.f("pk_post_tag")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("post_tag", schema=None) as batch_op:
        batch_op.create_index("ix_post_tag_post_id", ["post_id"], unique=False)

    op.create_table(
        "push_subscription",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("token_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("p256dh", sa.Text(), nullable=False),
        sa.Column("auth", sa.Text(), nullable=False),
        sa.Column("sealed_token", sa.LargeBinary(), nullable=False),
        sa.Column("standard", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("policy", sa.Text(), server_default=sa.text("'all'"), nullable=False),
        sa.Column("alerts", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_push_subscription_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["token_id"], ["token.id"], name=op.f("fk_push_subscription_token_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_subscription")),
        sa.UniqueConstraint("token_id", name=op.f("uq_push_subscription_token_id")),
    )
    with op.batch_alter_table("push_subscription", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_push_subscription_account_id"), ["account_id"], unique=False)

    op.create_table(
        "mail_item",
        sa.Column("mail_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("notification_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_mail_item_mail_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["notification_id"], ["notification.id"], name=op.f("fk_mail_item_notification_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("mail_id", "notification_id", name=op.f("pk_mail_item")),
    )
    with op.batch_alter_table("mail_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mail_item_notification_id"), ["notification_id"], unique=False)

    op.create_table(
        "push_message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("subscription_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("notification_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'due'"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["notification_id"], ["notification.id"], name=op.f("fk_push_message_notification_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["push_subscription.id"],
            name=op.f("fk_push_message_subscription_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_message")),
    )
    with op.batch_alter_table("push_message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_push_message_notification_id"), ["notification_id"], unique=False)
        batch_op.create_index("ix_push_message_state_due_at", ["state", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_push_message_subscription_id"), ["subscription_id"], unique=False)
    for statement in SEARCH[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """Take the change back."""
    for statement in UNSEARCH[op.get_bind().dialect.name]:
        op.execute(statement)
    with op.batch_alter_table("push_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_push_message_subscription_id"))
        batch_op.drop_index("ix_push_message_state_due_at")
        batch_op.drop_index(batch_op.f("ix_push_message_notification_id"))

    op.drop_table("push_message")
    with op.batch_alter_table("mail_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mail_item_notification_id"))

    op.drop_table("mail_item")
    with op.batch_alter_table("push_subscription", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_push_subscription_account_id"))

    op.drop_table("push_subscription")
    with op.batch_alter_table("post_tag", schema=None) as batch_op:
        batch_op.drop_index("ix_post_tag_post_id")

    op.drop_table("post_tag")
    with op.batch_alter_table("post_edit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_post_edit_post_id"))

    op.drop_table("post_edit")
    with op.batch_alter_table("poll_vote", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_poll_vote_account_id"))

    op.drop_table("poll_vote")
    with op.batch_alter_table("poll", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_poll_expires_at"))

    op.drop_table("poll")
    with op.batch_alter_table("pin", schema=None) as batch_op:
        batch_op.drop_index("ix_pin_post_id")
        batch_op.drop_index("ix_pin_account_id_id")

    op.drop_table("pin")
    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notification_warning_id"))
        batch_op.drop_index(batch_op.f("ix_notification_report_id"))
        batch_op.drop_index("ix_notification_post_id")
        batch_op.drop_index(batch_op.f("ix_notification_from_account_id"))
        batch_op.drop_index("ix_notification_account_id_id")
        batch_op.drop_index("ix_notification_account_id_from_account_id")

    op.drop_table("notification")
    with op.batch_alter_table("mention", schema=None) as batch_op:
        batch_op.drop_index("ix_mention_account_id")

    op.drop_table("mention")
    with op.batch_alter_table("media", schema=None) as batch_op:
        batch_op.drop_index("ix_media_state")
        batch_op.drop_index(batch_op.f("ix_media_scheduled_post_id"))
        batch_op.drop_index(batch_op.f("ix_media_post_id"))
        batch_op.drop_index(batch_op.f("ix_media_account_id"))

    op.drop_table("media")
    with op.batch_alter_table("favourite", schema=None) as batch_op:
        batch_op.drop_index("ix_favourite_post_id_id")
        batch_op.drop_index("ix_favourite_account_id_id")

    op.drop_table("favourite")
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.drop_index("uq_conversation_account_id_conversation_id")
        batch_op.drop_index(batch_op.f("ix_conversation_last_post_id"))
        batch_op.drop_index("ix_conversation_account_id_last_post_id")

    op.drop_table("conversation")
    with op.batch_alter_table("bookmark", schema=None) as batch_op:
        batch_op.drop_index("ix_bookmark_post_id")
        batch_op.drop_index("ix_bookmark_account_id_id")

    op.drop_table("bookmark")
    with op.batch_alter_table("token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_token_grant_id"))
        batch_op.drop_index(batch_op.f("ix_token_application_id"))
        batch_op.drop_index(batch_op.f("ix_token_account_id"))

    op.drop_table("token")
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_post_boost",
            sqlite_where=sa.text("boost_of_id IS NOT NULL"),
            postgresql_where=sa.text("boost_of_id IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_post_quote_of_id"))
        batch_op.drop_index(
            "ix_post_public",
            sqlite_where=sa.text("visibility = 'public' AND boost_of_id IS NULL"),
            postgresql_where=sa.text("visibility = 'public' AND boost_of_id IS NULL"),
        )
        batch_op.drop_index("ix_post_merged", sqlite_where=sa.text("merged"), postgresql_where=sa.text("merged"))
        batch_op.drop_index(batch_op.f("ix_post_in_reply_to_id"))
        batch_op.drop_index(batch_op.f("ix_post_conversation_id"))
        batch_op.drop_index(batch_op.f("ix_post_card_id"))
        batch_op.drop_index("ix_post_account_id")

    op.drop_table("post")
    with op.batch_alter_table("list_member", schema=None) as batch_op:
        batch_op.drop_index("ix_list_member_list_id_id")
        batch_op.drop_index("ix_list_member_account_id")

    op.drop_table("list_member")
    with op.batch_alter_table("filter_post", schema=None) as batch_op:
        batch_op.drop_index("uq_filter_post_filter_id_post_id")

    op.drop_table("filter_post")
    with op.batch_alter_table("filter_keyword", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_filter_keyword_filter_id"))

    op.drop_table("filter_keyword")
    with op.batch_alter_table("account_warning", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_warning_target_id"))
        batch_op.drop_index(batch_op.f("ix_account_warning_report_id"))
        batch_op.drop_index(batch_op.f("ix_account_warning_account_id"))

    op.drop_table("account_warning")
    with op.batch_alter_table("tag_follow", schema=None) as batch_op:
        batch_op.drop_index("ix_tag_follow_tag_id")
        batch_op.drop_index("ix_tag_follow_account_id_id")

    op.drop_table("tag_follow")
    with op.batch_alter_table("suggestion_dismissal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_suggestion_dismissal_dismissed_id"))

    op.drop_table("suggestion_dismissal")
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_account_id"))

    op.drop_table("session")
    with op.batch_alter_table("scheduled_post", schema=None) as batch_op:
        batch_op.drop_index("ix_scheduled_post_due_at")
        batch_op.drop_index(batch_op.f("ix_scheduled_post_application_id"))
        batch_op.drop_index("ix_scheduled_post_account_id_id")

    op.drop_table("scheduled_post")
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_report_target_id"))
        batch_op.drop_index(batch_op.f("ix_report_resolved_by_id"))
        batch_op.drop_index("ix_report_resolved_at_id")
        batch_op.drop_index(batch_op.f("ix_report_assigned_id"))
        batch_op.drop_index(batch_op.f("ix_report_account_id"))

    op.drop_table("report")
    op.drop_table("preferences")
    with op.batch_alter_table("oauth_grant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_oauth_grant_application_id"))
        batch_op.drop_index(batch_op.f("ix_oauth_grant_account_id"))

    op.drop_table("oauth_grant")
    with op.batch_alter_table("notification_request", schema=None) as batch_op:
        batch_op.drop_index("uq_notification_request_account_id_from_account_id")
        batch_op.drop_index(batch_op.f("ix_notification_request_from_account_id"))
        batch_op.drop_index("ix_notification_request_account_id_id")

    op.drop_table("notification_request")
    op.drop_table("notification_policy")
    with op.batch_alter_table("notification_permission", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notification_permission_from_account_id"))

    op.drop_table("notification_permission")
    with op.batch_alter_table("mute", schema=None) as batch_op:
        batch_op.drop_index("ix_mute_muted_id")
        batch_op.drop_index("ix_mute_account_id_id")

    op.drop_table("mute")
    op.drop_table("marker")
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.drop_index("ix_mail_state_due_at")
        batch_op.drop_index("ix_mail_account_id_kind_id")
        batch_op.drop_index(batch_op.f("ix_mail_account_id"))

    op.drop_table("mail")
    op.drop_table("login_place")
    with op.batch_alter_table("list", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_list_account_id"))

    op.drop_table("list")
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_link_account_id"))

    op.drop_table("link")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitation_account_id"))

    op.drop_table("invitation")
    op.drop_table("idempotency_key")
    with op.batch_alter_table("follow_request", schema=None) as batch_op:
        batch_op.drop_index("ix_follow_request_followee_id_id")

    op.drop_table("follow_request")
    with op.batch_alter_table("follow", schema=None) as batch_op:
        batch_op.drop_index("ix_follow_follower_id_id")
        batch_op.drop_index("ix_follow_followee_id_id")

    op.drop_table("follow")
    with op.batch_alter_table("filter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_filter_account_id"))

    op.drop_table("filter")
    with op.batch_alter_table("featured_tag", schema=None) as batch_op:
        batch_op.drop_index("uq_featured_tag_account_id_tag_id")
        batch_op.drop_index(batch_op.f("ix_featured_tag_tag_id"))

    op.drop_table("featured_tag")
    with op.batch_alter_table("endorsement", schema=None) as batch_op:
        batch_op.drop_index("ix_endorsement_endorsed_id")
        batch_op.drop_index("ix_endorsement_account_id_id")

    op.drop_table("endorsement")
    with op.batch_alter_table("credentials", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_credentials_invited_by_account_id"))
        batch_op.drop_index(batch_op.f("ix_credentials_created_by_application_id"))

    op.drop_table("credentials")
    op.drop_table("conversation_mute")
    with op.batch_alter_table("card", schema=None) as batch_op:
        batch_op.drop_index("ix_card_state_due_at")
        batch_op.drop_index(batch_op.f("ix_card_publisher_id"))
        batch_op.drop_index(batch_op.f("ix_card_author_account_id"))

    op.drop_table("card")
    with op.batch_alter_table("canonical_email_block", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_canonical_email_block_account_id"))

    op.drop_table("canonical_email_block")
    with op.batch_alter_table("block", schema=None) as batch_op:
        batch_op.drop_index("ix_block_blocked_id")
        batch_op.drop_index("ix_block_account_id_id")

    op.drop_table("block")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_entry_account_id"))

    op.drop_table("audit_entry")
    with op.batch_alter_table("announcement_reading", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_announcement_reading_account_id"))

    op.drop_table("announcement_reading")
    with op.batch_alter_table("announcement_reaction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_announcement_reaction_account_id"))

    op.drop_table("announcement_reaction")
    with op.batch_alter_table("account_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_note_about_id"))

    op.drop_table("account_note")
    with op.batch_alter_table("account_domain_block", schema=None) as batch_op:
        batch_op.drop_index("ix_account_domain_block_account_id_id")

    op.drop_table("account_domain_block")
    with op.batch_alter_table("field_check", schema=None) as batch_op:
        batch_op.drop_index("ix_field_check_due_at")
        batch_op.drop_index(batch_op.f("ix_field_check_account_id"))

    op.drop_table("field_check")
    with op.batch_alter_table("account_daily_statistics", schema=None) as batch_op:
        batch_op.drop_index("ix_account_daily_statistics_day")

    op.drop_table("account_daily_statistics")
    with op.batch_alter_table("account_alias", schema=None) as batch_op:
        batch_op.drop_index("uq_account_alias_account_id_address")
        batch_op.drop_index(batch_op.f("ix_account_alias_account_id"))

    op.drop_table("account_alias")
    with op.batch_alter_table("trend", schema=None) as batch_op:
        batch_op.drop_index("ix_trend_kind_score")

    op.drop_table("trend")
    op.drop_table("publisher")
    op.drop_table("tag")
    with op.batch_alter_table("stream_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stream_event_made_at"))

    op.drop_table("stream_event")
    with op.batch_alter_table("site_text", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_site_text_name"))

    op.drop_table("site_text")
    op.drop_table("rule")
    op.drop_table("list_timeline")
    op.drop_table("job")
    op.drop_table("ip_block")
    op.drop_table("home_timeline")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index("ix_event_due_at")

    op.drop_table("event")
    op.drop_table("emoji")
    op.drop_table("warning_preset")
    with op.batch_alter_table("email_domain_refusal", schema=None) as batch_op:
        batch_op.drop_index("ix_email_domain_refusal_day")

    op.drop_table("email_domain_refusal")
    op.drop_table("email_domain_block")
    op.drop_table("domain_block")
    op.drop_table("domain_allow")
    op.drop_table("daily_statistics")
    op.drop_table("rate_count")
    op.drop_table("attempt")
    op.drop_table("application")
    op.drop_table("announcement")
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_account_discoverable", sqlite_where=sa.text("discoverable"), postgresql_where=sa.text("discoverable")
        )

    op.drop_table("account")
