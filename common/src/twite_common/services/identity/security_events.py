"""Recording what happens to an account, and telling its owner, who can say that it wasn't them.

The link for that (`services.identity.account_recovery`) is in each mail about what somebody else must not have done.
"""

from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, delete, insert, select

from twite_common import clock, ids
from twite_common.queries.accounts import credentials as credential_queries
from twite_common.services import one_time_links
from twite_common.services.notifications import mails
from twite_common.tables import security_event

KEEP_MS = 180 * clock.DAY
LINK = "not_me"
"""What the links are for by which the owner of an account says that it wasn't them."""

ADD = insert(security_event)
FORGET_OLD = delete(security_event).where(
    security_event.c.id.in_(
        select(security_event.c.id)
        .where(security_event.c.id < bindparam("before_id", type_=BigInteger))
        .limit(bindparam("most", type_=BigInteger))
    )
)


def record(
    db: Connection, kind: str, *, now: int, account_id: int, network: str = "", browser: str = "", detail: str = ""
) -> None:
    """Write down what happened to an account."""
    row = {
        "id": ids.new(now),
        "account_id": account_id,
        "kind": kind,
        "network": network,
        "browser": browser,
        "detail": detail,
    }
    db.execute(ADD, row)


def tell(db: Connection, kind: str, *, now: int, account_id: int, address: str = "", **detail: Any) -> None:
    """Write to the owner of an account what happened to it, with a link to say that it wasn't them.

    `address` is where to, if not to the account's own address. Whoever has that link gets the account back there.
    """
    owner = credential_queries.get(db, account_id)
    if owner is None:
        return
    to = address or owner.email
    link_id = one_time_links.add(db, LINK, now=now, account_id=account_id, detail=f"{kind} {to}")
    mails.add(db, kind, now=now, address=to, account_id=account_id, link_id=link_id, **detail)


def forget_old(db: Connection, *, now: int, limit: int) -> None:
    """Remove what happened long ago, up to `limit`."""
    db.execute(FORGET_OLD, {"before_id": ids.first_at(now - KEEP_MS), "most": limit})
