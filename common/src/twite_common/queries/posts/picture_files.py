"""Which picture files accounts still use: everyone who uploaded the same picture shares a file."""

from collections.abc import Collection

from sqlalchemy import Connection, or_, select

from twite_common.sql.dialects import among
from twite_common.tables import account, card, emoji, media, site_picture

AT_ONCE = 500
USED = (
    select(account.c.avatar, account.c.header).where(
        or_(among(account.c.avatar, "names"), among(account.c.header, "names"))
    ),
    select(media.c.file, media.c.preview).where(or_(among(media.c.file, "names"), among(media.c.preview, "names"))),
    select(card.c.picture).where(among(card.c.picture, "names")),
    select(emoji.c.picture, emoji.c.still_picture).where(
        or_(among(emoji.c.picture, "names"), among(emoji.c.still_picture, "names"))
    ),
    select(site_picture.c.picture).where(among(site_picture.c.picture, "names")),
)
"""Wherever the name of a file in the media folder may stand."""


def unused(db: Connection, names: Collection[str | None]) -> list[str]:
    """Return those of the files that nothing uses, to be removed once this transaction is committed."""
    unique_names = sorted({name for name in names if name})
    batches = (unique_names[start : start + AT_ONCE] for start in range(0, len(unique_names), AT_ONCE))
    return [name for batch in batches for name in _unused(db, batch)]


def _unused(db: Connection, names: list[str]) -> list[str]:
    rows = (row for statement in USED for row in db.execute(statement, {"names": names}))
    used_names = {name for row in rows for name in row}
    return [name for name in names if name not in used_names]
