"""Lists of domains that others keep, and what changes in them."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, func, select

from twite_common.queries.paging import LIMIT
from twite_common.tables import domain_list, listed_domain


class DomainList(msgspec.Struct, frozen=True):
    """A list. Times are milliseconds; `last_change` is JSON, None until it was first taken over."""

    id: int
    name: str
    url: str
    automatic: bool
    fetched_at: int | None
    due_at: int
    error: str
    taken_at: int | None
    domains_count: int
    last_change: str | None


class Change(msgspec.Struct, frozen=True):
    """How a list differs from what counts: how many domains come and go, and the first of them."""

    added: int = 0
    removed: int = 0
    first_added: tuple[str, ...] = ()
    first_removed: tuple[str, ...] = ()


_COLUMNS = [domain_list.c[name] for name in DomainList.__struct_fields__]
ALL = select(*_COLUMNS).order_by(domain_list.c.id)
ONE = select(*_COLUMNS).where(domain_list.c.id == bindparam("id", type_=BigInteger))
_SEEN_AT = bindparam("fetched_at", type_=BigInteger)
_OF_LIST = listed_domain.c.list_id == bindparam("id", type_=BigInteger)
_ADDED = (_OF_LIST, ~listed_domain.c.taken, listed_domain.c.seen_at == _SEEN_AT)
_REMOVED = (_OF_LIST, listed_domain.c.taken, listed_domain.c.seen_at < _SEEN_AT)
COUNT_ADDED = select(func.count()).select_from(listed_domain).where(*_ADDED)
COUNT_REMOVED = select(func.count()).select_from(listed_domain).where(*_REMOVED)
FIRST_ADDED = select(listed_domain.c.domain).where(*_ADDED).limit(LIMIT)
FIRST_REMOVED = select(listed_domain.c.domain).where(*_REMOVED).limit(LIMIT)


def all_lists(db: Connection) -> list[DomainList]:
    """Return all lists, the oldest first."""
    return [DomainList(*row) for row in db.execute(ALL)]


def get(db: Connection, list_id: int) -> DomainList | None:
    """Return a list."""
    row = db.execute(ONE, {"id": list_id}).one_or_none()
    return DomainList(*row) if row else None


def change(db: Connection, found: DomainList, *, shown: int) -> Change:
    """Return what taking a list over as it was last fetched would change, with the first `shown` domains."""
    if found.fetched_at is None:
        return Change()
    parameters = {"id": found.id, "fetched_at": found.fetched_at}
    first = {**parameters, "limit": shown}
    return Change(
        db.scalars(COUNT_ADDED, parameters).one(),
        db.scalars(COUNT_REMOVED, parameters).one(),
        _sorted(db.scalars(FIRST_ADDED, first).all()),
        _sorted(db.scalars(FIRST_REMOVED, first).all()),
    )


def _sorted(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(names))
