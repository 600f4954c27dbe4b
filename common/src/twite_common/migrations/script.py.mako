"""${message}"""

# While this runs, the previous version of the code serves the site, on these tables: add to them, rename and drop
# nothing, and give a new column a server default.
#
# What locks on PostgreSQL: ALTER TABLE, CREATE INDEX and a foreign key keep everybody from the table until this
# migration ends. Adding a column is over at once, also with a default; a NOT NULL or CHECK on a column that exists, a
# new type, and an index read or write every row. On a large table make an index with `postgresql_concurrently=True` in
# `with op.get_context().autocommit_block():`, add a constraint as NOT VALID and validate it in a second statement, and
# change rows a thousand at a time. A statement that waits for a lock for a second is given up, and the migration begins
# again: what it does outside of its transaction must bear that (`if_not_exists=True`).

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None
compatible_with = None
"""The oldest revision whose code works with the tables as this leaves them. None: whatever worked before still does."""


def upgrade() -> None:
    """Apply the change."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Take the change back."""
    ${downgrades if downgrades else "pass"}
