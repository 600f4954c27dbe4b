"""Act for accounts of others, and remember who wrote a post

The new columns rewrite nothing on PostgreSQL; `held_post`, which is written anew on SQLite, is small. The code before this
knows no members: a session that acts for another account is its own account's there, and its forms are refused.
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables of members and of who wrote posts, and where sessions, grants, tokens and held posts name them."""
    op.create_table(
        "membership",
        sa.Column("id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("member_id", BIG_ID, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=True),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_membership_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["account.id"], name=op.f("fk_membership_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
    )
    op.create_index("uq_membership_account_id_member_id", "membership", ["account_id", "member_id"], unique=True)
    op.create_index(op.f("ix_membership_member_id"), "membership", ["member_id"])
    op.create_table(
        "post_writer",
        sa.Column("post_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("writer_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_post_writer_post_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["writer_id"], ["account.id"], name=op.f("fk_post_writer_writer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_post_writer")),
    )
    op.create_index(op.f("ix_post_writer_writer_id"), "post_writer", ["writer_id"])
    op.add_column("session", sa.Column("acts_as", BIG_ID, nullable=True))
    op.add_column("oauth_grant", sa.Column("acts_as", BIG_ID, nullable=True))
    op.add_column("token", sa.Column("acts_as", BIG_ID, nullable=True))
    with op.batch_alter_table("held_post", reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.add_column(sa.Column("writer_id", BIG_ID, nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_held_post_writer_id"), "account", ["writer_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_index(op.f("ix_held_post_writer_id"), ["writer_id"])
