"""Confirming that an account's owner reads mail at its address."""

from sqlalchemy import Connection

from twite_common import clock, permissions
from twite_common.errors import NotFound
from twite_common.queries.accounts import credentials as credential_queries
from twite_common.queries.accounts.credentials import email_key
from twite_common.secret import Signer
from twite_common.services import one_time_links
from twite_common.services.accounts.accounts import admit, confirm_email, existing
from twite_common.services.notifications import mails

CONFIRM_WINDOW_MS = clock.HOUR
CONFIRMS = 5
"""Links to confirm an address that are sent for one account in an hour, to whichever addresses."""


def ask_to_confirm(db: Connection, *, now: int, account_id: int, email: str, again: bool = False) -> None:
    """Send a link to the account's address that shows that its owner reads mail there; `again` says that they did."""
    link_id = one_time_links.add(db, "confirm", now=now, account_id=account_id, detail=email)
    mails.add(db, "confirm", now=now, address=email, account_id=account_id, link_id=link_id, again=again)


def ask_to_confirm_again(db: Connection, *, now: int, email: str) -> None:
    """Send another link to an address whose account waits to be confirmed; nobody learns whether there is one."""
    credentials = credential_queries.by_email(db, email)
    if credentials is None or credentials.confirmed_at is not None or credentials.suspended_at is not None:
        return
    ask_to_confirm(db, now=now, account_id=credentials.account_id, email=credentials.email)


def ask_whether_mail_arrives(db: Connection, *, now: int, account_id: int) -> None:
    """Send a link to an account's confirmed address, which was refused: it takes mail if this one arrives."""
    credentials = existing(db, account_id)
    if credentials.mail_failed_at is not None:
        ask_to_confirm(db, now=now, account_id=account_id, email=credentials.email, again=True)


def confirm_by_link(db: Connection, signer: Signer, *, now: int, token: str) -> bool:
    """Confirm an account's address with the link from a mail; return whether its owner can log in now.

    Raises NotFound when the link doesn't work.
    """
    link = one_time_links.use(db, signer, token, "confirm", now=now)
    credentials = credential_queries.get(db, link.account_id) if link.account_id is not None else None
    if credentials is None or email_key(credentials.email) != email_key(link.detail):
        raise NotFound("This link is for an address that the account no longer uses.")
    if credentials.confirmed_at is None:
        confirm(db, now=now, account_id=credentials.account_id)
    return credentials.approved_at is not None


def confirm(db: Connection, *, now: int, account_id: int) -> None:
    """Record that an account's owner reads mail at its address; where it waits for approval, tell who may give it.

    Of an address that was confirmed before nobody is told again.
    """
    credentials = existing(db, account_id)
    was_confirmed = credentials.confirmed_at is not None
    confirm_email(db, account_id=account_id, confirmed_at=credentials.confirmed_at or now)
    if was_confirmed:
        return
    if credentials.approved_at is not None:
        admit(db, now, account_id)
        return
    for moderator in credential_queries.with_role(db, permissions.roles_with("manage_users")):
        mails.add(
            db,
            "approval_needed",
            now=now,
            address=moderator.email,
            account_id=moderator.account_id,
            new_account_id=account_id,
        )
