"""Storing how far a user has read a timeline."""

from sqlalchemy import Connection

from twite_common import ids
from twite_common.errors import Invalid
from twite_common.queries.timelines.markers import TIMELINES
from twite_common.sql.dialects import upsert
from twite_common.tables import marker
from twite_common.translations import gettext as _

_set = upsert(marker)
_KEY = [marker.c.account_id, marker.c.timeline]
_NEW = {
    "last_read_id": _set.excluded.last_read_id,
    "updated_at": _set.excluded.updated_at,
    "version": marker.c.version + 1,
}
SET = _set.on_conflict_do_update(index_elements=_KEY, set_=_NEW)
ADVANCE = _set.on_conflict_do_update(
    index_elements=_KEY, set_=_NEW, where=_set.excluded.last_read_id > marker.c.last_read_id
)


def set_marker(db: Connection, *, now: int, account_id: int, timeline: str, last_read_id: int) -> None:
    """Record the last entry of a timeline that an account has read.

    Raises Invalid for a timeline that has no marker.
    """
    db.execute(SET, _row(now, account_id, timeline, last_read_id))


def advance(db: Connection, *, now: int, account_id: int, timeline: str, last_read_id: int) -> None:
    """Record the last entry that an account has read, unless it has read a newer one, on another device perhaps.

    An id that nothing can have yet counts as the newest: it would have the marker stand still.
    Raises Invalid for a timeline that has no marker.
    """
    db.execute(ADVANCE, _row(now, account_id, timeline, min(last_read_id, ids.first_at(now + 1))))


def _row(now: int, account_id: int, timeline: str, last_read_id: int) -> dict[str, object]:
    if timeline not in TIMELINES:
        raise Invalid(_("Only the home and notifications timelines have markers."))
    return {
        "account_id": account_id,
        "timeline": timeline,
        "last_read_id": last_read_id,
        "version": 0,
        "updated_at": now,
    }
