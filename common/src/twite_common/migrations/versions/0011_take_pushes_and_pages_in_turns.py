"""Take pushes and pages in turns

Keeps everybody from the two tables while the indexes are made: a second for a million rows.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = ("card", "push_message")


def upgrade() -> None:
    """Make the change. What waits already comes first."""
    for table in TABLES:
        op.add_column(table, sa.Column("cause_id", BIG_ID, nullable=True))
        op.add_column(table, sa.Column("turn_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
        op.create_index(f"ix_{table}_state_turn_at", table, ["state", "turn_at"])
        op.create_index(f"ix_{table}_cause_id_turn_at", table, ["cause_id", "turn_at"])
        op.drop_index(f"ix_{table}_state_due_at", table)
