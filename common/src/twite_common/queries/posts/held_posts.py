"""Posts that wait until staff have looked at them."""

import msgspec
from sqlalchemy import BigInteger, Connection, and_, bindparam, func, select

from twite_common.drafts import Draft
from twite_common.queries.paging import LIMIT, Page, Pageable
from twite_common.sql.dialects import among
from twite_common.sql.types import AnySelect
from twite_common.tables import account, held_post
from twite_common.visibility import admitted


class HeldPost(msgspec.Struct, frozen=True):
    """A post or a thread that is held, by whom and why. `drafts` is JSON; `rejected_at` is in milliseconds."""

    id: int
    account_id: int
    username: str
    application_id: int | None
    drafts: str
    reason: str
    explanation: str
    rejected_at: int | None
    note: str
    writer_id: int | None

    def decoded(self) -> tuple[Draft, ...]:
        """Return what is to be published, in order."""
        return msgspec.json.decode(self.drafts, type=tuple[Draft, ...])


_SELECTED: AnySelect = select(
    held_post.c.id,
    held_post.c.account_id,
    account.c.username,
    held_post.c.application_id,
    held_post.c.drafts,
    held_post.c.reason,
    held_post.c.explanation,
    held_post.c.rejected_at,
    held_post.c.note,
    held_post.c.writer_id,
).join(account, and_(account.c.id == held_post.c.account_id, ~account.c.pending))
_ACCOUNT_ID = bindparam("account_id", type_=BigInteger)
WAITING = Pageable(_SELECTED.where(held_post.c.rejected_at.is_(None)), held_post.c.id)
REJECTED = _SELECTED.where(held_post.c.rejected_at.is_not(None)).order_by(held_post.c.rejected_at.desc()).limit(LIMIT)
SEVERAL = _SELECTED.where(among(held_post.c.id, "ids")).order_by(held_post.c.id)
OF_ACCOUNT = Pageable(
    _SELECTED.where(held_post.c.account_id == _ACCOUNT_ID, held_post.c.rejected_at.is_(None)), held_post.c.id
)
COUNT = (
    select(func.count())
    .select_from(held_post)
    .where(held_post.c.rejected_at.is_(None), admitted(held_post.c.account_id))
)


def waiting(db: Connection, page: Page) -> list[HeldPost]:
    """Return what waits for a decision, the latest first."""
    return [HeldPost(*row) for row in WAITING.rows(db, page, {})]


def rejected(db: Connection, *, limit: int) -> list[HeldPost]:
    """Return what was decided against, the latest decision first."""
    return [HeldPost(*row) for row in db.execute(REJECTED, {"limit": limit})]


def load(db: Connection, held_ids: list[int]) -> list[HeldPost]:
    """Return held posts by their ids, the oldest first."""
    return [HeldPost(*row) for row in db.execute(SEVERAL, {"ids": held_ids})]


def of_account(db: Connection, account_id: int, page: Page) -> list[HeldPost]:
    """Return what waits of an account's own, the latest first."""
    return [HeldPost(*row) for row in OF_ACCOUNT.rows(db, page, {"account_id": account_id})]


def count(db: Connection) -> int:
    """Return how much waits for a decision."""
    return db.scalars(COUNT).one()
