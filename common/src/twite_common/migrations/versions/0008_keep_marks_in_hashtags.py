"""Keep the marks of other scripts in the form in which hashtags are compared

Only accents of Latin, Greek and Cyrillic letters are left out of it from now on. No two rows can come to have the same
key: it is the old one with further marks in it.

Locks nothing but the rows that change, which are few.
"""

import unicodedata

import regex
import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ACCENTS = regex.compile(r"([\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}])\p{M}+")
tag = sa.table("tag", sa.column("id", sa.BigInteger), sa.column("name_key", sa.Text), sa.column("name", sa.Text))


def upgrade() -> None:
    """Write the keys of hashtags anew that were made of a spelling with such marks."""
    db = op.get_bind()
    rows = db.execute(sa.select(tag.c.id, tag.c.name_key, tag.c.name)).all()
    changed = [{"the_id": row.id, "key": key} for row in rows if (key := _key(row.name)) != row.name_key]
    if changed:
        db.execute(
            sa.update(tag).where(tag.c.id == sa.bindparam("the_id")).values(name_key=sa.bindparam("key")), changed
        )


def _key(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name).casefold()
    return unicodedata.normalize("NFC", ACCENTS.sub(r"\1", decomposed))
