"""Drafts kept on the server; only their authors see them."""

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, func, select

from twite_common.drafts import Draft
from twite_common.queries.paging import Page, Pageable
from twite_common.tables import draft


class KeptDraft(msgspec.Struct, frozen=True):
    """What somebody hasn't finished. Times are milliseconds; `parts` is JSON; `version` grows with every change.

    `scheduled_at` is when it is meant to be published: until it is scheduled nothing happens then.
    """

    id: int
    account_id: int
    parts: str
    scheduled_at: int | None
    updated_at: int
    version: int

    def decoded(self) -> tuple[Draft, ...]:
        """Return the posts that it is to become: one, or several of which each answers the one before."""
        return msgspec.json.decode(self.parts, type=tuple[Draft, ...])


COLUMNS = [draft.c[name] for name in KeptDraft.__struct_fields__]
_ACCOUNT = draft.c.account_id == bindparam("account_id", type_=BigInteger)
LIST = Pageable(select(*COLUMNS).where(_ACCOUNT), draft.c.id)
ONE = select(*COLUMNS).where(_ACCOUNT, draft.c.id == bindparam("id", type_=BigInteger))
COUNT = select(func.count()).select_from(draft).where(_ACCOUNT)


def of_account(db: Connection, account_id: int, page: Page) -> list[KeptDraft]:
    """Return an account's drafts, the last begun first."""
    return [KeptDraft(*row) for row in LIST.rows(db, page, {"account_id": account_id})]


def get(db: Connection, draft_id: int, *, account_id: int) -> KeptDraft | None:
    """Return a draft, if it is the account's own."""
    row = db.execute(ONE, {"account_id": account_id, "id": draft_id}).one_or_none()
    return KeptDraft(*row) if row else None


def count(db: Connection, account_id: int) -> int:
    """Return how many drafts an account has."""
    return db.execute(COUNT, {"account_id": account_id}).scalar_one()
