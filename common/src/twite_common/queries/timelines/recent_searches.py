"""What somebody looked for last; only they see it: nobody who acts for their account does."""

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, select

from twite_common import acting
from twite_common.tables import preferences, recent_search

MAX_COUNT = 20


class RecentSearch(msgspec.Struct, frozen=True):
    """A query as it was typed; its id says when."""

    id: int
    query: str


_ACCOUNT = bindparam("account_id", type_=BigInteger)
OF_ACCOUNT = (
    select(recent_search.c.id, recent_search.c.query)
    .where(recent_search.c.account_id == _ACCOUNT)
    .order_by(recent_search.c.id.desc())
    .limit(MAX_COUNT)
)
KEPT = select(preferences.c.keep_searches).where(preferences.c.account_id == _ACCOUNT)


def of_account(db: Connection, account_id: int) -> list[RecentSearch]:
    """Return an account's searches, the latest first."""
    if acting.current() is not None:
        return []
    return [RecentSearch(*row) for row in db.execute(OF_ACCOUNT, {"account_id": account_id})]


def kept(db: Connection, account_id: int) -> bool:
    """Say whether an account's searches are remembered; those of whoever acts for it are not."""
    return acting.current() is None and bool(db.scalar(KEPT, {"account_id": account_id}))
