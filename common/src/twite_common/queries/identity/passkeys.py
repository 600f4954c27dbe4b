"""What is known of an account's passkeys."""

import msgspec
from sqlalchemy import BigInteger, Connection, LargeBinary, bindparam, select

from twite_common.tables import passkey


class Passkey(msgspec.Struct, frozen=True):
    """A passkey. Times are milliseconds; `verifies_user` says that it checks who uses it, by a fingerprint or a PIN."""

    id: int
    account_id: int
    name: str
    credential_id: bytes
    public_key: bytes
    sign_count: int
    verifies_user: bool
    used_at: int | None


_COLUMNS = [passkey.c[name] for name in Passkey.__struct_fields__]
OF_ACCOUNT = (
    select(*_COLUMNS).where(passkey.c.account_id == bindparam("of_account_id", type_=BigInteger)).order_by(passkey.c.id)
)
BY_CREDENTIAL = select(*_COLUMNS).where(passkey.c.credential_id == bindparam("credential_id", type_=LargeBinary))


def of_account(db: Connection, account_id: int) -> list[Passkey]:
    """Return an account's passkeys, the oldest first."""
    return [Passkey(*row) for row in db.execute(OF_ACCOUNT, {"of_account_id": account_id})]


def by_credential(db: Connection, credential_id: bytes) -> Passkey | None:
    """Return the passkey that calls itself so."""
    row = db.execute(BY_CREDENTIAL, {"credential_id": credential_id}).one_or_none()
    return Passkey(*row) if row else None
