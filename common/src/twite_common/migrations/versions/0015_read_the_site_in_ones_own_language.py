"""Read the site in one's own language

Adds a column without a default, which rewrites nothing and takes a lock for a moment.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the choice."""
    op.add_column("preferences", sa.Column("locale", sa.Text(), nullable=True))
