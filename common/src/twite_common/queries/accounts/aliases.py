"""Other accounts that users say are theirs."""

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, select

from twite_common.tables import account_alias
from twite_common.visibility import VIEWER


class Alias(msgspec.Struct, frozen=True):
    """An account elsewhere, such as `ann@other.example`."""

    id: int
    address: str
    shown: bool


OWN = (
    select(account_alias.c.id, account_alias.c.address, account_alias.c.shown)
    .where(account_alias.c.account_id == VIEWER)
    .order_by(account_alias.c.id)
)


SHOWN = (
    select(account_alias.c.address)
    .where(account_alias.c.account_id == bindparam("of_account_id", type_=BigInteger), account_alias.c.shown)
    .order_by(account_alias.c.id)
)


def own(db: Connection, *, viewer_id: int) -> list[Alias]:
    """Return the viewer's aliases, the oldest first."""
    return [Alias(*row) for row in db.execute(OWN, {"viewer_id": viewer_id})]


def shown(db: Connection, account_id: int) -> tuple[str, ...]:
    """Return the addresses of those aliases that an account shows to everybody, the oldest first."""
    return tuple(db.scalars(SHOWN, {"of_account_id": account_id}))
