"""Add indexes that lead what strangers ask for, and totals that are kept"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

DISCOVERABLE = "discoverable"
ACCOUNT = (
    ("ix_account_last_posted", "coalesce(last_post_at, 0), id", DISCOVERABLE),
    ("ix_account_newest", "id", DISCOVERABLE),
    ("ix_account_limited", "id", "limited_at IS NOT NULL"),
    ("ix_account_role", "role", "role != ''"),
    ("ix_account_followed", "followers_count", "followers_count >= 10"),
)
PREFIXES = {
    "sqlite": (("ix_account_display_name", "account", "lower(display_name)"),),
    # In the order of code points, whatever the database's own.
    "postgresql": (
        ("ix_account_display_name", "account", '(lower(display_name) COLLATE "C")'),
        ("ix_account_username", "account", '(username_key COLLATE "C")'),
        ("ix_tag_name", "tag", '(name_key COLLATE "C")'),
    ),
}


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "site_totals",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("accounts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("posts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("active_month", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("active_half_year", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("computed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_totals")),
    )
    op.create_table(
        "trend_day",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("posts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("accounts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject_id", "day", name=op.f("pk_trend_day")),
        sqlite_with_rowid=False,
    )
    # First what keeps others from writing alone, last what keeps them from the table.
    op.create_index("ix_favourite_id", "favourite", ["id"])
    op.create_index("ix_follow_id", "follow", ["id"])
    op.create_index("ix_media_account_id_post_id", "media", ["account_id", "post_id"])
    op.execute("CREATE INDEX ix_post_boost ON post (boost_of_id, id) WHERE boost_of_id IS NOT NULL")
    for name, columns, where in ACCOUNT:
        op.execute(f"CREATE INDEX {name} ON account ({columns}) WHERE {where}")
    for name, table, column in PREFIXES[op.get_bind().dialect.name]:
        op.execute(f"CREATE INDEX {name} ON {table} ({column})")
    op.add_column("tag", sa.Column("uses", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.create_index("ix_tag_uses", "tag", ["uses"])
    # Its next run counts the uses of hashtags over the last 30 days.
    op.execute("UPDATE job SET succeeded_at = NULL WHERE name = 'trends'")
    op.drop_index("ix_media_account_id", table_name="media")
    op.drop_index("ix_account_discoverable", table_name="account")


def downgrade() -> None:
    """Take the change back."""
    op.create_index(
        "ix_account_discoverable",
        "account",
        ["last_post_at"],
        sqlite_where=sa.text(DISCOVERABLE),
        postgresql_where=sa.text(DISCOVERABLE),
    )
    for name, table, _column in reversed(PREFIXES[op.get_bind().dialect.name]):
        op.drop_index(name, table_name=table)
    for name, _columns, _where in reversed(ACCOUNT):
        op.drop_index(name, table_name="account")
    op.drop_index("ix_post_boost", table_name="post")
    op.create_index("ix_media_account_id", "media", ["account_id"])
    op.drop_index("ix_media_account_id_post_id", table_name="media")
    op.drop_index("ix_follow_id", table_name="follow")
    op.drop_index("ix_favourite_id", table_name="favourite")
    op.drop_index("ix_tag_uses", table_name="tag")
    op.drop_column("tag", "uses")
    op.drop_table("trend_day")
    op.drop_table("site_totals")
