"""${message}

What this locks on a large site, and for how long.
"""

# While this runs, the previous version of the code serves the site, on these tables: add to them, rename and drop
# nothing, and give a new column a server default. There is no way back: what a migration has done stays.
#
# On PostgreSQL each statement keeps its locks until this migration ends, so those that lock most come last:
#
# - Adding a column is over at once, also NOT NULL with a constant default. A default that is computed for each row
#   (`random()`) and a new type write the whole table anew and keep everybody from it meanwhile.
# - CREATE INDEX keeps others from writing for about a second per million rows. Where that is too long, make it in
#   `with op.get_context().autocommit_block():` with `postgresql_concurrently=True`, and drop it there first with
#   `if_exists=True`: a try that was given up leaves an index that nobody can use.
# - NOT NULL and CHECK on a column that exists read every row and keep everybody out. Add
#   `CHECK (... IS NOT NULL) NOT VALID` in one migration and `VALIDATE CONSTRAINT` it in the next: that keeps nobody from
#   reading or writing.
# - A foreign key keeps others from writing both tables while every row is checked. Add it NOT VALID, too, and validate
#   it in the next migration.
# - UPDATE keeps its rows until the migration ends. Change many a thousand at a time, led by the primary key, each
#   thousand in a transaction of its own in an `autocommit_block()`, and leave out those that are changed already. The
#   old code goes on writing rows meanwhile: what it leaves empty the new code must bear, or a later migration fills.
#
# A statement that waits for a lock for a second is given up, and the migration begins again: what it does outside of
# its transaction must bear that. SQLite has one lock, for all writing, until the migration ends.

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
