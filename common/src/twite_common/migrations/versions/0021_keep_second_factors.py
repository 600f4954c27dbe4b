"""Keep second factors

Over at once: new tables are empty, and new columns have no value in the rows that are there. The code before this asks
nobody for a second factor.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables of factors and recovery codes, and say of accounts and sessions what has to do with them."""
    op.create_table(
        "recovery_code",
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "code_hash", name=op.f("pk_recovery_code")),
    )
    op.create_table(
        "second_factor",
        sa.Column("id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=True),
        sa.Column("used_period", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_second_factor_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factor")),
    )
    op.create_index(op.f("ix_second_factor_account_id"), "second_factor", ["account_id"])
    totp = sa.text("kind = 'totp'")
    op.create_index(
        "uq_second_factor_totp", "second_factor", ["account_id"], unique=True, sqlite_where=totp, postgresql_where=totp
    )
    op.add_column("credentials", sa.Column("second_factor_at", sa.BigInteger(), nullable=True))
    op.add_column("credentials", sa.Column("second_factor_asked_at", sa.BigInteger(), nullable=True))
    op.add_column("session", sa.Column("authenticated_at", sa.BigInteger(), nullable=True))
