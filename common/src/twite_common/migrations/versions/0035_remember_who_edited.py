"""Remember who edited a post for an account that isn't their own

A new table, which the code before this neither fills nor misses.
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table of who made which version of a post."""
    op.create_table(
        "post_edit_writer",
        sa.Column("post_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("edited_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("writer_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_post_edit_writer_post_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["writer_id"], ["account.id"], name=op.f("fk_post_edit_writer_writer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", "edited_at", name=op.f("pk_post_edit_writer")),
    )
    op.create_index(op.f("ix_post_edit_writer_writer_id"), "post_edit_writer", ["writer_id"])
