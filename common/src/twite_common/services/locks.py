"""Serializing actions that would each be right alone, but not at the same time.

The order is the same everywhere, so that no two transactions wait for each other: posts first, then accounts.
"""

from sqlalchemy import BigInteger, Connection, bindparam, select

from twite_common.tables import account, post

ACCOUNT = select(account.c.id).where(account.c.id == bindparam("the_id", type_=BigInteger))
LOCK_ACCOUNT = ACCOUNT.with_for_update(key_share=True)
LOCK_WHOLE_ACCOUNT = ACCOUNT.with_for_update()
KEEP_POST = (
    select(post.c.id)
    .where(post.c.id == bindparam("the_id", type_=BigInteger))
    .with_for_update(read=True, key_share=True)
)


def take(db: Connection, account_id: int) -> None:
    """Keep others waiting until the transaction ends who would count what an account has, and add to it."""
    db.execute(LOCK_ACCOUNT, {"the_id": account_id})


def take_whole(db: Connection, account_id: int) -> None:
    """Keep others waiting, too, who would add a row that names an account: for what has it go."""
    db.execute(LOCK_WHOLE_ACCOUNT, {"the_id": account_id})


def keep_post(db: Connection, post_id: int) -> None:
    """Keep a post from being deleted until the transaction ends: for what names it, and comes before `take`."""
    db.execute(KEEP_POST, {"the_id": post_id})
