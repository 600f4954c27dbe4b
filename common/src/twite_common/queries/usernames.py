"""Usernames: what is stored to find one whatever its case, and whose they are, or were before."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Connection, Select, Text, bindparam, select, union_all

from twite_common import text
from twite_common.sql.dialects import among
from twite_common.tables import account, former_username

PREFIX = bindparam("prefix", type_=Text)
_present = (account.c.suspended_at.is_(None), ~account.c.pending)
IDS_BY_USERNAME = union_all(
    select(account.c.id, account.c.username_key, account.c.username).where(
        among(account.c.username_key, "names"), *_present
    ),
    select(account.c.id, former_username.c.username_key, former_username.c.username)
    .join(account, account.c.id == former_username.c.account_id)
    .where(among(former_username.c.username_key, "names"), *_present),
)


def ids_of(name: ColumnElement[str]) -> tuple[Select[tuple[int]], ...]:
    """Return the statements for the id of the account that has a name, in the form in which names are compared, or had.

    Each is looked up by its own index; one condition about both would have every account read.
    """
    return (
        select(account.c.id).where(account.c.username_key == name),
        select(former_username.c.account_id).where(former_username.c.username_key == name),
    )


def username_key(name: str) -> str:
    """Return the form in which names are compared: two that differ in case only are the same."""
    return text.storable(name.lower())


def starting_with(text: str) -> str:
    """Return the pattern, escaped with a backslash, of what starts with a text."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def ids_by_username(db: Connection, names: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Return id and name of the present accounts among these names, by the lower-case name.

    A former name is returned as it was: that is what a text calls the account, and leads to it.
    """
    keys = [username_key(name) for name in names]
    if not keys:
        return {}
    return {key: (id, name) for id, key, name in db.execute(IDS_BY_USERNAME, {"names": keys})}
