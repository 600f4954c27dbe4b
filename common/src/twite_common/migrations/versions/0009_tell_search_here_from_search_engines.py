"""Tell being found by members from being found by search engines elsewhere

Who let the site's search find their posts let search engines show them, too, and goes on doing so.

Adds a column with a constant default, which rewrites nothing, and changes the rows of those accounts.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the second choice."""
    op.add_column("account", sa.Column("noindex", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.execute("UPDATE account SET noindex = false WHERE indexable")
