"""Which code works with a database's tables, stored in the database: old code can't know new migrations.

Each migration may say, in `compatible_with`, the oldest revision whose code works with the tables as it leaves them.
One that says nothing leaves it as it was: what only adds to the tables doesn't matter to code that knows nothing of it.
"""

from typing import Any

from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, MetaData, String, Table, delete, insert, inspect, select

TABLE = "schema_compatibility"

_compatibility = Table(TABLE, MetaData(), Column("oldest_revision", String(32), nullable=False))


def record(db: Connection, scripts: ScriptDirectory, revision: str | None) -> None:
    """Write down the oldest revision whose code works with a database at this one; None has no tables."""
    if revision is None:
        _compatibility.drop(db, checkfirst=True)
        return
    _compatibility.create(db, checkfirst=True)
    db.execute(delete(_compatibility))
    db.execute(insert(_compatibility), {"oldest_revision": oldest_for(scripts, revision)})


def recorded(db: Connection) -> str | None:
    """Return the oldest revision whose code works with this database; None where no migration has said so."""
    return db.scalar(select(_compatibility)) if inspect(db).has_table(TABLE) else None


def oldest_for(scripts: ScriptDirectory, revision: str) -> str:
    """Return the oldest revision whose code works with the tables of another one."""
    oldest = ""
    for script in reversed(list(scripts.iterate_revisions(revision, "base"))):
        stated: Any = getattr(script.module, "compatible_with", None)
        oldest = stated or oldest or script.revision
    return oldest
