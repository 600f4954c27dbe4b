"""Which of the pictures in the media folder accounts still use: a picture has the same name for all who chose it."""

from collections.abc import Collection

from sqlalchemy import Connection, Text, bindparam, or_, select

from twite_common.tables import account, card, emoji, media

_NAMES = bindparam("names", expanding=True, type_=Text)
USED = (
    select(account.c.avatar, account.c.header).where(or_(account.c.avatar.in_(_NAMES), account.c.header.in_(_NAMES))),
    select(media.c.file, media.c.preview).where(or_(media.c.file.in_(_NAMES), media.c.preview.in_(_NAMES))),
    select(card.c.picture).where(card.c.picture.in_(_NAMES)),
    select(emoji.c.picture, emoji.c.still_picture).where(
        or_(emoji.c.picture.in_(_NAMES), emoji.c.still_picture.in_(_NAMES))
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
