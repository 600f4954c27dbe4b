"""The site's custom emojis."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, func, select

from twite_common import text
from twite_common.post_details import Emoji
from twite_common.sql.dialects import among
from twite_common.tables import emoji


class OwnEmoji(msgspec.Struct, frozen=True):
    """One of the site's own emojis; pictures are names in the media folder."""

    id: int
    shortcode: str
    picture: str
    still_picture: str
    category: str | None
    visible_in_picker: bool
    disabled: bool


_COLUMNS = [emoji.c[name] for name in OwnEmoji.__struct_fields__]
# Databases disagree about where NULL stands in an order.
ALL = select(*_COLUMNS).order_by(func.coalesce(emoji.c.category, ""), emoji.c.shortcode)
ENABLED = ALL.where(emoji.c.disabled.is_(False))
GET = select(*_COLUMNS).where(emoji.c.id == bindparam("id", type_=BigInteger))
USED = (
    select(emoji.c.shortcode, emoji.c.picture, emoji.c.still_picture)
    .where(among(emoji.c.shortcode, "names"), emoji.c.disabled.is_(False))
    .order_by(emoji.c.shortcode)
)


def all_emojis(db: Connection) -> list[OwnEmoji]:
    """Return all emojis, those that are switched off too."""
    return [OwnEmoji(*row) for row in db.execute(ALL)]


def enabled(db: Connection) -> list[OwnEmoji]:
    """Return the emojis that people can use."""
    return [OwnEmoji(*row) for row in db.execute(ENABLED)]


def beginning(db: Connection, typed: str, *, limit: int) -> list[OwnEmoji]:
    """Return emojis that people can use whose names begin as somebody typed, or else contain that."""
    part = typed.casefold()
    found = [emoji for emoji in enabled(db) if part in emoji.shortcode.casefold()]
    return sorted(found, key=lambda emoji: not emoji.shortcode.casefold().startswith(part))[:limit]


def get(db: Connection, emoji_id: int) -> OwnEmoji | None:
    """Return an emoji."""
    row = db.execute(GET, {"id": emoji_id}).one_or_none()
    return OwnEmoji(*row) if row else None


def used_in(db: Connection, *texts: str) -> tuple[Emoji, ...]:
    """Return the emojis that texts name by their shortcodes; texts without any cost no statement."""
    return _among(db, text.shortcodes(*texts))


def used_in_each(db: Connection, texts: Sequence[Sequence[str]]) -> list[tuple[Emoji, ...]]:
    """Return the emojis of several things, each with texts of its own, by one statement."""
    shortcodes = [text.shortcodes(*group) for group in texts]
    emojis = {emoji.shortcode: emoji for emoji in _among(db, frozenset[str]().union(*shortcodes))}
    return [tuple(emojis[name] for name in sorted(names) if name in emojis) for names in shortcodes]


def _among(db: Connection, names: frozenset[str]) -> tuple[Emoji, ...]:
    if not names:
        return ()
    return tuple(Emoji(*row) for row in db.execute(USED, {"names": sorted(names)}))
