"""Marking what is done of the list for whoever runs a new site."""

from sqlalchemy import BigInteger, Connection, Text, bindparam

from twite_common import permissions
from twite_common.errors import NotFound
from twite_common.queries.operations.checklist import BACKUP, BY_HAND
from twite_common.queries.viewers import Viewer
from twite_common.sql.dialects import upsert
from twite_common.tables import checklist_mark
from twite_common.translations import gettext as _

_mark = upsert(checklist_mark).values(name=bindparam("name", type_=Text), marked_at=bindparam("now", type_=BigInteger))
MARK = _mark.on_conflict_do_update(index_elements=[checklist_mark.c.name], set_={"marked_at": _mark.excluded.marked_at})


def mark(db: Connection, *, now: int, viewer: Viewer, name: str) -> None:
    """Mark something as done that shows nowhere else.

    Raises NotAllowed without the permission, NotFound for what isn't marked by hand.
    """
    permissions.check(viewer, "view_devops")
    if name not in BY_HAND:
        raise NotFound(_("There is no such item."))
    db.execute(MARK, {"name": name, "now": now})


def mark_backup(db: Connection, *, now: int) -> None:
    """Note that a backup was made."""
    db.execute(MARK, {"name": BACKUP, "now": now})
