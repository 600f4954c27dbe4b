"""Know which applications and tokens nobody uses, how a token was fetched, and which names were deleted"""

import time

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_post_application_id", "post", "application_id", "application_id IS NOT NULL"),
    ("ix_link_expires_at", "link", "expires_at", None),
    ("ix_oauth_grant_expires_at", "oauth_grant", "expires_at", None),
    ("ix_token_revoked_at", "token", "revoked_at", "revoked_at IS NOT NULL"),
    ("ix_token_expires_at", "token", "expires_at", "expires_at IS NOT NULL"),
)
OF_NEW_COLUMNS = (
    ("ix_application_review_at", "application", "review_at", None),
    ("ix_token_used_at", "token", "used_at", "account_id IS NULL"),
)


def upgrade() -> None:
    """Apply the change."""
    # First what keeps others from writing alone, last what keeps them from the table.
    _create(INDEXES)
    op.add_column(
        "application", sa.Column("review_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column(
        "token", sa.Column("client_authenticated", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("token", sa.Column("used_at", sa.BigInteger(), nullable=True))
    # Without PKCE no code was given a token but for the application's secret. How others were fetched nobody knows.
    op.execute(
        """UPDATE token SET client_authenticated = true WHERE refresh_hash IS NOT NULL AND grant_id IN
            (SELECT id FROM oauth_grant WHERE code_challenge IS NULL)"""
    )
    # When they were last used wasn't known: as if now, so that none is taken away before its time.
    op.execute(
        sa.text("UPDATE token SET used_at = :now WHERE account_id IS NULL").bindparams(now=time.time_ns() // 1_000_000)
    )
    op.create_table(
        "deleted_name",
        sa.Column("name_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name_hash", name=op.f("pk_deleted_name")),
    )
    _create(OF_NEW_COLUMNS)


def _create(indexes: tuple[tuple[str, str, str, str | None], ...]) -> None:
    for name, table, column, condition in indexes:
        where = sa.text(condition) if condition else None
        op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Take the change back."""
    for name, table, _, _ in (*OF_NEW_COLUMNS, *INDEXES):
        op.drop_index(name, table)
    op.drop_table("deleted_name")
    with op.batch_alter_table("token") as batch_op:
        batch_op.drop_column("used_at")
        batch_op.drop_column("client_authenticated")
    with op.batch_alter_table("application") as batch_op:
        batch_op.drop_column("review_at")
