"""User names: what is stored to find one whatever its case, and whose they are."""

from collections.abc import Iterable

from sqlalchemy import Connection, Text, bindparam, select

from twite_common import text
from twite_common.sql.dialects import among
from twite_common.tables import account

PREFIX = bindparam("prefix", type_=Text)
IDS_BY_USERNAME = select(account.c.id, account.c.username_key, account.c.username).where(
    among(account.c.username_key, "names"),
    account.c.suspended_at.is_(None),
    ~account.c.pending,
)


def username_key(name: str) -> str:
    """Return the form in which names are compared: two that differ in case only are the same."""
    return text.storable(name.lower())


def starting_with(text: str) -> str:
    """Return the pattern, escaped with a backslash, of what starts with a text."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def ids_by_username(db: Connection, names: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Return id and name of the present accounts among these names, by the lower-case name."""
    keys = [username_key(name) for name in names]
    if not keys:
        return {}
    return {key: (id, name) for id, key, name in db.execute(IDS_BY_USERNAME, {"names": keys})}
