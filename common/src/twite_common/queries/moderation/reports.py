"""What people have reported to staff."""

from collections.abc import Collection

import msgspec
from sqlalchemy import BigInteger, Boolean, Connection, bindparam, func, or_, select

from twite_common.queries.paging import Page, Pageable
from twite_common.sql.dialects import among
from twite_common.tables import report
from twite_common.visibility import admitted


class Report(msgspec.Struct, frozen=True):
    """A report of an account and some of its posts. Times are milliseconds; `post_ids` and `rule_ids` are JSON."""

    id: int
    account_id: int
    target_id: int
    category: str
    comment: str
    post_ids: str
    rule_ids: str
    forwarded: bool
    assigned_id: int | None
    resolved_at: int | None
    resolved_by_id: int | None
    updated_at: int

    def posts(self) -> list[int]:
        """Return the ids of the posts that are reported."""
        return msgspec.json.decode(self.post_ids, type=list[int])

    def rules(self) -> list[int]:
        """Return the ids of the rules that are said to be broken."""
        return msgspec.json.decode(self.rule_ids, type=list[int])


_COLUMNS = [report.c[name] for name in Report.__struct_fields__]
_RESOLVED = bindparam("resolved", type_=Boolean)
_ACCOUNT = bindparam("account_id", type_=BigInteger)
_TARGET = bindparam("target_id", type_=BigInteger)
_OPEN = report.c.resolved_at.is_(None)
_ADMITTED = (admitted(report.c.account_id), admitted(report.c.target_id))
LOAD = select(*_COLUMNS).where(among(report.c.id, "ids"), *_ADMITTED)
LIST = Pageable(
    select(*_COLUMNS).where(
        or_(bindparam("of_any", type_=Boolean), _RESOLVED != _OPEN),
        or_(_ACCOUNT.is_(None), report.c.account_id == _ACCOUNT),
        or_(_TARGET.is_(None), report.c.target_id == _TARGET),
        *_ADMITTED,
    ),
    report.c.id,
)
OPEN_ABOUT = select(report.c.id).where(_OPEN, report.c.target_id == _TARGET)
COUNT_OPEN = select(func.count()).select_from(report).where(_OPEN, *_ADMITTED)


def load(db: Connection, report_ids: Collection[int]) -> dict[int, Report]:
    """Return reports by id. Whether the viewer may see them is to be asked before."""
    if not report_ids:
        return {}
    return {row[0]: Report(*row) for row in db.execute(LOAD, {"ids": list(report_ids)})}


def get(db: Connection, report_id: int) -> Report | None:
    """Return a report. Whether the viewer may see it is to be asked before."""
    return load(db, [report_id]).get(report_id)


def several(
    db: Connection,
    page: Page,
    *,
    resolved: bool | None = False,
    account_id: int | None = None,
    target_id: int | None = None,
) -> list[Report]:
    """Return reports, the latest first: open ones, resolved ones, or with None both; by somebody, about somebody."""
    parameters = {
        "of_any": resolved is None,
        "resolved": bool(resolved),
        "account_id": account_id,
        "target_id": target_id,
    }
    return [Report(*row) for row in LIST.rows(db, page, parameters)]


def open_about(db: Connection, target_id: int) -> list[int]:
    """Return the ids of the reports about an account that nobody has settled yet."""
    return list(db.scalars(OPEN_ABOUT, {"target_id": target_id}))


def count_open(db: Connection) -> int:
    """Return how many reports nobody has settled yet."""
    return db.scalars(COUNT_OPEN).one()
