"""Catch up and sort bookmarks

Keeps others from writing bookmarks and preferences until it ends; nothing in either is read or written anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
IN_FOLDER = sa.text("folder_id IS NOT NULL")


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "bookmark_folder",
        sa.Column("id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_bookmark_folder_account_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_bookmark_folder"),
    )
    op.create_index("uq_bookmark_folder_account_id_name", "bookmark_folder", ["account_id", "name"], unique=True)
    op.create_table(
        "recent_search",
        sa.Column("id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_recent_search_account_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_recent_search"),
    )
    op.create_index("uq_recent_search_account_id_query", "recent_search", ["account_id", "query"], unique=True)
    op.add_column("preferences", sa.Column("home_seen_at", sa.BigInteger(), nullable=True))
    op.add_column("preferences", sa.Column("home_left_at", sa.BigInteger(), nullable=True))
    op.add_column("preferences", sa.Column("catch_up_off", sa.Text(), server_default=sa.text("'[]'"), nullable=False))
    op.add_column("preferences", sa.Column("pinned_columns", sa.Text(), server_default=sa.text("'[]'"), nullable=False))
    op.add_column("preferences", sa.Column("keep_searches", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("bookmark", sa.Column("folder_id", BIG_ID, nullable=True))
    op.create_index(
        "ix_bookmark_folder_id_id",
        "bookmark",
        ["folder_id", "id"],
        sqlite_where=IN_FOLDER,
        postgresql_where=IN_FOLDER,
    )
