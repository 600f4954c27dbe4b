"""Storing how far a user has read a timeline."""

from sqlalchemy import Connection

from twite_common.errors import Invalid
from twite_common.sql.dialects import upsert
from twite_common.tables import marker
from twite_common.translations import gettext as _

TIMELINES = ("home", "notifications")

_set = upsert(marker)
SET = _set.on_conflict_do_update(
    index_elements=[marker.c.account_id, marker.c.timeline],
    set_={
        "last_read_id": _set.excluded.last_read_id,
        "updated_at": _set.excluded.updated_at,
        "version": marker.c.version + 1,
    },
)


def set_marker(db: Connection, *, now: int, account_id: int, timeline: str, last_read_id: int) -> None:
    """Record the last entry of a timeline that an account has read.

    Raises Invalid for a timeline that has no marker.
    """
    if timeline not in TIMELINES:
        raise Invalid(_("Only the home and notifications timelines have markers."))
    row = {
        "account_id": account_id,
        "timeline": timeline,
        "last_read_id": last_read_id,
        "version": 0,
        "updated_at": now,
    }
    db.execute(SET, row)
