"""Ready-made texts that staff send to people."""

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, select

from twite_common import text
from twite_common.tables import warning_preset

NAME_CHARACTERS = 60


class WarningPreset(msgspec.Struct, frozen=True):
    """A text, and how those who choose it call it; the title may be empty."""

    id: int
    title: str
    text: str

    @property
    def name(self) -> str:
        """What to call it: its title, or else its beginning."""
        return name(self.title, self.text)


_PRESET = select(*[warning_preset.c[name] for name in WarningPreset.__struct_fields__])
EVERY = _PRESET.order_by(warning_preset.c.title, warning_preset.c.id)
ONE = _PRESET.where(warning_preset.c.id == bindparam("id", type_=BigInteger))


def every(db: Connection) -> list[WarningPreset]:
    """Return all texts by their titles."""
    return [WarningPreset(*row) for row in db.execute(EVERY)]


def get(db: Connection, preset_id: int) -> WarningPreset | None:
    """Return a text."""
    row = db.execute(ONE, {"id": preset_id}).one_or_none()
    return WarningPreset(*row) if row else None


def name(title: str, words: str) -> str:
    """Return what to call a text with that title."""
    return title or text.plain_excerpt(words, NAME_CHARACTERS)
