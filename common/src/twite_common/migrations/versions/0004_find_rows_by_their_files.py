"""Find the rows that name a file of the media folder without reading whole tables"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COLUMNS = (
    ("account", "avatar"),
    ("account", "header"),
    ("card", "picture"),
    ("media", "file"),
    ("media", "preview"),
    ("media", "upload"),
)


def upgrade() -> None:
    """Apply the change."""
    for table, column in COLUMNS:
        named = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_{table}_{column}", table, [column], sqlite_where=named, postgresql_where=named)


def downgrade() -> None:
    """Take the change back."""
    for table, column in COLUMNS:
        op.drop_index(f"ix_{table}_{column}", table)
