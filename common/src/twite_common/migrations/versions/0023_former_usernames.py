"""Keep the names that accounts had before they took others, and whether other accounts of theirs are shown

Over at once: the new table is empty, and the new column has a constant default.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "former_username",
        sa.Column("username_key", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_former_username_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("username_key", name=op.f("pk_former_username")),
    )
    op.create_index(op.f("ix_former_username_account_id"), "former_username", ["account_id"])
    op.create_index(op.f("ix_former_username_changed_at"), "former_username", ["changed_at"])
    op.add_column("account_alias", sa.Column("shown", sa.Boolean(), server_default=sa.false(), nullable=False))
