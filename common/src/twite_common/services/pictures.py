"""Which of the pictures in the media folder accounts still use: a picture has the same name for all who chose it."""

from collections.abc import Collection

from sqlalchemy import Connection, or_, select

from twite_common.dialects import among
from twite_common.tables import account, card, emoji, media

USED = (
    select(account.c.avatar, account.c.header).where(
        or_(among(account.c.avatar, "names"), among(account.c.header, "names"))
    ),
    select(media.c.file, media.c.preview).where(or_(among(media.c.file, "names"), among(media.c.preview, "names"))),
    select(card.c.picture).where(among(card.c.picture, "names")),
    select(emoji.c.picture, emoji.c.still_picture).where(
        or_(among(emoji.c.picture, "names"), among(emoji.c.still_picture, "names"))
    ),
)
"""Wherever the name of a file in the media folder may stand."""


def unused(db: Connection, names: Collection[str | None]) -> list[str]:
    """Return those of the files that nothing uses, to be removed once this transaction is committed."""
    wanted = {name for name in names if name}
    if not wanted:
        return []
    parameters = {"names": list(wanted)}
    used = {name for statement in USED for row in db.execute(statement, parameters) for name in row}
    return sorted(wanted - used)
