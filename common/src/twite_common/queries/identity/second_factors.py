"""What is known of an account's second factors; their secrets aren't."""

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, func, select

from twite_common.tables import recovery_code, second_factor


class SecondFactor(msgspec.Struct, frozen=True):
    """A second factor. Times are milliseconds."""

    id: int
    kind: str
    name: str
    used_at: int | None


_ACCOUNT = bindparam("of_account_id", type_=BigInteger)
OF_ACCOUNT = (
    select(*[second_factor.c[name] for name in SecondFactor.__struct_fields__])
    .where(second_factor.c.account_id == _ACCOUNT)
    .order_by(second_factor.c.id)
)
COUNT_RECOVERY_CODES = select(func.count()).select_from(recovery_code).where(recovery_code.c.account_id == _ACCOUNT)


def of_account(db: Connection, account_id: int) -> list[SecondFactor]:
    """Return an account's second factors, the oldest first."""
    return [SecondFactor(*row) for row in db.execute(OF_ACCOUNT, {"of_account_id": account_id})]


def count_recovery_codes(db: Connection, account_id: int) -> int:
    """Return how many recovery codes an account has left."""
    return db.scalars(COUNT_RECOVERY_CODES, {"of_account_id": account_id}).one()
