"""Writing the texts about the site. Every version is kept: people agreed to the one in effect then."""

from sqlalchemy import Connection, insert

from twite_common import ids, permissions, text
from twite_common.errors import Invalid, NotFound
from twite_common.queries.viewers import Viewer
from twite_common.services import audit_log
from twite_common.tables import site_text
from twite_common.translations import gettext as _
from twite_common.translations import ngettext

NAMES = ("about", "privacy", "terms")
MAX_LENGTH = 100_000

ADD = insert(site_text)


def write(db: Connection, *, now: int, viewer: Viewer, name: str, words: str, effective_at: int | None = None) -> None:
    """Give the site a text from a time on, at once unless said otherwise; an empty one takes it away.

    Raises NotAllowed without the permission, NotFound for a name that no text has, Invalid for a text
    that can't be or a time that is over.
    """
    permissions.check(viewer, "manage_settings")
    if name not in NAMES:
        raise NotFound(_("There is no such text."))
    words = text.clean(words)
    if len(words) > MAX_LENGTH:
        raise Invalid(
            ngettext(
                "The text can have at most %(count)s character.",
                "The text can have at most %(count)s characters.",
                MAX_LENGTH,
            )
        )
    if effective_at is not None and effective_at < now:
        raise Invalid(_("A text can't come into effect in the past."))
    id = ids.new(now)
    db.execute(ADD, {"id": id, "name": name, "text": words, "effective_at": effective_at or now})
    audit_log.record(db, viewer, "update", "site_text", now=now, target_id=id, target_name=name)
