"""What catching up shows and leaves out, in words; each rule can be switched off."""

from collections.abc import Collection

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, select

from twite_common.tables import preferences
from twite_common.translations import gettext, marked

PEOPLE, TAKEN_UP, HASHTAGS, LINKS, NO_ANSWERS = "people", "taken_up", "hashtags", "links", "no_answers"


class Rule(msgspec.Struct, frozen=True):
    """One rule; `text` is translated by `words`."""

    name: str
    text: str

    @property
    def words(self) -> str:
        """The rule in the reader's language, as a sentence."""
        return gettext(self.text)


RULES = (
    Rule(
        PEOPLE, marked("Show each person you follow who posted, and their most answered, boosted and favourited posts.")
    ),
    Rule(TAKEN_UP, marked("Show posts that two or more people you follow boosted, favourited or answered.")),
    Rule(HASHTAGS, marked("Show hashtags that two or more people you follow used.")),
    Rule(LINKS, marked("Show links that two or more people you follow shared.")),
    Rule(NO_ANSWERS, marked("Leave out answers to other people.")),
)
NAMES = frozenset(rule.name for rule in RULES)

OFF = select(preferences.c.catch_up_off).where(preferences.c.account_id == bindparam("account_id", type_=BigInteger))


def of_account(db: Connection, account_id: int) -> frozenset[str]:
    """Return the names of the rules that an account has on."""
    switched_off: Collection[str] = msgspec.json.decode(
        db.scalar(OFF, {"account_id": account_id}) or "[]", type=list[str]
    )
    return NAMES.difference(switched_off)
