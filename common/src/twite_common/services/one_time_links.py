"""One-time links, as in mails that confirm an address or reset a password.

A link's token is its row's id and a signature by the server's key: the database alone opens nothing.
"""

import msgspec
from sqlalchemy import BigInteger, Connection, Text, bindparam, delete, insert, select, update

from twite_common import clock, ids
from twite_common.errors import NotFound
from twite_common.secret import Signer
from twite_common.tables import link
from twite_common.translations import gettext as _

LIFETIMES_MS = {
    "confirm": 7 * clock.DAY,
    "change_email": clock.DAY,
    "reset": 2 * clock.HOUR,
    "first_account": clock.DAY,
    "warning": 20 * clock.DAY,
    "not_me": 3 * clock.DAY,
    "login_link": 15 * clock.MINUTE,
}
"""What each kind of link is for, and how long it works."""
OPENING = ("reset", "change_email", "login_link")
"""Kinds that open an account, or lead it elsewhere: they end where somebody else may have asked for them."""
KEEP_MS = clock.DAY
"""How long a link is kept after its end."""


class Link(msgspec.Struct, frozen=True):
    """A link that works. `detail` depends on its purpose."""

    id: int
    account_id: int | None
    detail: str


_ID = bindparam("link_id", type_=BigInteger)
_PURPOSE = bindparam("the_purpose", type_=Text)
_NOW = bindparam("now", type_=BigInteger)
_WORKS = (link.c.purpose == _PURPOSE, link.c.used_at.is_(None), link.c.expires_at > _NOW)
ADD = insert(link)
GET = select(link.c.id, link.c.account_id, link.c.detail).where(link.c.id == _ID, *_WORKS)
USE = (
    update(link)
    .where(link.c.id == _ID, *_WORKS)
    .values(used_at=_NOW)
    .returning(link.c.id, link.c.account_id, link.c.detail)
)
END_ALL = (
    update(link)
    .where(
        link.c.account_id == bindparam("the_account_id", type_=BigInteger),
        link.c.id > bindparam("after_id", type_=BigInteger),
        link.c.purpose == _PURPOSE,
        link.c.used_at.is_(None),
    )
    .values(used_at=_NOW)
)

FORGET_OLD = delete(link).where(
    link.c.id.in_(
        select(link.c.id)
        .where(link.c.expires_at <= bindparam("before", type_=BigInteger))
        .limit(bindparam("most", type_=BigInteger))
    )
)


def add(db: Connection, purpose: str, *, now: int, account_id: int | None = None, detail: str = "") -> int:
    """Make a link and return its id; `token` turns that into what stands in the address."""
    id = ids.new(now)
    row = {
        "id": id,
        "account_id": account_id,
        "purpose": purpose,
        "detail": detail,
        "expires_at": now + LIFETIMES_MS[purpose],
    }
    db.execute(ADD, row)
    return id


def token(signer: Signer, link_id: int, purpose: str) -> str:
    """Return what stands in the link's address."""
    return f"{link_id}.{signer.sign('link', purpose, link_id)}"


def find(db: Connection, signer: Signer, text: str, purpose: str, *, now: int) -> Link:
    """Return the link that a token from outside belongs to, without using it up.

    Raises NotFound when it is forged, used or over.
    """
    row = db.execute(GET, _parameters(signer, text, purpose, now)).one_or_none()
    if row is None:
        raise _gone()
    return Link(*row)


def use(db: Connection, signer: Signer, text: str, purpose: str, *, now: int) -> Link:
    """Use a link up and return it; of two at once only one has it.

    Raises NotFound when it is forged, used or over.
    """
    row = db.execute(USE, _parameters(signer, text, purpose, now)).one_or_none()
    if row is None:
        raise _gone()
    return Link(*row)


def end_all(db: Connection, *, account_id: int, purpose: str, now: int, after_id: int = 0) -> None:
    """Make an account's unused links of one kind useless, or those made after one."""
    parameters = {"the_account_id": account_id, "the_purpose": purpose, "now": now, "after_id": after_id}
    db.execute(END_ALL, parameters)


def forget_old(db: Connection, *, now: int, limit: int) -> None:
    """Remove links that ended a while ago, up to `limit`."""
    db.execute(FORGET_OLD, {"before": now - KEEP_MS, "most": limit})


def _parameters(signer: Signer, text: str, purpose: str, now: int) -> dict[str, object]:
    number, _, signature = text.partition(".")
    id = ids.parse(number)
    if id is None or not signer.verify(signature, "link", purpose, id):
        raise _gone()
    return {"link_id": id, "the_purpose": purpose, "now": now}


def _gone() -> NotFound:
    return NotFound(_("This link doesn't work: it has already been used, has expired, or is incomplete."))
