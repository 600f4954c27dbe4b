"""Let accounts rest and old posts go, and read timelines as feeds

Over at once: new tables are empty, and the new column has no value in the rows that are there. The index of the audit
log keeps staff from writing to it while it is made: less than a second. The code before this shows no account that
rests, as it is suspended to it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables of rules and feeds, when an account was deactivated, and an index to find it in the audit log."""
    op.add_column("credentials", sa.Column("deactivated_at", sa.BigInteger(), nullable=True))
    deactivated = sa.text("deactivated_at IS NOT NULL")
    op.create_index(
        "ix_credentials_deactivated_at",
        "credentials",
        ["deactivated_at"],
        sqlite_where=deactivated,
        postgresql_where=deactivated,
    )
    op.create_index(op.f("ix_audit_entry_target_id"), "audit_entry", ["target_id"])
    op.create_table(
        "post_deletion_rule",
        sa.Column("account_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        *[
            sa.Column(f"keep_{name}", sa.Boolean(), server_default=default, nullable=False)
            for name, default in (
                ("favourited", sa.true()),
                ("bookmarked", sa.true()),
                ("pinned", sa.true()),
                ("media", sa.false()),
                ("polls", sa.false()),
                ("mentioned", sa.true()),
            )
        ],
        sa.Column("keep_favourites", sa.Integer(), nullable=True),
        sa.Column("keep_boosts", sa.Integer(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("after_id", BIG_ID, server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_post_deletion_rule_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_post_deletion_rule")),
    )
    op.create_index(op.f("ix_post_deletion_rule_due_at"), "post_deletion_rule", ["due_at"])
    op.create_table(
        "private_feed",
        sa.Column("id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("list_id", BIG_ID, nullable=True),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_private_feed_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["list_id"], ["list.id"], name=op.f("fk_private_feed_list_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_private_feed")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_private_feed_secret_hash")),
    )
    op.create_index("ix_private_feed_account_id_id", "private_feed", ["account_id", "id"])
    op.create_index(op.f("ix_private_feed_list_id"), "private_feed", ["list_id"])
