"""Find the accounts that search engines may show

Adds an index, which keeps others from writing accounts while it is made: a second for a million of them.
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.execute("CREATE INDEX ix_account_crawlable ON account (id) WHERE NOT noindex")
