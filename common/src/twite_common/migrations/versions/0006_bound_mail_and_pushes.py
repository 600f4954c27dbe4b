"""Bound mail that nobody asked for, and the devices of a person"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# Each of a person's devices is told once; before, one that subscribed with another token was told twice.
ENDPOINTS_ONCE = """
    DELETE FROM push_subscription WHERE EXISTS (
        SELECT 1 FROM push_subscription AS newer
        WHERE newer.endpoint = push_subscription.endpoint
            AND newer.account_id = push_subscription.account_id
            AND newer.id > push_subscription.id
    )"""


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "mail_allowance",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("newest_at", sa.BigInteger(), nullable=False),
        sa.Column("middle_at", sa.BigInteger(), nullable=False),
        sa.Column("oldest_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_mail_allowance")),
    )
    op.create_index(op.f("ix_mail_allowance_newest_at"), "mail_allowance", ["newest_at"])
    _create_pair("stranger_mail", "from_account_id", "account")
    _create_pair("former_mention", "post_id", "post")
    op.add_column("credentials", sa.Column("mail_refusals", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("credentials", sa.Column("mail_first_refused_at", sa.BigInteger(), nullable=True))
    op.add_column("credentials", sa.Column("mail_last_refused_at", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_push_subscription_endpoint"), "push_subscription", ["endpoint"])
    op.execute(ENDPOINTS_ONCE)


def downgrade() -> None:
    """Take the change back."""
    op.drop_index(op.f("ix_push_subscription_endpoint"), "push_subscription")
    with op.batch_alter_table("credentials") as credentials:
        for name in ("mail_last_refused_at", "mail_first_refused_at", "mail_refusals"):
            credentials.drop_column(name)
    for name in ("former_mention", "stranger_mail", "mail_allowance"):
        op.drop_table(name)


def _create_pair(name: str, first: str, target: str) -> None:
    """Create a table of a row of some table and an account."""
    op.create_table(
        name,
        sa.Column(first, ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.ForeignKeyConstraint([first], [f"{target}.id"], name=op.f(f"fk_{name}_{first}"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f(f"fk_{name}_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(first, "account_id", name=op.f(f"pk_{name}")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f(f"ix_{name}_account_id"), name, ["account_id"])
