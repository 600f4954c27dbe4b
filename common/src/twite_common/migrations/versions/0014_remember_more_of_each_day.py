"""Remember more of each day, and which post led to a follow

Adds columns, which is over at once, and an index of follows that is empty at first: others can't write follows while
the table is read for it, less than a second for a million rows. What is missing of earlier days a job fills in.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the change."""
    op.add_column("daily_statistics", sa.Column("accounts", sa.Integer(), nullable=True))
    op.add_column("daily_statistics", sa.Column("media", sa.Integer(), nullable=True))
    op.add_column(
        "account_daily_statistics",
        sa.Column("replies_written", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
    op.add_column("account_daily_statistics", sa.Column("followers", sa.Integer(), nullable=True))
    op.add_column("follow_request", sa.Column("from_post_id", BIG_ID, nullable=True))
    op.add_column("follow", sa.Column("from_post_id", BIG_ID, nullable=True))
    led = sa.text("from_post_id IS NOT NULL")
    op.create_index(
        "ix_follow_from_post", "follow", ["followee_id", "id", "from_post_id"], sqlite_where=led, postgresql_where=led
    )
