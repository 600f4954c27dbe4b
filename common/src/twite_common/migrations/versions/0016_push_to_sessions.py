"""Push to sessions

Waits for writers of the table for a moment: it has a row for each device.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the change. The code before it leaves out rows without a token, by its join."""
    with op.batch_alter_table("push_subscription", reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.add_column(sa.Column("session_id", BIG_ID, nullable=True))
        batch_op.alter_column("token_id", existing_type=BIG_ID, nullable=True)
        batch_op.create_foreign_key(
            op.f("fk_push_subscription_session_id"), "session", ["session_id"], ["id"], ondelete="CASCADE"
        )
        batch_op.create_unique_constraint(op.f("uq_push_subscription_session_id"), ["session_id"])
