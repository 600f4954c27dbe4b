"""Let devices in, and keep floods of sign-ups out

Over at once: the new tables are empty.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "disposable_email_domain",
        sa.Column("domain", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("domain", name=op.f("pk_disposable_email_domain")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sign_up_question",
        sa.Column("id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_up_question")),
    )
    op.create_table(
        "device_grant",
        sa.Column("id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("device_code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("application_id", BIG_ID, nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("polled_at", sa.BigInteger(), nullable=True),
        sa.Column("interval_seconds", sa.Integer(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("grant_id", BIG_ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_device_grant_application_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["oauth_grant.id"], name=op.f("fk_device_grant_grant_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_grant")),
        sa.UniqueConstraint("device_code_hash", name=op.f("uq_device_grant_device_code_hash")),
        sa.UniqueConstraint("user_code_hash", name=op.f("uq_device_grant_user_code_hash")),
    )
    op.create_index(op.f("ix_device_grant_application_id"), "device_grant", ["application_id"])
    op.create_index(op.f("ix_device_grant_expires_at"), "device_grant", ["expires_at"])
    op.create_index(op.f("ix_device_grant_grant_id"), "device_grant", ["grant_id"])
