"""Find the accounts that nobody has confirmed

Adds an index of the few that are pending, which keeps others from writing accounts while it is made: a second for a
million of them.
"""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.execute("CREATE INDEX ix_account_pending ON account (id) WHERE pending")
