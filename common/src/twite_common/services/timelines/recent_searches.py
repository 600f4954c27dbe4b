"""Remembering what somebody looks for, as long as they like."""

from sqlalchemy import BigInteger, Connection, bindparam, delete, update

from twite_common import ids, text
from twite_common.errors import NotFound
from twite_common.queries.timelines import recent_searches as queries
from twite_common.queries.timelines.recent_searches import MAX_COUNT
from twite_common.sql.dialects import among, upsert
from twite_common.tables import preferences, recent_search
from twite_common.translations import gettext as _

MAX_LENGTH = 200
"""Characters of a query that are remembered; longer ones were pasted, not thought of."""

_ACCOUNT = bindparam("of_account_id", type_=BigInteger)
_add = upsert(recent_search)
ADD = _add.on_conflict_do_update(
    index_elements=[recent_search.c.account_id, recent_search.c.query], set_={"id": _add.excluded.id}
)
DROP = delete(recent_search).where(recent_search.c.account_id == _ACCOUNT, among(recent_search.c.id, "ids"))
CLEAR = delete(recent_search).where(recent_search.c.account_id == _ACCOUNT)
KEEP = update(preferences).where(preferences.c.account_id == _ACCOUNT)


def remember(db: Connection, *, now: int, account_id: int, query: str) -> None:
    """Remember what an account looks for, as its latest search, unless it doesn't want that; the oldest go."""
    line = text.clean_line("".join(sign if sign.isprintable() else " " for sign in query))
    if not line or len(line) > MAX_LENGTH or not queries.kept(db, account_id):
        return
    searches = queries.of_account(db, account_id)
    if searches and searches[0].query == line:
        return
    db.execute(ADD, {"id": ids.new(now), "account_id": account_id, "query": line})
    too_many = [search.id for search in searches if search.query != line][MAX_COUNT - 1 :]
    if too_many:
        db.execute(DROP, {"of_account_id": account_id, "ids": too_many})


def forget(db: Connection, *, account_id: int, search_id: int) -> None:
    """Forget one search. Raises NotFound unless it is the account's own."""
    if not db.execute(DROP, {"of_account_id": account_id, "ids": [search_id]}).rowcount:
        raise NotFound(_("There is no such search."))


def forget_all(db: Connection, *, account_id: int) -> None:
    """Forget all of an account's searches."""
    db.execute(CLEAR, {"of_account_id": account_id})


def keep(db: Connection, *, account_id: int, wanted: bool) -> None:
    """Remember an account's searches from now on, or no longer: then those that were are forgotten."""
    db.execute(KEEP.values(keep_searches=wanted), {"of_account_id": account_id})
    if not wanted:
        forget_all(db, account_id=account_id)
