"""What the command line does to accounts, without needing permission; each change is audited."""

from sqlalchemy import Connection

from twite_common.errors import NotFound
from twite_common.queries.accounts import credentials as credential_queries
from twite_common.services import audit_log
from twite_common.services.accounts import account_deletion, accounts, deleted_names
from twite_common.services.identity import confirmations, passwords, registrations, second_factors
from twite_common.services.identity.registrations import SignUp
from twite_common.services.moderation import account_actions
from twite_common.services.notifications import mails
from twite_common.translations import gettext as _


def create(db: Connection, *, now: int, sign_up: SignUp, role: str, confirmed: bool, smtp_utf8: bool) -> int:
    """Make an account for somebody and return its id. Raises Invalid like `accounts.create`."""
    account_id = registrations.create(db, now=now, sign_up=sign_up, role=role, confirmed=confirmed, smtp_utf8=smtp_utf8)
    _record(db, "create", account_id, now)
    return account_id


def confirm(db: Connection, *, now: int, account_id: int) -> None:
    """Take an account's mail address for confirmed."""
    confirmations.confirm(db, now=now, account_id=account_id)
    _record(db, "confirm", account_id, now)


def approve(db: Connection, *, now: int, account_id: int) -> None:
    """Let an account in that waits for approval."""
    accounts.approve(db, now=now, account_id=account_id)
    _record(db, "approve", account_id, now)


def set_role(db: Connection, *, now: int, account_id: int, role: str) -> None:
    """Give an account a role, or none. Raises Invalid for an unknown one."""
    accounts.set_role(db, account_id=account_id, role=role)
    _record(db, "change_role", account_id, now)


def set_password(db: Connection, *, now: int, account_id: int, password_hash: str, end_tokens: bool) -> None:
    """Give an account another password; ends its log-ins and, with `end_tokens`, all that may act for it."""
    passwords.change(db, now=now, account_id=account_id, password_hash=password_hash, end_tokens=end_tokens)
    _record(db, "change_password", account_id, now)


def remove_second_factor(db: Connection, *, now: int, account_id: int) -> None:
    """Have somebody log in with the password alone who has lost their second factor, and tell them.

    Raises NotFound where there is none.
    """
    second_factors.remove_lost(db, now=now, account_id=account_id)
    _record(db, second_factors.REMOVED, account_id, now)


def suspend(db: Connection, *, now: int, account_id: int) -> None:
    """Hide an account and its posts from everybody."""
    accounts.suspend(db, now=now, account_id=account_id)
    _record(db, "suspend", account_id, now)


def unsuspend(db: Connection, *, now: int, account_id: int) -> None:
    """Show a suspended account and its posts again."""
    accounts.unsuspend(db, account_id=account_id)
    _record(db, "unsuspend", account_id, now)


def delete(db: Connection, *, now: int, account_id: int) -> None:
    """Delete an account with all that it wrote; a task removes its files."""
    _record(db, "delete", account_id, now)
    account_deletion.delete_account(db, now=now, account_id=account_id)


def release_name(db: Connection, *, now: int, name: str) -> None:
    """Let the name of a deleted account be taken again. Raises NotFound where there was none."""
    deleted_names.release(db, name)
    audit_log.record(db, None, "release", "deleted_name", now=now, target_id=None, target_name=name)


def clear_mail_failure(db: Connection, *, now: int, account_id: int) -> None:
    """Have mail sent to an account's address again, although it was refused."""
    mails.clear_failure(db, account_id=account_id)
    _record(db, account_actions.CLEAR, account_id, now)


def _record(db: Connection, action: str, account_id: int, now: int) -> None:
    target = credential_queries.get(db, account_id)
    if target is None:
        raise NotFound(_("There is no such account."))
    audit_log.record(db, None, action, "account", now=now, target_id=account_id, target_name=target.username)
