"""Choosing what catching up shows."""

from collections.abc import Mapping

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, update

from twite_common.errors import Invalid
from twite_common.queries.timelines import catch_up_rules as queries
from twite_common.tables import preferences
from twite_common.translations import gettext as _

STORE = update(preferences).where(preferences.c.account_id == bindparam("of_account_id", type_=BigInteger))


def switch(db: Connection, *, account_id: int, rules: Mapping[str, bool]) -> None:
    """Switch rules on or off by their names; those left out stay. Raises Invalid for an unknown rule."""
    if not queries.NAMES.issuperset(rules):
        raise Invalid(_("There is no such rule."))
    on = queries.of_account(db, account_id) | {name for name, wanted in rules.items() if wanted}
    off = sorted((queries.NAMES - on) | {name for name, wanted in rules.items() if not wanted})
    db.execute(STORE.values(catch_up_off=msgspec.json.encode(off).decode()), {"of_account_id": account_id})
