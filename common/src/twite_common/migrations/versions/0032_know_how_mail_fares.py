"""Know how mail fares: the servers' answers, what came back, how much is sent a day, and what DNS says

The new columns rewrite nothing. The two indexes keep others from writing mails while they are made: a second for a few
million rows. The code before this sends without counting.
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

BOUNCED = sa.text("bounced_at IS NOT NULL")


def upgrade() -> None:
    """Add the columns, the count of each day, and the row for what was found in DNS."""
    op.create_table(
        "mail_day",
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_mail_day")),
    )
    op.create_table(
        "mail_domain_check",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_domain_check")),
    )
    op.add_column("credentials", sa.Column("mail_bounced_at", sa.BigInteger(), nullable=True))
    op.add_column("mail", sa.Column("answer", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column("mail", sa.Column("bounce", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column("mail", sa.Column("bounced_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_mail_address_id", "mail", ["address", "id"])
    op.create_index("ix_mail_bounced_at", "mail", ["bounced_at"], sqlite_where=BOUNCED, postgresql_where=BOUNCED)
