"""What was done about accounts, as their owners are told."""

from collections.abc import Collection

import msgspec
from sqlalchemy import Connection, bindparam, select

from twite_common.queries.pages import Page, Pageable
from twite_common.tables import account_warning
from twite_common.visibility import VIEWER


class AccountWarning(msgspec.Struct, frozen=True):
    """What was done about an account and why; `post_ids`, as JSON, are the posts that were reported."""

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


_WARNING = select(*[account_warning.c[name] for name in AccountWarning.__struct_fields__])
OWN = _WARNING.where(account_warning.c.id.in_(bindparam("ids", expanding=True)), account_warning.c.target_id == VIEWER)
OF_ACCOUNT = Pageable(_WARNING.where(account_warning.c.target_id == bindparam("account_id")), account_warning.c.id)


def own(db: Connection, warning_ids: Collection[int], *, viewer_id: int) -> dict[int, AccountWarning]:
    """Return those of the warnings that are the viewer's, by id."""
    if not warning_ids:
        return {}
    return {row[0]: AccountWarning(*row) for row in db.execute(OWN, {"ids": list(warning_ids), "viewer_id": viewer_id})}


def of_account(db: Connection, account_id: int, page: Page) -> list[AccountWarning]:
    """Return what was done about an account, the latest first. That the viewer may see it is to be asked before."""
    return [AccountWarning(*row) for row in OF_ACCOUNT.rows(db, page, {"account_id": account_id})]
