"""Lists of accounts; only their owners see them."""

from collections.abc import Collection

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, func, select

from twite_common.queries.paging import Listed, Page, Pageable
from twite_common.sql.dialects import among
from twite_common.tables import list_, list_member
from twite_common.visibility import present


class List(msgspec.Struct, frozen=True):
    """Accounts whose posts make a timeline of their own.

    `replies_policy` says whose answers to others are shown in it: to those one follows (followed), to members (list),
    or none. Members of an `exclusive` list aren't in the home timeline.
    """

    id: int
    title: str
    replies_policy: str
    exclusive: bool


_COLUMNS = [list_.c[name] for name in List.__struct_fields__]
_OWN = list_.c.account_id == bindparam("account_id", type_=BigInteger)
OF_ACCOUNT = select(*_COLUMNS).where(_OWN).order_by(list_.c.id)
GET = select(*_COLUMNS).where(_OWN, list_.c.id == bindparam("id", type_=BigInteger))
WITH_MEMBER = (
    select(*_COLUMNS)
    .join(list_member, list_member.c.list_id == list_.c.id)
    .where(_OWN, list_member.c.account_id == bindparam("member_id", type_=BigInteger))
    .order_by(list_.c.id)
)
MEMBERS_COUNTS = (
    select(list_member.c.list_id, func.count())
    .join(list_, list_.c.id == list_member.c.list_id)
    .where(_OWN, present(list_member.c.account_id))
    .group_by(list_member.c.list_id)
)
AMONG = select(list_member.c.account_id).where(
    list_member.c.list_id == bindparam("list_id", type_=BigInteger), among(list_member.c.account_id, "ids")
)
MEMBERS = Pageable(
    select(list_member.c.id, list_member.c.account_id).where(
        list_member.c.list_id == bindparam("list_id", type_=BigInteger), present(list_member.c.account_id)
    ),
    list_member.c.id,
)


def of_account(db: Connection, account_id: int) -> list[List]:
    """Return an account's lists, the first made first."""
    return [List(*row) for row in db.execute(OF_ACCOUNT, {"account_id": account_id})]


def get(db: Connection, list_id: int, *, account_id: int) -> List | None:
    """Return a list, if it is the account's own."""
    row = db.execute(GET, {"id": list_id, "account_id": account_id}).one_or_none()
    return List(*row) if row else None


def with_member(db: Connection, member_id: int, *, account_id: int) -> list[List]:
    """Return those of an account's lists that somebody is in."""
    return [List(*row) for row in db.execute(WITH_MEMBER, {"member_id": member_id, "account_id": account_id})]


def members_counts(db: Connection, account_id: int) -> dict[int, int]:
    """Return how many people are on those of an account's lists that somebody is on, by the list's id."""
    return {row[0]: row[1] for row in db.execute(MEMBERS_COUNTS, {"account_id": account_id})}


def members_among(db: Connection, list_id: int, account_ids: Collection[int]) -> set[int]:
    """Return which of some accounts are on a list."""
    return set(db.scalars(AMONG, {"list_id": list_id, "ids": list(account_ids)})) if account_ids else set()


def members(db: Connection, list_id: int, page: Page) -> list[Listed]:
    """Return who is in a list, the last added first. Whose list it is is to be asked before."""
    return [Listed(row[0], row[1]) for row in MEMBERS.rows(db, page, {"list_id": list_id})]
