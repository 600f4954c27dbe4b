"""The audit log: what staff did."""

import msgspec
from sqlalchemy import Connection, and_, exists, or_, select

from twite_common.queries.paging import Page, Pageable
from twite_common.tables import account, audit_entry, credentials, report
from twite_common.visibility import admitted


class Entry(msgspec.Struct, frozen=True):
    """Something that was done; `username` is None where that account is gone, and for the command line."""

    id: int
    username: str | None
    by_command: bool
    action: str
    target_kind: str
    target_id: int | None
    target_name: str
    target_present: bool
    """Whether the account or report that something was done to is still there."""


ENTRIES = Pageable(
    select(
        audit_entry.c.id,
        account.c.username,
        audit_entry.c.by_command,
        audit_entry.c.action,
        audit_entry.c.target_kind,
        audit_entry.c.target_id,
        audit_entry.c.target_name,
        or_(
            and_(
                audit_entry.c.target_kind == "account",
                exists().where(credentials.c.account_id == audit_entry.c.target_id),
            ),
            and_(
                audit_entry.c.target_kind == "report",
                exists().where(
                    report.c.id == audit_entry.c.target_id, admitted(report.c.account_id), admitted(report.c.target_id)
                ),
            ),
        ),
    ).outerjoin(account, and_(account.c.id == audit_entry.c.account_id, ~account.c.pending)),
    audit_entry.c.id,
)


def entries(db: Connection, page: Page) -> list[Entry]:
    """Return what was done, the latest first."""
    return [Entry(*row) for row in ENTRIES.rows(db, page, {})]
