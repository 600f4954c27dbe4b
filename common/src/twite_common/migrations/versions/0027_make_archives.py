"""Make archives

Over at once: the new table is empty, and the new column has no value in the rows that are there. Its index holds none
of them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table of archives, and when the next monthly one is due."""
    op.create_table(
        "archive",
        sa.Column("id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), nullable=True),
        sa.Column("turn_at", BIG_ID, server_default="0", nullable=False),
        sa.Column("done", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("total", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("bytes", BIG_ID, server_default="0", nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_archive_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive")),
        sa.UniqueConstraint("file", name=op.f("uq_archive_file")),
    )
    op.create_index("ix_archive_account_id_id", "archive", ["account_id", "id"])
    op.create_index(op.f("ix_archive_expires_at"), "archive", ["expires_at"])
    op.create_index("ix_archive_state_turn_at", "archive", ["state", "turn_at"])
    op.add_column("preferences", sa.Column("archive_due_at", sa.BigInteger(), nullable=True))
    wanted = sa.text("archive_due_at IS NOT NULL")
    op.create_index(
        "ix_preferences_archive_due_at",
        "preferences",
        ["archive_due_at"],
        sqlite_where=wanted,
        postgresql_where=wanted,
    )
