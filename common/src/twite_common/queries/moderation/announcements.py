"""Announcements to all users, and reactions to them."""

from collections.abc import Collection, Iterable

import msgspec
from sqlalchemy import BigInteger, Connection, and_, bindparam, exists, func, or_, select
from sqlalchemy import case as when

from twite_common import text
from twite_common.post_details import Mentioned
from twite_common.queries import usernames
from twite_common.sql.dialects import among
from twite_common.tables import announcement, announcement_reaction, announcement_reading, emoji
from twite_common.visibility import NOW, VIEWER


class Announcement(msgspec.Struct, frozen=True):
    """An announcement; `starts_at` and `ends_at` are when what it tells of happens. Times are milliseconds.

    `read` says whether the viewer has put it away. One that isn't published has no `published_at`.
    """

    id: int
    text: str
    starts_at: int | None
    ends_at: int | None
    all_day: bool
    published_at: int | None
    updated_at: int
    read: bool

    def shown(self, now: int) -> bool:
        """Say whether it is published and not over."""
        return self.published_at is not None and (self.ends_at is None or self.ends_at > now)


class Reaction(msgspec.Struct, frozen=True):
    """An emoji, or the shortcode of one of the site's own with its pictures, and how many chose it."""

    announcement_id: int
    name: str
    count: int
    me: bool
    picture: str | None
    still_picture: str | None


_READ = exists().where(
    announcement_reading.c.announcement_id == announcement.c.id, announcement_reading.c.account_id == VIEWER
)
_COLUMNS = [*[announcement.c[name] for name in Announcement.__struct_fields__[:-1]], _READ]
_ALL = select(*_COLUMNS)
_PUBLISHED = and_(
    announcement.c.published_at.is_not(None), or_(announcement.c.ends_at.is_(None), announcement.c.ends_at > NOW)
)
_IN_ORDER = (func.coalesce(announcement.c.starts_at, announcement.c.published_at), announcement.c.id)
PUBLISHED = _ALL.where(_PUBLISHED).order_by(*_IN_ORDER)
UNREAD = PUBLISHED.where(~_READ)
EVERY = _ALL.order_by(announcement.c.id.desc()).limit(bindparam("limit"))
ONE = _ALL.where(announcement.c.id == bindparam("announcement_id", type_=BigInteger))
REACTIONS = (
    select(
        announcement_reaction.c.announcement_id,
        announcement_reaction.c.name,
        func.count(),
        func.max(when((announcement_reaction.c.account_id == VIEWER, 1), else_=0)),
        func.max(emoji.c.picture),
        func.max(emoji.c.still_picture),
    )
    .select_from(
        announcement_reaction.outerjoin(
            emoji, and_(emoji.c.shortcode == announcement_reaction.c.name, emoji.c.disabled.is_(False))
        )
    )
    .where(among(announcement_reaction.c.announcement_id, "ids"))
    .group_by(announcement_reaction.c.announcement_id, announcement_reaction.c.name)
    .order_by(announcement_reaction.c.announcement_id, func.min(announcement_reaction.c.id))
)


def published(db: Connection, *, viewer_id: int | None, now: int, with_read: bool = False) -> list[Announcement]:
    """Return the announcements of now, the earliest first; `with_read` says to return those that were put away too."""
    statement = PUBLISHED if with_read else UNREAD
    return [Announcement(*row) for row in db.execute(statement, {"viewer_id": viewer_id, "now": now})]


def every(db: Connection, *, limit: int) -> list[Announcement]:
    """Return the latest announcements, published or not, for those who write them."""
    return [Announcement(*row) for row in db.execute(EVERY, {"viewer_id": None, "limit": limit})]


def get(db: Connection, announcement_id: int, *, viewer_id: int | None = None) -> Announcement | None:
    """Return an announcement, published or not."""
    row = db.execute(ONE, {"viewer_id": viewer_id, "announcement_id": announcement_id}).one_or_none()
    return Announcement(*row) if row else None


def mentioned(db: Connection, announcements: Iterable[Announcement], *, domain: str) -> dict[str, Mentioned]:
    """Return the accounts that announcements name, by their lower-case names."""
    names = {name for announcement in announcements for name in text.mentioned_names(announcement.text, domain)}
    return {key: Mentioned(id, name) for key, (id, name) in usernames.ids_by_username(db, names).items()}


def reactions(db: Connection, announcement_ids: Collection[int], *, viewer_id: int | None) -> dict[int, list[Reaction]]:
    """Return how people reacted, by announcement; what was chosen first comes first."""
    reactions_by_announcement: dict[int, list[Reaction]] = {}
    if announcement_ids:
        for id, name, count, me, *pictures in db.execute(
            REACTIONS, {"ids": list(announcement_ids), "viewer_id": viewer_id}
        ):
            reactions_by_announcement.setdefault(id, []).append(Reaction(id, name, count, bool(me), *pictures))
    return reactions_by_announcement
