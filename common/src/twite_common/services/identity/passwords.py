"""Changing a password or an e-mail address, and resetting a forgotten password."""

from sqlalchemy import Connection

from twite_common.database import Database
from twite_common.errors import Invalid, NotAllowed, NotFound
from twite_common.passwords import NOBODYS_HASH, Passwords
from twite_common.queries.accounts import credentials as credential_queries
from twite_common.queries.accounts.credentials import email_key
from twite_common.queries.identity import passkeys as passkey_queries
from twite_common.secret import Signer
from twite_common.services import attempts, locks, one_time_links
from twite_common.services.accounts import accounts
from twite_common.services.identity import grants, security_events, sessions
from twite_common.services.identity.confirmations import confirm
from twite_common.services.moderation import sign_up_blocks
from twite_common.services.notifications import mails
from twite_common.services.validators import checked_email
from twite_common.settings import Settings
from twite_common.translations import gettext as _


def check_own(
    database: Database, passwords: Passwords, settings: Settings, *, now: int, account_id: int, password: str
) -> None:
    """Check that somebody who is logged in knows the account's password, before what is hard to undo.

    Done with no transaction open. Raises Invalid when it is wrong, TooMany after too many attempts.
    """
    subject = f"password of:{account_id}"
    limit = settings.limit("login_attempts")
    attempts.count(database, [subject], now=now, window_ms=sessions.WINDOW_MS, limit=limit)
    with database.reading() as db:
        credentials = credential_queries.get(db, account_id)
    if not passwords.verify(credentials.password_hash if credentials else None, password):
        sentence = _("This isn't your password.")
        raise Invalid(sentence, {"current_password": [("ERR_INVALID", sentence)]})
    with database.writing() as db:
        attempts.forget(db, subject)


def known_to_others(db: Connection, settings: Settings, account_id: int | None) -> tuple[str, ...]:
    """Return what a stranger would try first as an account's password: names and the address."""
    credentials = credential_queries.get(db, account_id) if account_id is not None else None
    return (settings.site_name, *((credentials.username, credentials.email) if credentials is not None else ()))


def ask_to_reset(db: Connection, *, now: int, email: str) -> None:
    """Send a link to reset the password, if the address has an account; nobody learns whether it has."""
    credentials = credential_queries.by_email(db, email)
    if credentials is None or (credentials.suspended_at is not None and credentials.deactivated_at is None):
        return
    link_id = one_time_links.add(db, "reset", now=now, account_id=credentials.account_id)
    mails.add(db, "reset", now=now, address=credentials.email, account_id=credentials.account_id, link_id=link_id)


def reset(db: Connection, signer: Signer, *, now: int, token: str, password_hash: str, end_tokens: bool) -> int:
    """Set a new password with the link from a mail, end every session, and return the account's id.

    With `end_tokens` nothing else acts for the account any longer either. The mail was read, so the address is
    confirmed too. Raises NotFound when the link doesn't work.
    """
    account_id = one_time_links.use(db, signer, token, "reset", now=now).account_id
    credentials = credential_queries.get(db, account_id) if account_id is not None else None
    if credentials is None:
        raise NotFound(_("This account no longer exists."))
    change(db, now=now, account_id=credentials.account_id, password_hash=password_hash, end_tokens=end_tokens)
    confirm(db, now=now, account_id=credentials.account_id)
    return credentials.account_id


def change(
    db: Connection, *, now: int, account_id: int, password_hash: str, end_tokens: bool, session_secret: str = ""
) -> None:
    """Set a new password, end every session but the one with this secret, and tell the owner.

    With `end_tokens` no application or script acts for the account any longer either. Whoever knew the old password
    may have asked for another address, too: the link to that works no longer.
    """
    accounts.set_password_hash(db, account_id=account_id, password_hash=password_hash)
    for purpose in one_time_links.OPENING:
        one_time_links.end_all(db, account_id=account_id, purpose=purpose, now=now)
    sessions.end_others(db, account_id=account_id, session_secret=session_secret)
    if end_tokens:
        grants.revoke_all(db, now=now, account_id=account_id)
    security_events.record(db, "password_changed", now=now, account_id=account_id)
    security_events.tell(db, "password_changed", now=now, account_id=account_id, at=now, tokens_ended=end_tokens)


def remove(db: Connection, *, now: int, account_id: int) -> None:
    """Have an account be opened by its passkeys alone, and tell the owner; a reset sets a password again.

    Raises Invalid unless one of its passkeys checks who uses it.
    """
    locks.take(db, account_id)
    if not any(one.verifies_user for one in passkey_queries.of_account(db, account_id)):
        raise Invalid(_("Please add a passkey first that unlocks with your fingerprint, your face or a PIN."))
    accounts.set_password_hash(db, account_id=account_id, password_hash=NOBODYS_HASH)
    security_events.record(db, "password_removed", now=now, account_id=account_id)
    security_events.tell(db, "password_removed", now=now, account_id=account_id)


def ask_to_change_email(db: Connection, *, now: int, account_id: int, email: str, smtp_utf8: bool) -> None:
    """Send a link to a new address, and tell the old one, which stays until the link is opened.

    Where the new one has an account already nothing is sent there, and nobody learns of it. Raises Invalid for what
    isn't an address, is kept out, or can't be reached without `smtp_utf8`.
    """
    new_email = checked_email(email, smtp_utf8=smtp_utf8)
    credentials = credential_queries.get(db, account_id)
    if credentials is None:
        raise NotFound(_("There is no such account."))
    if email_key(new_email) == email_key(credentials.email):
        sentence = _("This is already your address.")
        raise Invalid(sentence, {"email": [("ERR_TAKEN", sentence)]})
    sign_up_blocks.check_email(db, new_email)
    security_events.tell(db, "change_email_asked", now=now, account_id=account_id, new_address=new_email)
    if credential_queries.by_email(db, new_email) is not None:
        return
    link_id = one_time_links.add(db, "change_email", now=now, account_id=account_id, detail=new_email)
    mails.add(db, "change_email", now=now, address=new_email, account_id=account_id, link_id=link_id)


def change_email(db: Connection, signer: Signer, *, now: int, token: str) -> None:
    """Change an account's address with the link that was sent to the new one, and tell the old one.

    Raises NotFound when the link doesn't work, NotAllowed when the address was taken meanwhile.
    """
    link = one_time_links.use(db, signer, token, "change_email", now=now)
    credentials = credential_queries.get(db, link.account_id) if link.account_id is not None else None
    if credentials is None:
        raise NotFound(_("This account no longer exists."))
    if credential_queries.by_email(db, link.detail) is not None:
        raise NotAllowed(_("There is now an account with this address."))
    accounts.set_email(db, account_id=credentials.account_id, email=link.detail, confirmed_at=now)
    # What was sent to the old address, or asked for before, must not open the account any more.
    for purpose in one_time_links.OPENING:
        one_time_links.end_all(db, account_id=credentials.account_id, purpose=purpose, now=now)
    security_events.record(db, "email_changed", now=now, account_id=credentials.account_id)
    security_events.tell(
        db,
        "email_changed",
        now=now,
        account_id=credentials.account_id,
        address=credentials.email,
        new_address=link.detail,
    )
