"""Names of deleted accounts, and former names: nobody, not even the owner, may reuse them until an operator releases
them.

What others wrote to the account and the links that they made would otherwise lead to somebody else. Kept is the name's
hash, which doesn't depend on the server's key: a site that gets another one goes on knowing its names.
"""

from sqlalchemy import Connection, LargeBinary, bindparam, delete, select

from twite_common import secret
from twite_common.errors import NotFound
from twite_common.queries.usernames import username_key
from twite_common.sql.dialects import upsert
from twite_common.tables import deleted_name

_HASH = bindparam("hash", type_=LargeBinary)
ADD = upsert(deleted_name).values(name_hash=_HASH).on_conflict_do_nothing()
GET = select(deleted_name.c.name_hash).where(deleted_name.c.name_hash == _HASH)
DROP = delete(deleted_name).where(deleted_name.c.name_hash == _HASH)


def add(db: Connection, name: str) -> None:
    """Keep the name of an account that is being deleted."""
    db.execute(ADD, _hash(name))


def present(db: Connection, name: str) -> bool:
    """Say whether an account of that name was deleted."""
    return db.scalar(GET, _hash(name)) is not None


def release(db: Connection, name: str) -> None:
    """Let a name be taken again.

    Raises NotFound when no account of that name was deleted.
    """
    if not db.execute(DROP, _hash(name)).rowcount:
        raise NotFound(f"No account named {name} was deleted, or its name has already been released.")


def _hash(name: str) -> dict[str, bytes]:
    return {"hash": secret.digest(username_key(name))}
