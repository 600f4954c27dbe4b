"""Follow by mail

Over at once: the table is new and empty, and the new column has a constant default.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table of readers by mail, and whether an account lets them."""
    op.add_column("account", sa.Column("follow_by_mail", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "mail_follower",
        sa.Column("id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("frequency", sa.Text(), server_default=sa.text("'daily'"), nullable=False),
        sa.Column("locale", sa.Text(), nullable=True),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("last_post_id", BIG_ID, server_default="0", nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("refusals", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_mail_follower_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_follower")),
    )
    op.create_index(
        "uq_mail_follower_account_id_email_key", "mail_follower", ["account_id", "email_key"], unique=True
    )
    op.create_index(op.f("ix_mail_follower_due_at"), "mail_follower", ["due_at"])
