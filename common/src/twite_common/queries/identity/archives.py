"""Archives that accounts have asked for."""

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, select

from twite_common.tables import archive, preferences

SHOWN = 20


class Archive(msgspec.Struct, frozen=True):
    """An archive. `state` is waiting, making, ready or failed; `done` of `total` steps of its making are over.

    It was asked for when its id says, and goes at `expires_at`, in milliseconds.
    """

    id: int
    state: str
    done: int
    total: int
    file: str
    bytes: int
    expires_at: int | None

    @property
    def is_open(self) -> bool:
        """Whether it is still to be made."""
        return self.state in {"waiting", "making"}

    @property
    def percent(self) -> int:
        """How far it is."""
        if self.state == "ready":
            return 100
        return min(99, 100 * self.done // self.total) if self.total else 0


_COLUMNS = [archive.c[name] for name in Archive.__struct_fields__]
_OWN = archive.c.account_id == bindparam("account_id", type_=BigInteger)
OF_ACCOUNT = select(*_COLUMNS).where(_OWN).order_by(archive.c.id.desc()).limit(SHOWN)
ONE = select(*_COLUMNS).where(_OWN, archive.c.id == bindparam("id", type_=BigInteger))
MONTHLY = select(preferences.c.archive_due_at.is_not(None)).where(
    preferences.c.account_id == bindparam("account_id", type_=BigInteger)
)
WAITING = (
    select(archive.c.id)
    .where(archive.c.state == "waiting")
    .order_by(archive.c.turn_at, archive.c.id)
    .limit(bindparam("limit", type_=BigInteger))
)


def of_account(db: Connection, account_id: int) -> list[Archive]:
    """Return an account's archives, the latest first."""
    return [Archive(*row) for row in db.execute(OF_ACCOUNT, {"account_id": account_id})]


def get(db: Connection, archive_id: int, *, account_id: int) -> Archive | None:
    """Return an archive, if it is the account's own."""
    row = db.execute(ONE, {"id": archive_id, "account_id": account_id}).one_or_none()
    return Archive(*row) if row else None


def is_monthly(db: Connection, account_id: int) -> bool:
    """Say whether an archive of the account is made every month."""
    return bool(db.scalar(MONTHLY, {"account_id": account_id}))


def waiting(db: Connection, *, limit: int = 1) -> list[int]:
    """Return the ids of archives that are to be made, the longest waiting first."""
    return list(db.scalars(WAITING, {"limit": limit}))
