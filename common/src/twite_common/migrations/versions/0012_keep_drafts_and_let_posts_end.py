"""Keep drafts, let posts end by themselves, and let authors choose who answers

Adds a table and columns that rewrite nothing. The two indexes keep others from writing uploads and posts while they are
made: a second for a few million rows, as none of these has anything to stand in them yet.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DRAFTED = sa.text("draft_id IS NOT NULL")
EXPIRES = sa.text("expires_at IS NOT NULL")


def upgrade() -> None:
    """Make the change. Everybody may answer what was there before, and none of it ends."""
    op.create_table(
        "draft",
        sa.Column("id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.Column("scheduled_at", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("idempotency_name", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_draft_account_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_draft"),
    )
    op.create_index("ix_draft_account_id_id", "draft", ["account_id", "id"])
    op.add_column("media", sa.Column("draft_id", BIG_ID, nullable=True))
    op.create_index("ix_media_draft_id", "media", ["draft_id"], sqlite_where=DRAFTED, postgresql_where=DRAFTED)
    op.add_column("post", sa.Column("reply_policy", sa.Text(), server_default=sa.text("'everybody'"), nullable=False))
    op.add_column("post", sa.Column("reply_policy_account_id", BIG_ID, nullable=True))
    op.add_column("post", sa.Column("expires_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_post_expires_at", "post", ["expires_at"], sqlite_where=EXPIRES, postgresql_where=EXPIRES)
