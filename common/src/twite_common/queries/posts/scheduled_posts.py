"""Scheduled posts; only their authors see them."""

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, select

from twite_common.drafts import Draft
from twite_common.queries.paging import Page, Pageable
from twite_common.tables import scheduled_post


class Scheduled(msgspec.Struct, frozen=True):
    """A post or a thread that waits for its time, in milliseconds. `draft` is JSON, a list for a thread."""

    id: int
    account_id: int
    application_id: int | None
    due_at: int
    draft: str

    def decoded(self) -> tuple[Draft, ...]:
        """Return what is to be published, in order."""
        written: Draft | tuple[Draft, ...] = msgspec.json.decode(self.draft, type=Draft | tuple[Draft, ...])
        return (written,) if isinstance(written, Draft) else written


COLUMNS = [scheduled_post.c[name] for name in Scheduled.__struct_fields__]
_ACCOUNT = scheduled_post.c.account_id == bindparam("account_id", type_=BigInteger)
LIST = Pageable(select(*COLUMNS).where(_ACCOUNT), scheduled_post.c.id)
ONE = select(*COLUMNS).where(_ACCOUNT, scheduled_post.c.id == bindparam("id", type_=BigInteger))


def of_account(db: Connection, account_id: int, page: Page) -> list[Scheduled]:
    """Return what an account has scheduled, the last scheduled first."""
    return [Scheduled(*row) for row in LIST.rows(db, page, {"account_id": account_id})]


def get(db: Connection, scheduled_id: int, *, account_id: int) -> Scheduled | None:
    """Return a scheduled post, if it is the account's own."""
    row = db.execute(ONE, {"account_id": account_id, "id": scheduled_id}).one_or_none()
    return Scheduled(*row) if row else None
