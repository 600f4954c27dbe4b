"""Ready-made texts for staff: adding, changing and removing them."""

from sqlalchemy import BigInteger, Connection, bindparam, delete, insert, update

from twite_common import ids, permissions, text
from twite_common.errors import Invalid, NotFound
from twite_common.queries.moderation import warning_presets as queries
from twite_common.queries.viewers import Viewer
from twite_common.services import audit_log
from twite_common.tables import warning_preset
from twite_common.translations import gettext as _

MAX_LENGTH = 2000
MAX_TITLE_LENGTH = 100

_ID = bindparam("the_id", type_=BigInteger)
ADD = insert(warning_preset)
CHANGE = update(warning_preset).where(warning_preset.c.id == _ID)
DROP = delete(warning_preset).where(warning_preset.c.id == _ID)


def add(db: Connection, *, now: int, viewer: Viewer, title: str, words: str) -> int:
    """Add a text and return its id.

    Raises NotAllowed without the permission, Invalid for a text or title that can't be.
    """
    permissions.check(viewer, "manage_settings")
    values = _checked(title, words)
    id = ids.new(now)
    db.execute(ADD, {"id": id, **values})
    _record(db, now, viewer, "create", id, **values)
    return id


def change(db: Connection, *, now: int, viewer: Viewer, preset_id: int, title: str, words: str) -> None:
    """Change a text; what was sent with it stays as it was.

    Raises NotAllowed without the permission, Invalid for a text or title that can't be, NotFound for no such text.
    """
    permissions.check(viewer, "manage_settings")
    values = _checked(title, words)
    if not db.execute(CHANGE.values(values), {"the_id": preset_id}).rowcount:
        raise _not_there()
    _record(db, now, viewer, "update", preset_id, **values)


def remove(db: Connection, *, now: int, viewer: Viewer, preset_id: int) -> None:
    """Remove a text. Raises NotAllowed without the permission, NotFound for no such text."""
    permissions.check(viewer, "manage_settings")
    preset = queries.get(db, preset_id)
    if preset is None:
        raise _not_there()
    db.execute(DROP, {"the_id": preset_id})
    _record(db, now, viewer, "delete", preset_id, preset.title, preset.text)


def _record(db: Connection, now: int, viewer: Viewer, action: str, preset_id: int, title: str, text: str) -> None:
    audit_log.record(
        db, viewer, action, "warning_preset", now=now, target_id=preset_id, target_name=queries.name(title, text)
    )


def _checked(title: str, words: str) -> dict[str, str]:
    title, words = text.clean_line(title), text.clean(words)
    if not words:
        raise _invalid("text", _("Please write a text."))
    if beyond := text.excess(words, MAX_LENGTH):
        raise _invalid("text", _("A text can have at most %(limit)s.", limit=beyond))
    if beyond := text.excess(title, MAX_TITLE_LENGTH):
        raise _invalid("title", _("A title can have at most %(limit)s.", limit=beyond))
    return {"title": title, "text": words}


def _invalid(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, {field: [("invalid", sentence)]})


def _not_there() -> NotFound:
    return NotFound(_("There is no such preset."))
