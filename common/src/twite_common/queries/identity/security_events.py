"""What happened to an account that its owner should know."""

import msgspec
from sqlalchemy import BigInteger, Connection, Text, bindparam, select

from twite_common import ids
from twite_common.queries.paging import Page, Pageable
from twite_common.tables import security_event


class SecurityEvent(msgspec.Struct, frozen=True):
    """Something that happened; the id says when. `network` and `browser` are known of log-ins."""

    id: int
    kind: str
    network: str
    browser: str
    detail: str


OF_ACCOUNT = Pageable(
    select(*[security_event.c[name] for name in SecurityEvent.__struct_fields__]).where(
        security_event.c.account_id == bindparam("of_account_id", type_=BigInteger)
    ),
    security_event.c.id,
)

SINCE = (
    select(security_event.c.id)
    .where(
        security_event.c.account_id == bindparam("of_account_id", type_=BigInteger),
        security_event.c.id >= bindparam("first_id", type_=BigInteger),
        security_event.c.kind == bindparam("of_kind", type_=Text),
    )
    .limit(1)
)


def of_account(db: Connection, account_id: int, page: Page) -> list[SecurityEvent]:
    """Return what happened to an account, the latest first."""
    return [SecurityEvent(*row) for row in OF_ACCOUNT.rows(db, page, {"of_account_id": account_id})]


def happened(db: Connection, account_id: int, kind: str, *, since: int) -> bool:
    """Say whether something has happened to an account since a time in milliseconds."""
    parameters = {"of_account_id": account_id, "first_id": ids.first_at(since), "of_kind": kind}
    return db.scalar(SINCE, parameters) is not None
