"""What the owner of an account does who is told of something that wasn't them."""

from sqlalchemy import Connection

from twite_common.errors import NotFound
from twite_common.queries.accounts import credentials as credential_queries
from twite_common.queries.accounts.credentials import Credentials
from twite_common.secret import Signer
from twite_common.services import one_time_links
from twite_common.services.accounts import accounts
from twite_common.services.identity import grants, second_factors, security_events, sessions
from twite_common.services.identity.security_events import LINK
from twite_common.translations import gettext as _

NOBODYS_HASH = "!"
"""Stands for the hash of a password that nobody has."""


def find(db: Connection, signer: Signer, *, now: int, token: str) -> str:
    """Return what a mail was about that has this link.

    Raises NotFound when it doesn't work.
    """
    return one_time_links.find(db, signer, token, LINK, now=now).detail.partition(" ")[0]


def take_back(db: Connection, signer: Signer, *, now: int, token: str) -> str:
    """End every session and token of an account and its password, and return a token to set a new one with.

    What the mail was about is undone where somebody else could keep the owner out by it: another e-mail address, and a
    second factor. Raises NotFound when the link doesn't work.
    """
    link = one_time_links.use(db, signer, token, LINK, now=now)
    owner = credential_queries.get(db, link.account_id) if link.account_id is not None else None
    if owner is None:
        raise NotFound(_("This account no longer exists."))
    account_id = owner.account_id
    kind, _space, address = link.detail.partition(" ")
    for purpose in ("reset", "change_email"):
        one_time_links.end_all(db, account_id=account_id, purpose=purpose, now=now)
    accounts.set_password_hash(db, account_id=account_id, password_hash=NOBODYS_HASH)
    sessions.end_others(db, account_id=account_id)
    grants.revoke_all(db, now=now, account_id=account_id)
    if address:
        _put_back(db, owner, address, now)
    if kind == "second_factor_added":
        second_factors.remove(db, now=now, account_id=account_id)
    security_events.record(db, "not_me", now=now, account_id=account_id)
    reset_id = one_time_links.add(db, "reset", now=now, account_id=account_id)
    return one_time_links.token(signer, reset_id, "reset")


def _put_back(db: Connection, owner: Credentials, address: str, now: int) -> None:
    """Give an account the address again that it had, unless that is another account's by now."""
    if credential_queries.by_email(db, address) is None:
        accounts.set_email(db, account_id=owner.account_id, email=address, confirmed_at=now)
        security_events.record(db, "email_changed", now=now, account_id=owner.account_id)
