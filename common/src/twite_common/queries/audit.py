"""The record of who looked after the site how."""

import msgspec
from sqlalchemy import Connection, select

from twite_common.queries.pages import Page, Pageable
from twite_common.tables import account, audit_entry


class Entry(msgspec.Struct, frozen=True):
    """Something that was done; `username` is None where that account is gone, and for the command line."""

    id: int
    username: str | None
    by_command: bool
    action: str
    target_kind: str
    target_id: int | None
    target_name: str


ENTRIES = Pageable(
    select(
        audit_entry.c.id,
        account.c.username,
        audit_entry.c.by_command,
        audit_entry.c.action,
        audit_entry.c.target_kind,
        audit_entry.c.target_id,
        audit_entry.c.target_name,
    ).outerjoin(account, account.c.id == audit_entry.c.account_id),
    audit_entry.c.id,
)


def entries(db: Connection, page: Page) -> list[Entry]:
    """Return what was done, the latest first."""
    return [Entry(*row) for row in ENTRIES.rows(db, page, {})]
