"""What becomes of accounts: approved, given a role, suspended."""

from sqlalchemy import BigInteger, Connection, bindparam, update

from twite_common import permissions
from twite_common.errors import Invalid, NotAllowed, NotFound
from twite_common.queries.accounts import credentials as credential_queries
from twite_common.queries.accounts.credentials import Credentials, email_key
from twite_common.services.notifications import mails, notifications
from twite_common.tables import account, credentials
from twite_common.translations import gettext as _

ROLES = ("", "moderator", "admin")


_ID = bindparam("the_id", type_=BigInteger)
CHANGE = update(account).where(account.c.id == _ID)
CHANGE_CREDENTIALS = update(credentials).where(credentials.c.account_id == _ID)
APPROVE = CHANGE_CREDENTIALS.where(credentials.c.approved_at.is_(None))


def approve(db: Connection, *, now: int, account_id: int) -> None:
    """Let an account in that waited for approval, and tell its owner."""
    credentials = existing(db, account_id)
    if not db.execute(APPROVE.values(approved_at=now), {"the_id": account_id}).rowcount:
        return
    if credentials.confirmed_at is not None:
        admit(db, now, account_id)
    mails.add(db, "approved", now=now, address=credentials.email, account_id=account_id)


def set_role(db: Connection, *, account_id: int, role: str) -> None:
    """Give an account a role: "admin", "moderator", or "" for none.

    Raises Invalid for another.
    """
    if role not in ROLES:
        raise Invalid("The role must be admin, moderator or none.")
    db.execute(CHANGE.values(role=role, version=account.c.version + 1), {"the_id": account_id})
    # Each role gives its own time to set up a second factor.
    db.execute(CHANGE_CREDENTIALS.values(second_factor_asked_at=None), {"the_id": account_id})


def suspend(db: Connection, *, now: int, account_id: int) -> None:
    """Hide an account and its posts from everybody; nobody can log in to it. Nothing is deleted."""
    existing(db, account_id)
    db.execute(CHANGE.values(suspended_at=now, version=account.c.version + 1), {"the_id": account_id})
    # Whoever had deactivated it can't come back any more.
    db.execute(CHANGE_CREDENTIALS.values(deactivated_at=None), {"the_id": account_id})


def unsuspend(db: Connection, *, account_id: int) -> None:
    """Show a suspended account and its posts again. Raises NotAllowed for one that its owner has deactivated."""
    if existing(db, account_id).deactivated_at is not None:
        raise NotAllowed(_("The owner of this account has deactivated it. Only they can show it again."))
    db.execute(CHANGE.values(suspended_at=None, version=account.c.version + 1), {"the_id": account_id})


def admit(db: Connection, now: int, account_id: int) -> None:
    """Show an account that is confirmed and approved, and tell those who manage accounts of it."""
    db.execute(CHANGE.values(pending=False, version=account.c.version + 1), {"the_id": account_id})
    moderators = credential_queries.with_role(db, permissions.roles_with("manage_users"))
    moderator_ids = [moderator.account_id for moderator in moderators]
    notifications.notify(db, moderator_ids, "signup", now=now, from_account_id=account_id)


def set_password_hash(db: Connection, *, account_id: int, password_hash: str) -> None:
    """Set an account's password hash, without telling anyone."""
    db.execute(CHANGE_CREDENTIALS.values(password_hash=password_hash), {"the_id": account_id})


def set_email(db: Connection, *, account_id: int, email: str, confirmed_at: int | None) -> None:
    """Set an account's e-mail address and forget that mail to the old one failed, without telling anyone."""
    changes = {"email": email, "email_key": email_key(email), "confirmed_at": confirmed_at}
    db.execute(CHANGE_CREDENTIALS.values(changes), {"the_id": account_id})
    mails.clear_failure(db, account_id=account_id)


def confirm_email(db: Connection, *, account_id: int, confirmed_at: int) -> None:
    """Record when an account's e-mail address was confirmed; mail evidently reaches it."""
    db.execute(CHANGE_CREDENTIALS.values(confirmed_at=confirmed_at), {"the_id": account_id})
    mails.clear_failure(db, account_id=account_id)


def existing(db: Connection, account_id: int) -> Credentials:
    """Return what is known of an account. Raises NotFound when there is none."""
    credentials = credential_queries.get(db, account_id)
    if credentials is None:
        raise NotFound(_("There is no such account."))
    return credentials
