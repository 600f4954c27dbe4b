"""Unsubscribing with one click from a mail (RFC 8058): the link is a signature and isn't stored."""

from sqlalchemy import BigInteger, Connection, bindparam, update

from twite_common import ids
from twite_common.errors import NotFound
from twite_common.secret import Signer
from twite_common.tables import preferences
from twite_common.translations import gettext as _

KINDS = {
    "mention": ("mail_mention", "never"),
    "follow": ("mail_follow", "never"),
    "follow_request": ("mail_follow_request", "never"),
    "favourite": ("mail_favourite", "never"),
    "boost": ("mail_boost", "never"),
    "post": ("mail_post", "never"),
    "weekly": ("mail_weekly", False),
}
CHANGE = update(preferences).where(preferences.c.account_id == bindparam("the_id", type_=BigInteger))


def token(signer: Signer, account_id: int, kinds: list[str]) -> str:
    """Return what stands in the link by which an account turns off mail of some kinds."""
    joined_kinds = "-".join(sorted(set(kinds)))
    return f"{account_id}.{joined_kinds}.{signer.sign('unsubscribe', account_id, joined_kinds)}"


def read(signer: Signer, text: str) -> tuple[int, list[str]]:
    """Return the account and the kinds that a link is for.

    Raises NotFound when it is forged or incomplete.
    """
    number, _dot, remainder = text.partition(".")
    joined_kinds, _dot, signature = remainder.partition(".")
    account_id = ids.parse(number)
    kinds = joined_kinds.split("-")
    is_valid = account_id is not None and all(kind in KINDS for kind in kinds)
    if not is_valid or account_id is None or not signer.verify(signature, "unsubscribe", account_id, joined_kinds):
        raise NotFound(_("This link doesn't work: it is incomplete."))
    return account_id, kinds


def use(db: Connection, signer: Signer, text: str) -> tuple[int, list[str]]:
    """Turn off the mails that a link is for; a second time changes nothing. Returns account and kinds.

    Raises NotFound when the link is forged or incomplete.
    """
    account_id, kinds = read(signer, text)
    db.execute(CHANGE.values(dict(KINDS[kind] for kind in kinds)), {"the_id": account_id})
    return account_id, kinds
