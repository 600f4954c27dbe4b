"""Actions against accounts, as their owners see them."""

from collections.abc import Collection

import msgspec
from sqlalchemy import BigInteger, Connection, and_, bindparam, func, select

from twite_common import clock, ids
from twite_common.queries.paging import Page, Pageable
from twite_common.sql.dialects import among
from twite_common.tables import account, account_warning
from twite_common.visibility import VIEWER, admitted

APPEAL_MS = 20 * clock.DAY
"""How long somebody can appeal."""


class AccountWarning(msgspec.Struct, frozen=True):
    """What was done about an account and why; `post_ids`, as JSON, are the posts that were reported.

    `appeal` is what its owner answered; `appeal_state` then is pending, approved or rejected.
    """

    id: int
    target_id: int
    action: str
    text: str
    post_ids: str
    appeal: str | None
    appeal_state: str | None

    def posts(self) -> list[int]:
        """Return the ids of the posts that were reported."""
        return msgspec.json.decode(self.post_ids, type=list[int])

    def may_be_appealed(self, now: int) -> bool:
        """Say whether the account's owner can still appeal: once, and within 20 days."""
        return self.appeal is None and now < ids.created_at(self.id) + APPEAL_MS


class Appealed(msgspec.Struct, frozen=True):
    """A warning that waits for somebody to decide about its appeal, and the name of whom it was for."""

    warning: AccountWarning
    username: str
    role: str


_WARNING = select(*[account_warning.c[name] for name in AccountWarning.__struct_fields__])
ONE = _WARNING.where(account_warning.c.id == bindparam("id", type_=BigInteger))
_PENDING = and_(account_warning.c.appeal_state == "pending", admitted(account_warning.c.target_id))
PENDING = (
    _WARNING.add_columns(account.c.username, account.c.role)
    .join(account, account.c.id == account_warning.c.target_id)
    .where(_PENDING)
    .order_by(account_warning.c.id)
    .limit(bindparam("limit"))
)
COUNT_PENDING = select(func.count()).select_from(account_warning).where(_PENDING)
OWN = _WARNING.where(among(account_warning.c.id, "ids"), account_warning.c.target_id == VIEWER)
OF_ACCOUNT = Pageable(_WARNING.where(account_warning.c.target_id == bindparam("account_id")), account_warning.c.id)


def get(db: Connection, warning_id: int) -> AccountWarning | None:
    """Return a warning. That the viewer may see it is to be asked before."""
    row = db.execute(ONE, {"id": warning_id}).one_or_none()
    return AccountWarning(*row) if row else None


def appealed(db: Connection, *, limit: int) -> list[Appealed]:
    """Return the warnings whose appeals wait to be decided, the earliest first."""
    return [Appealed(AccountWarning(*row[:-2]), *row[-2:]) for row in db.execute(PENDING, {"limit": limit})]


def count_appealed(db: Connection) -> int:
    """Return how many appeals wait to be decided."""
    return db.scalars(COUNT_PENDING).one()


def own(db: Connection, warning_ids: Collection[int], *, viewer_id: int) -> dict[int, AccountWarning]:
    """Return those of the warnings that are the viewer's, by id."""
    if not warning_ids:
        return {}
    return {row[0]: AccountWarning(*row) for row in db.execute(OWN, {"ids": list(warning_ids), "viewer_id": viewer_id})}


def of_account(db: Connection, account_id: int, page: Page) -> list[AccountWarning]:
    """Return what was done about an account, the latest first. That the viewer may see it is to be asked before."""
    return [AccountWarning(*row) for row in OF_ACCOUNT.rows(db, page, {"account_id": account_id})]
