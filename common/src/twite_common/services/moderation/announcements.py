"""Announcements: writing, publishing, deleting and dismissing them, and reacting to them."""

import msgspec
from sqlalchemy import BigInteger, Connection, Text, bindparam, delete, func, insert, select, update

from twite_common import ids, permissions, text
from twite_common.errors import Invalid, NotFound
from twite_common.queries.moderation import announcements as queries
from twite_common.queries.moderation.announcements import Announcement
from twite_common.queries.viewers import Viewer
from twite_common.services import audit_log
from twite_common.services.timelines import stream_events
from twite_common.sql.dialects import upsert
from twite_common.tables import announcement, announcement_reaction, announcement_reading, emoji
from twite_common.translations import gettext as _
from twite_common.translations import ngettext

MAX_LENGTH = 5000
MAX_NAME_LENGTH = 100
MAX_REACTIONS = 8
"""How many different emojis an announcement takes."""
PUBLISHED_AT_ONCE = 50


class _Columns(msgspec.Struct, frozen=True):
    text: str
    starts_at: int | None
    ends_at: int | None
    all_day: bool
    published_at: int | None
    updated_at: int


_ID = bindparam("the_id", type_=BigInteger)
_BY = bindparam("by_account_id", type_=BigInteger)
_NAME = bindparam("the_name", type_=Text)
ADD = insert(announcement)
CHANGE = update(announcement).where(announcement.c.id == _ID)
DROP = delete(announcement).where(announcement.c.id == _ID)
DUE = (
    select(announcement.c.id)
    .where(announcement.c.published_at.is_(None), announcement.c.starts_at <= bindparam("now", type_=BigInteger))
    .order_by(announcement.c.starts_at)
    .limit(PUBLISHED_AT_ONCE)
)
ADD_READING = upsert(announcement_reading).on_conflict_do_nothing()
DROP_READINGS = delete(announcement_reading).where(announcement_reading.c.announcement_id == _ID)
_REACTIONS = announcement_reaction.c.announcement_id == _ID
NAMES = select(announcement_reaction.c.name).where(_REACTIONS).distinct()
COUNT = select(func.count()).select_from(announcement_reaction).where(_REACTIONS, announcement_reaction.c.name == _NAME)
ADD_REACTION = upsert(announcement_reaction).on_conflict_do_nothing()
DROP_REACTION = delete(announcement_reaction).where(
    _REACTIONS, announcement_reaction.c.account_id == _BY, announcement_reaction.c.name == _NAME
)
LOCK = select(announcement.c.id).where(announcement.c.id == _ID).with_for_update()
"""Whoever reacts at the same moment waits, so that there are never too many different emojis."""
OWN_EMOJI = select(emoji.c.id).where(emoji.c.shortcode == _NAME, emoji.c.disabled.is_(False))


def announce(
    db: Connection,
    *,
    now: int,
    viewer: Viewer,
    words: str,
    starts_at: int | None = None,
    ends_at: int | None = None,
    all_day: bool = False,
) -> int:
    """Announce something, at once or once it starts, and return its id.

    Raises NotAllowed without the permission, Invalid for a text or times that can't be.
    """
    permissions.check(viewer, "manage_announcements")
    id = ids.new(now)
    columns = _columns(words, starts_at, ends_at, all_day, now, None)
    if ends_at is not None and ends_at <= now:
        raise _wrong_end()
    db.execute(ADD, {"id": id, **msgspec.structs.asdict(columns)})
    _record(db, now, viewer, "create", id, columns.text)
    _show(db, id, columns, now)
    return id


def change(
    db: Connection,
    *,
    now: int,
    viewer: Viewer,
    announcement_id: int,
    words: str,
    starts_at: int | None = None,
    ends_at: int | None = None,
    all_day: bool = False,
) -> None:
    """Change an announcement; those who put it away see it again. One that is to start later disappears until then.

    Raises NotAllowed without the permission, NotFound for no announcement, Invalid for a text or times that
    can't be.
    """
    permissions.check(viewer, "manage_announcements")
    announcement = queries.get(db, announcement_id)
    if announcement is None:
        raise NotFound(_("There is no such announcement."))
    columns = _columns(words, starts_at, ends_at, all_day, now, announcement.published_at)
    db.execute(CHANGE.values(msgspec.structs.asdict(columns)), {"the_id": announcement_id})
    db.execute(DROP_READINGS, {"the_id": announcement_id})
    _record(db, now, viewer, "update", announcement_id, columns.text)
    if not _show(db, announcement_id, columns, now) and announcement.shown(now):
        stream_events.add(db, "announcement.deleted", now=now, subject_id=announcement_id)


def remove(db: Connection, *, now: int, viewer: Viewer, announcement_id: int) -> None:
    """Delete an announcement.

    Raises NotAllowed without the permission, NotFound for no announcement.
    """
    permissions.check(viewer, "manage_announcements")
    announcement = queries.get(db, announcement_id)
    if announcement is None:
        raise NotFound(_("There is no such announcement."))
    db.execute(DROP, {"the_id": announcement_id})
    _record(db, now, viewer, "delete", announcement_id, announcement.text)
    stream_events.add(db, "announcement.deleted", now=now, subject_id=announcement_id)


def publish_due(db: Connection, *, now: int) -> None:
    """Publish the announcements whose time has come."""
    for id in db.scalars(DUE, {"now": now}).all():
        db.execute(CHANGE.values(published_at=now), {"the_id": id})
        stream_events.add(db, "announcement.published", now=now, subject_id=id)


def dismiss(db: Connection, *, account_id: int, announcement_id: int) -> None:
    """Put an announcement away. Raises NotFound when there is none."""
    _published(db, announcement_id)
    db.execute(ADD_READING, {"announcement_id": announcement_id, "account_id": account_id})


def react(db: Connection, *, now: int, account_id: int, announcement_id: int, name: str) -> None:
    """React with an emoji, or the shortcode of one of the site's own; asking twice changes nothing.

    Raises NotFound for no announcement, Invalid for what is no emoji and for one more than there may be.
    """
    _published(db, announcement_id)
    if not text.is_emoji(name) and db.scalars(OWN_EMOJI, {"the_name": text.storable(name)}).one_or_none() is None:
        raise Invalid(_("Validation failed: Name is not a recognized emoji"))
    db.execute(LOCK, {"the_id": announcement_id})
    names = set(db.scalars(NAMES, {"the_id": announcement_id}))
    if name not in names and len(names) >= MAX_REACTIONS:
        raise Invalid(_("Validation failed: Limit of different reactions reached"))
    row = {"announcement_id": announcement_id, "account_id": account_id, "name": name, "id": ids.new(now)}
    if db.execute(ADD_REACTION, row).rowcount:
        _tell(db, announcement_id, name, now)


def take_back(db: Connection, *, now: int, account_id: int, announcement_id: int, name: str) -> None:
    """Take a reaction back; where there is none nothing changes. Raises NotFound for no announcement."""
    _published(db, announcement_id)
    parameters = {"the_id": announcement_id, "by_account_id": account_id, "the_name": text.storable(name)}
    if db.execute(DROP_REACTION, parameters).rowcount:
        _tell(db, announcement_id, name, now)


def _tell(db: Connection, announcement_id: int, name: str, now: int) -> None:
    count = db.scalars(COUNT, {"the_id": announcement_id, "the_name": name}).one()
    payload = {"name": name, "count": count}
    stream_events.add(db, "announcement.reacted", now=now, subject_id=announcement_id, payload=payload)


def _published(db: Connection, announcement_id: int) -> Announcement:
    announcement = queries.get(db, announcement_id)
    if announcement is None or announcement.published_at is None:
        raise NotFound(_("Record not found"))
    return announcement


def _record(db: Connection, now: int, viewer: Viewer, action: str, announcement_id: int, words: str) -> None:
    name = text.plain_excerpt(words, MAX_NAME_LENGTH)
    audit_log.record(db, viewer, action, "announcement", now=now, target_id=announcement_id, target_name=name)


def _begun(starts_at: int | None, published_at: int | None, now: int) -> int | None:
    """Return since when an announcement is published, if it begins by now."""
    return published_at or now if starts_at is None or starts_at <= now else None


def _show(db: Connection, announcement_id: int, columns: _Columns, now: int) -> bool:
    """Tell listeners of an announcement that is shown now; return whether it is."""
    if columns.published_at is None or (columns.ends_at is not None and columns.ends_at <= now):
        return False
    stream_events.add(db, "announcement.published", now=now, subject_id=announcement_id)
    return True


def _columns(
    words: str, starts_at: int | None, ends_at: int | None, all_day: bool, now: int, published_at: int | None
) -> _Columns:
    """Return the columns of what somebody wrote; only what has a beginning and an end can last whole days."""
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        raise _wrong_end()
    whole_days = all_day and starts_at is not None and ends_at is not None
    begun_at = _begun(starts_at, published_at, now)
    return _Columns(_checked(words), starts_at, ends_at, whole_days, published_at=begun_at, updated_at=now)


def _wrong_end() -> Invalid:
    sentence = _("The end must be after the start and in the future.")
    return Invalid(sentence, {"ends": [("invalid", sentence)]})


def _checked(words: str) -> str:
    words = text.clean(words)
    if not words:
        raise Invalid(_("Please write what you want to announce."))
    if len(words) > MAX_LENGTH:
        raise Invalid(
            ngettext(
                "An announcement can have at most %(count)s character.",
                "An announcement can have at most %(count)s characters.",
                MAX_LENGTH,
            )
        )
    return words
