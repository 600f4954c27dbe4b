"""Find the most followed of those who want to be found

Adds an index, which keeps others from writing accounts while it is made: a second for a million of them.
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.execute("CREATE INDEX ix_account_suggested ON account (followers_count DESC, id) WHERE discoverable")
