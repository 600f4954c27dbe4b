"""Choosing the picture that stands for the site."""

from sqlalchemy import Connection, Text, bindparam, delete

from twite_common import permissions
from twite_common.errors import Invalid, NotFound
from twite_common.queries.moderation import site_pictures as queries
from twite_common.queries.viewers import Viewer
from twite_common.services import audit_log
from twite_common.services.posts import media
from twite_common.sql.dialects import upsert
from twite_common.tables import site_picture
from twite_common.translations import gettext as _

PERMISSION = "manage_settings"
ONLY_ROW = 1
NAME = "picture"
"""What the audit log calls it."""

_kept = upsert(site_picture).values(
    id=ONLY_ROW, picture=bindparam("file", type_=Text), description=bindparam("words", type_=Text)
)
KEEP = _kept.on_conflict_do_update(
    index_elements=[site_picture.c.id],
    set_={name: _kept.excluded[name] for name in ("picture", "description")},
)
REMOVE = delete(site_picture)


def check(*, viewer: Viewer, description: str) -> str:
    """Return a description as it is kept, so that no picture is stored that can't be chosen.

    Raises NotAllowed without the permission, Invalid for a description that is too long.
    """
    permissions.check(viewer, PERMISSION)
    return media.checked_description(description)


def choose(db: Connection, *, now: int, viewer: Viewer, description: str, picture: str | None = None) -> None:
    """Have a picture, which is in the media folder already, stand for the site; None leaves the one that does.

    Raises what `check` raises, and Invalid where there is none to be left.
    """
    words = check(viewer=viewer, description=description)
    before = queries.current(db)
    if picture is None and before is None:
        sentence = _("Please choose a picture.")
        raise Invalid(sentence, {"picture": [("ERR_BLANK", sentence)]})
    db.execute(KEEP, {"file": picture or (before.picture if before else ""), "words": words})
    audit_log.record(db, viewer, "update", "site_picture", now=now, target_id=ONLY_ROW, target_name=NAME)
    if before is not None:
        media.forget_files(db, [before.picture], now=now)


def remove(db: Connection, *, now: int, viewer: Viewer) -> None:
    """Have no picture of its own stand for the site.

    Raises NotAllowed without the permission, NotFound where there is none.
    """
    permissions.check(viewer, PERMISSION)
    before = queries.current(db)
    if before is None:
        raise NotFound(_("This site has no picture of its own."))
    db.execute(REMOVE)
    audit_log.record(db, viewer, "destroy", "site_picture", now=now, target_id=ONLY_ROW, target_name=NAME)
    media.forget_files(db, [before.picture], now=now)
