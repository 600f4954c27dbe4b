"""Remind people to describe what they attach

Keeps others from writing preferences until it ends; nothing in them is read or written anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("preferences", sa.Column("remind_to_describe", sa.Boolean(), server_default=sa.true(), nullable=False))
