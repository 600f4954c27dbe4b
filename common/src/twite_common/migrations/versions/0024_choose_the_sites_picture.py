"""Choose the site's picture, and count one's statistics by half-hours

Over at once: adds an empty table, and a column that may be empty.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and the column."""
    op.create_table(
        "site_picture",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("picture", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_picture")),
    )
    op.add_column("account_daily_statistics", sa.Column("half_hours", sa.Text(), nullable=True))
