"""Take work in turns"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CLAIMED = sa.text("claimed_at IS NOT NULL")


def upgrade() -> None:
    """Apply the change."""
    op.add_column("event", sa.Column("account_id", BIG_ID, nullable=True))
    op.add_column("event", sa.Column("turn_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_event_turn_at", "event", ["turn_at"])
    op.create_index("ix_event_account_id_turn_at", "event", ["account_id", "turn_at"])
    op.add_column("mail", sa.Column("cause_id", BIG_ID, nullable=True))
    op.add_column("mail", sa.Column("turn_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_mail_state_turn_at", "mail", ["state", "turn_at"])
    op.create_index("ix_mail_cause_id_turn_at", "mail", ["cause_id", "turn_at"])
    op.add_column("media", sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("media", sa.Column("claimed_at", sa.BigInteger(), nullable=True))
    op.add_column("media", sa.Column("turn_at", BIG_ID, server_default=sa.text("0"), nullable=False))
    op.create_index("ix_media_state_turn_at", "media", ["state", "turn_at"])
    op.create_index(
        "uq_media_claimed", "media", ["account_id"], unique=True, sqlite_where=CLAIMED, postgresql_where=CLAIMED
    )


def downgrade() -> None:
    """Take the change back."""
    for index, table in (
        ("uq_media_claimed", "media"),
        ("ix_media_state_turn_at", "media"),
        ("ix_mail_cause_id_turn_at", "mail"),
        ("ix_mail_state_turn_at", "mail"),
        ("ix_event_account_id_turn_at", "event"),
        ("ix_event_turn_at", "event"),
    ):
        op.drop_index(index, table)
    for table, column in (
        ("media", "turn_at"),
        ("media", "claimed_at"),
        ("media", "attempts"),
        ("mail", "turn_at"),
        ("mail", "cause_id"),
        ("event", "turn_at"),
        ("event", "account_id"),
    ):
        op.drop_column(table, column)
