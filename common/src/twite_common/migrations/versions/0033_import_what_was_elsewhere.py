"""Import what was elsewhere

Over at once: the new tables are empty. The code before this takes an imported post for any other; when it writes such a
post's details anew, it forgets where the post comes from, until something of the post changes again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables of imports, of what is in them, and of the posts that they brought."""
    op.create_table(
        "import",
        sa.Column("id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("source", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("('uploading')"), nullable=False),
        sa.Column("mode", sa.Text(), server_default=sa.text("('merge')"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), nullable=True),
        sa.Column("turn_at", BIG_ID, server_default="0", nullable=False),
        sa.Column("done", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("total", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("brought", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("bytes", BIG_ID, server_default="0", nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_import_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import")),
        sa.UniqueConstraint("file", name=op.f("uq_import_file")),
    )
    op.create_index("ix_import_account_id_id", "import", ["account_id", "id"])
    op.create_index(op.f("ix_import_expires_at"), "import", ["expires_at"])
    op.create_index("ix_import_state_turn_at", "import", ["state", "turn_at"])
    op.create_table(
        "import_entry",
        sa.Column("import_id", BIG_ID, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("detail", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("target_id", BIG_ID, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import.id"], name=op.f("fk_import_entry_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "position", name=op.f("pk_import_entry")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_import_entry_import_id_outcome", "import_entry", ["import_id", "outcome", "position"])
    op.create_table(
        "imported_post",
        sa.Column("post_id", BIG_ID, nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("import_id", BIG_ID, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_imported_post_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import.id"], name=op.f("fk_imported_post_import_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_imported_post_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_imported_post")),
    )
    op.create_index("ix_imported_post_import_id", "imported_post", ["import_id", "post_id"])
    op.create_index("uq_imported_post_source", "imported_post", ["account_id", "source", "source_id"], unique=True)
