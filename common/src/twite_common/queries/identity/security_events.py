"""What happened to an account that its owner should know."""

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, select

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


def of_account(db: Connection, account_id: int, page: Page) -> list[SecurityEvent]:
    """Return what happened to an account, the latest first."""
    return [SecurityEvent(*row) for row in OF_ACCOUNT.rows(db, page, {"of_account_id": account_id})]
