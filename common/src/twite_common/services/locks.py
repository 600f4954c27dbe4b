"""Serializing actions that would each be right alone, but not at the same time."""

from sqlalchemy import BigInteger, Connection, bindparam, select

from twite_common.tables import account

ACCOUNT = select(account.c.id).where(account.c.id == bindparam("the_id", type_=BigInteger))
LOCK_ACCOUNT = ACCOUNT.with_for_update(key_share=True)


def take(db: Connection, account_id: int) -> None:
    """Keep others waiting until the transaction ends who would count what an account has, and add to it."""
    db.execute(LOCK_ACCOUNT, {"the_id": account_id})
