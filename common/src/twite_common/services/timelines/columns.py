"""Pinning columns for wide screens."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, update

from twite_common import text
from twite_common.errors import Invalid
from twite_common.queries.timelines import columns as queries
from twite_common.queries.timelines import lists
from twite_common.queries.timelines.columns import Column
from twite_common.tables import preferences
from twite_common.translations import gettext as _

MAX_COUNT = 6

STORE = update(preferences).where(preferences.c.account_id == bindparam("of_account_id", type_=BigInteger))


def arrange(db: Connection, *, account_id: int, columns: Sequence[Column]) -> None:
    """Pin these columns, in this order, instead of those before; one that comes twice is pinned once.

    Raises Invalid for too many, an unknown kind, a list that isn't the account's own, and what is no hashtag.
    """
    list_ids = {own.id for own in lists.of_account(db, account_id)}
    _store(db, account_id, [_checked(column, list_ids) for column in columns])


def pin(db: Connection, *, account_id: int, column: Column) -> None:
    """Add a column after the others; where it is pinned already nothing changes. Raises Invalid as `arrange` does."""
    list_ids = {own.id for own in lists.of_account(db, account_id)}
    pinned = queries.present(queries.stored(db, account_id), list_ids)
    _store(db, account_id, [*pinned, _checked(column, list_ids)])


def unpin(db: Connection, *, account_id: int, column: Column) -> None:
    """Take a column away; where it isn't pinned nothing changes."""
    unwanted = _identity(column)
    _store(db, account_id, [one for one in queries.stored(db, account_id) if _identity(one) != unwanted])


def move(db: Connection, *, account_id: int, column: Column, position: int) -> None:
    """Give a pinned column another place, counted from 0; where it isn't pinned nothing changes."""
    wanted = _identity(column)
    stored = queries.stored(db, account_id)
    moved = [one for one in stored if _identity(one) == wanted]
    others = [one for one in stored if _identity(one) != wanted]
    place = max(position, 0)
    _store(db, account_id, [*others[:place], *moved, *others[place:]])


def _store(db: Connection, account_id: int, columns: Sequence[Column]) -> None:
    unique: dict[tuple[str, int, str], Column] = {}
    for column in columns:
        unique.setdefault(_identity(column), column)
    if len(unique) > MAX_COUNT:
        raise Invalid(_("You can pin up to %(count)s columns.", count=MAX_COUNT))
    db.execute(
        STORE.values(pinned_columns=msgspec.json.encode(list(unique.values())).decode()), {"of_account_id": account_id}
    )


def _checked(column: Column, list_ids: set[int]) -> Column:
    match column.kind:
        case "home" | "notifications":
            return Column(column.kind)
        case "list" if column.list_id in list_ids:
            return Column("list", list_id=column.list_id)
        case "list":
            raise Invalid(_("There is no such list."))
        case "tag":
            name = (column.tag or "").strip().removeprefix("#")
            if not text.is_hashtag(name):
                raise Invalid(_("This is no hashtag."))
            return Column("tag", tag=name)
    raise Invalid(_("A column shows the home timeline, notifications, a list or a hashtag."))


def _identity(column: Column) -> tuple[str, int, str]:
    return (column.kind, column.list_id or 0, text.hashtag_key((column.tag or "").removeprefix("#")))
