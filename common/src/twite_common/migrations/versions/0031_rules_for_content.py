"""Have rules for content, hold posts for review, and subscribe to lists of domains

Over at once: new tables are empty, and the new column has no value in the rows that are there. The index of uploads
keeps others from writing them while it is made: a second for a few million rows, as none has anything to stand in it.
The code before this publishes without asking the rules.
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
HELD = sa.text("held_post_id IS NOT NULL")


def upgrade() -> None:
    """Add the tables of rules, held posts and lists, and which uploads wait with a held post."""
    op.create_table(
        "content_rule",
        sa.Column("id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("explanation", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("account_id", BIG_ID, nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("trial", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_content_rule_account_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_rule")),
    )
    op.create_index(op.f("ix_content_rule_account_id"), "content_rule", ["account_id"])
    op.create_index("ix_content_rule_active", "content_rule", ["active"])
    op.create_table(
        "domain_list",
        sa.Column("id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("automatic", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=True),
        sa.Column("domains_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_change", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_domain_list")),
        sa.UniqueConstraint("url", name=op.f("uq_domain_list_url")),
    )
    op.create_index(op.f("ix_domain_list_due_at"), "domain_list", ["due_at"])
    op.create_table(
        "listed_domain",
        sa.Column("list_id", BIG_ID, nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("taken", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["domain_list.id"], name=op.f("fk_listed_domain_list_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("list_id", "domain", name=op.f("pk_listed_domain")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_listed_domain_domain", "listed_domain", ["domain"])
    op.create_index("ix_listed_domain_list_id_taken_seen_at", "listed_domain", ["list_id", "taken", "seen_at"])
    op.create_table(
        "held_post",
        sa.Column("id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("application_id", BIG_ID, nullable=True),
        sa.Column("drafts", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("explanation", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("rejected_at", sa.BigInteger(), nullable=True),
        sa.Column("rejected_by_id", BIG_ID, nullable=True),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_held_post_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_held_post_application_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["rejected_by_id"], ["account.id"], name=op.f("fk_held_post_rejected_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_post")),
    )
    op.create_index("ix_held_post_account_id_id", "held_post", ["account_id", "id"])
    op.create_index(op.f("ix_held_post_application_id"), "held_post", ["application_id"])
    op.create_index("ix_held_post_rejected_at_id", "held_post", ["rejected_at", "id"])
    op.create_index(op.f("ix_held_post_rejected_by_id"), "held_post", ["rejected_by_id"])
    op.add_column("media", sa.Column("held_post_id", BIG_ID, nullable=True))
    op.create_index("ix_media_held_post_id", "media", ["held_post_id"], sqlite_where=HELD, postgresql_where=HELD)
