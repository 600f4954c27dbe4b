"""Listing one's accounts elsewhere: for oneself, or for all to see on one's profile."""

from sqlalchemy import BigInteger, Connection, Text, bindparam, delete, func, select

from twite_common import ids
from twite_common.errors import Invalid, NotFound
from twite_common.services import locks
from twite_common.services.validators import USERNAME, checked_domain
from twite_common.sql.dialects import upsert
from twite_common.tables import account_alias
from twite_common.translations import gettext as _
from twite_common.translations import ngettext

MAX_COUNT = 20
_ACCOUNT = bindparam("of_account_id", type_=BigInteger)
COUNT_OTHERS = select(func.count()).where(
    account_alias.c.account_id == _ACCOUNT, account_alias.c.address != bindparam("named", type_=Text)
)
_add = upsert(account_alias)
ADD = _add.on_conflict_do_update(
    index_elements=[account_alias.c.account_id, account_alias.c.address], set_={"shown": _add.excluded.shown}
)
DROP = delete(account_alias).where(
    account_alias.c.id == bindparam("alias_id", type_=BigInteger), account_alias.c.account_id == _ACCOUNT
)


def add(db: Connection, *, now: int, account_id: int, address: str, shown: bool = False) -> None:
    """Keep that another account is the same person's, and whether their profile says so.

    Naming it twice changes that only.

    Raises Invalid for what isn't an account's address, and for too many of them.
    """
    checked_address = _checked(address)
    locks.take(db, account_id)
    if db.scalars(COUNT_OTHERS, {"of_account_id": account_id, "named": checked_address}).one() >= MAX_COUNT:
        raise _invalid(
            "ERR_TOO_LONG",
            ngettext(
                "You can list at most %(count)s other account.",
                "You can list at most %(count)s other accounts.",
                MAX_COUNT,
            ),
        )
    db.execute(ADD, {"id": ids.new(now), "account_id": account_id, "address": checked_address, "shown": shown})


def remove(db: Connection, *, account_id: int, alias_id: int) -> None:
    """Name another account no longer.

    Raises NotFound when it wasn't named.
    """
    if not db.execute(DROP, {"alias_id": alias_id, "of_account_id": account_id}).rowcount:
        raise NotFound(_("This account isn't in your list."))


def _checked(address: str) -> str:
    name, _at, domain = address.strip().removeprefix("@").partition("@")
    try:
        host = checked_domain(domain)
    except Invalid:
        host = ""
    if not host or not USERNAME.fullmatch(name):
        raise _invalid("ERR_INVALID", _("This isn't an account on another site, such as name@other.example."))
    return f"{name}@{host}"


def _invalid(code: str, sentence: str) -> Invalid:
    return Invalid(sentence, {"address": [(code, sentence)]})
