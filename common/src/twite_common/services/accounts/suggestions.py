"""Dismissing suggestions."""

from sqlalchemy import BigInteger, Connection, bindparam, cast, select

from twite_common.sql.dialects import upsert
from twite_common.tables import account, suggestion_dismissal

DISMISS = (
    upsert(suggestion_dismissal)
    .from_select(
        ["account_id", "dismissed_id"],
        select(cast(bindparam("by_account_id"), BigInteger), account.c.id).where(
            account.c.id == bindparam("other_id", type_=BigInteger)
        ),
    )
    .on_conflict_do_nothing()
)


def dismiss(db: Connection, *, account_id: int, dismissed_id: int) -> None:
    """Never suggest an account to somebody again; one that doesn't exist is no error."""
    db.execute(DISMISS, {"by_account_id": account_id, "other_id": dismissed_id})
