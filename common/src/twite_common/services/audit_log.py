"""The audit log of what staff did, written in the same transaction as the action."""

from sqlalchemy import Connection, insert

from twite_common import ids
from twite_common.queries.viewers import Viewer
from twite_common.tables import audit_entry

ADD = insert(audit_entry)


def record(
    db: Connection,
    viewer: Viewer | None,
    action: str,
    target_kind: str,
    *,
    now: int,
    target_id: int | None,
    target_name: str,
) -> None:
    """Write down what somebody did to what; the name is kept as it is now, since the thing itself may go.

    A viewer of None is the command line.
    """
    row = {
        "id": ids.new(now),
        "account_id": viewer.account_id if viewer is not None else None,
        "by_command": viewer is None,
        "action": action,
        "target_kind": target_kind,
        "target_id": target_id,
        "target_name": target_name,
    }
    db.execute(ADD, row)
