"""The site's rules."""

from collections.abc import Collection

import msgspec
from sqlalchemy import Connection, select

from twite_common.sql.dialects import among
from twite_common.tables import rule


class Rule(msgspec.Struct, frozen=True):
    """A rule; `hint` explains it, and those with a lower `position` come first."""

    id: int
    text: str
    hint: str
    position: int


ALL = (
    select(rule.c.id, rule.c.text, rule.c.hint, rule.c.position)
    .where(rule.c.removed_at.is_(None))
    .order_by(rule.c.position, rule.c.id)
)
LOAD = select(rule.c.id, rule.c.text, rule.c.hint, rule.c.position).where(among(rule.c.id, "ids"))


def all_rules(db: Connection) -> list[Rule]:
    """Return the rules that hold, in their order."""
    return [Rule(*row) for row in db.execute(ALL)]


def load(db: Connection, rule_ids: Collection[int]) -> dict[int, Rule]:
    """Return rules by id, those that hold no more among them, as reports name them."""
    if not rule_ids:
        return {}
    return {row[0]: Rule(*row) for row in db.execute(LOAD, {"ids": list(rule_ids)})}
