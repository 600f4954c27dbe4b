"""Actions of staff against accounts. Each function checks permissions, and each change is audited."""

from collections.abc import Collection

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, delete, insert, update

from twite_common import ids, permissions
from twite_common import text as texts
from twite_common.errors import Invalid, NotAllowed, NotFound
from twite_common.queries.accounts import credentials as credential_queries
from twite_common.queries.accounts.credentials import Credentials
from twite_common.queries.moderation import warning_presets
from twite_common.queries.viewers import Viewer
from twite_common.services import audit_log, one_time_links
from twite_common.services.accounts import account_deletion, accounts
from twite_common.services.moderation import reports
from twite_common.services.notifications import mails, notifications
from twite_common.tables import account, account_warning, credentials, session
from twite_common.translations import gettext as _

TAKEN_BACK = {"disable": "enable", "sensitive": "unsensitive", "silence": "unsilence", "suspend": "unsuspend"}
"""What can be done about an account and be taken back, and how taking it back is called."""
ACTIONS = ("none", *TAKEN_BACK)
"""What can be done about an account; "none" is a warning in words alone."""
MAX_TEXT_LENGTH = 2000
CLEAR = "clear_mail_failure"
"""How it is called in the record that mail is sent to an address again."""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What is done about an account, what its owner is told (nothing unless `told`), and the report that led to it.

    `preset_id` is a text (`twite_common.queries.moderation.warning_presets`) that comes before `text`.
    """

    action: str
    text: str = ""
    preset_id: int | None = None
    report_id: int | None = None
    told: bool = True


_ID = bindparam("the_account_id", type_=BigInteger)
_CHANGE = update(account).where(account.c.id == _ID)
_CHANGE_CREDENTIALS = update(credentials).where(credentials.c.account_id == _ID)
_AT = bindparam("at", type_=BigInteger)
SET = {
    "disable": _CHANGE_CREDENTIALS.values(disabled_at=_AT),
    "sensitive": _CHANGE.values(sensitized_at=_AT, version=account.c.version + 1),
    "silence": _CHANGE.values(limited_at=_AT, version=account.c.version + 1),
}
END_SESSIONS = delete(session).where(session.c.account_id == _ID)
ADD_WARNING = insert(account_warning)


def act(db: Connection, *, now: int, viewer: Viewer, account_id: int, decision: Decision) -> None:
    """Do something about an account, tell its owner, and settle the reports about it: of a mere warning, that report.

    Raises NotAllowed without the permission and for those of one's own rank or above (and so for oneself), NotFound
    when there is no such account, report of it or preset, Invalid for an unknown action and for a text too long.
    """
    if decision.action not in ACTIONS:
        raise Invalid(_("Validation failed: Type must be one of %(types)s", types=", ".join(ACTIONS)))
    permissions.check(viewer, "manage_reports")
    target = _found_below(db, viewer, account_id)
    text = texts.clean(decision.text)
    if beyond := texts.excess(text, MAX_TEXT_LENGTH):
        raise Invalid(_("Validation failed: Text is too long (maximum is %(limit)s)", limit=beyond))
    if decision.preset_id is not None:
        text = "\n\n".join(part for part in (_preset(db, decision.preset_id), text) if part)
    if decision.action != "none":
        _set(db, decision.action, account_id, now)
    audit_log.record(db, viewer, decision.action, "account", now=now, target_id=account_id, target_name=target.username)
    post_ids = reports.settle_about(
        db,
        now=now,
        viewer=viewer,
        target_id=account_id,
        report_id=decision.report_id,
        all_open=decision.action != "none",
    )
    _warn(db, now, viewer, target, msgspec.structs.replace(decision, text=text), post_ids)


def take_back(db: Connection, *, now: int, viewer: Viewer, account_id: int, action: str) -> None:
    """Take back what was done about an account; what wasn't done changes nothing. `action` is one of `TAKEN_BACK`.

    Raises NotAllowed without the permission and for those of one's own rank or above, NotFound for no such account.
    """
    target = _found_below(db, viewer, account_id)
    lift(db, account_id=account_id, action=action)
    audit_log.record(
        db, viewer, TAKEN_BACK[action], "account", now=now, target_id=account_id, target_name=target.username
    )


def lift(db: Connection, *, account_id: int, action: str) -> None:
    """Take back what was done about an account; that somebody may is to be asked, and recorded, by the caller."""
    _set(db, action, account_id, None)


def set_role(db: Connection, *, now: int, viewer: Viewer, account_id: int, role: str) -> None:
    """Give an account a role, or none.

    Raises NotAllowed without the permission and for those of one's own rank or above, NotFound for no such account,
    Invalid for an unknown role.
    """
    permissions.check(viewer, "manage_roles")
    target = _found_below(db, viewer, account_id)
    if role not in permissions.PERMISSIONS:
        raise Invalid(_("There is no such role."))
    if role != target.role:
        accounts.set_role(db, account_id=account_id, role=role)
        audit_log.record(
            db, viewer, "change_role", "account", now=now, target_id=account_id, target_name=target.username
        )


def approve(db: Connection, *, now: int, viewer: Viewer, account_id: int) -> None:
    """Let an account in that waits. Raises NotAllowed without the permission, and when the account doesn't wait."""
    target = _found_waiting(db, viewer, account_id)
    accounts.approve(db, now=now, account_id=account_id)
    audit_log.record(db, viewer, "approve", "account", now=now, target_id=account_id, target_name=target.username)


def reject(db: Connection, *, now: int, viewer: Viewer, account_id: int) -> None:
    """Remove an account that waits to be let in.

    Raises NotAllowed without the permission, and when the account doesn't wait.
    """
    target = _found_waiting(db, viewer, account_id)
    audit_log.record(db, viewer, "reject", "account", now=now, target_id=account_id, target_name=target.username)
    account_deletion.delete_account(db, now=now, account_id=account_id)


def decide_waiting(db: Connection, *, now: int, viewer: Viewer, account_ids: Collection[int], approved: bool) -> int:
    """Let several accounts in that wait, or remove them; return how many. Those that wait no more are left out.

    Raises NotAllowed without the permission.
    """
    permissions.check(viewer, "manage_users")
    waiting_ids = [one.account_id for one in credential_queries.waiting(db) if one.account_id in account_ids]
    for account_id in waiting_ids:
        (approve if approved else reject)(db, now=now, viewer=viewer, account_id=account_id)
    return len(waiting_ids)


def remove(db: Connection, *, now: int, viewer: Viewer, account_id: int) -> None:
    """Delete a suspended account with all that it wrote; a task removes its files.

    Raises NotAllowed without the permission, for those of one's own rank or above, and unless the account is suspended.
    """
    permissions.check(viewer, "delete_user_data")
    target = _found_below(db, viewer, account_id)
    if target.suspended_at is None:
        raise NotAllowed(_("Only a suspended account can be deleted."))
    audit_log.record(db, viewer, "delete", "account", now=now, target_id=account_id, target_name=target.username)
    account_deletion.delete_account(db, now=now, account_id=account_id)


def clear_mail_failure(db: Connection, *, now: int, viewer: Viewer, account_id: int) -> None:
    """Have mail sent to an account's address again, although it was refused.

    Raises NotAllowed without the permission, NotFound when there is no such account.
    """
    permissions.check(viewer, "manage_users")
    target = _found(db, account_id)
    mails.clear_failure(db, account_id=account_id)
    audit_log.record(db, viewer, CLEAR, "account", now=now, target_id=account_id, target_name=target.username)


def clear_mail_failures(db: Connection, *, now: int, viewer: Viewer | None) -> int:
    """Have mail sent again to all addresses that were refused, as after a fault of the mail server's; return how many
    there were. A viewer of None is the command line.

    Raises NotAllowed without the permission.
    """
    if viewer is not None:
        permissions.check(viewer, "view_devops")
    cleared = mails.clear_failures(db)
    audit_log.record(db, viewer, CLEAR, "address", now=now, target_id=0, target_name=str(cleared))
    return cleared


def _preset(db: Connection, preset_id: int) -> str:
    preset = warning_presets.get(db, preset_id)
    if preset is None:
        raise NotFound(_("There is no such preset."))
    return preset.text


def _set(db: Connection, action: str, account_id: int, at: int | None) -> None:
    if action == "suspend" and at is not None:
        accounts.suspend(db, now=at, account_id=account_id)
    elif action == "suspend":
        accounts.unsuspend(db, account_id=account_id)
    else:
        db.execute(SET[action], {"the_account_id": account_id, "at": at})
    if action == "disable" and at is not None:
        db.execute(END_SESSIONS, {"the_account_id": account_id})


def _warn(
    db: Connection, now: int, viewer: Viewer, target: Credentials, decision: Decision, post_ids: list[int]
) -> None:
    """Keep what was decided about an account, and tell its owner, who doesn't learn who decided it."""
    id = ids.new(now)
    row = {
        "id": id,
        "account_id": viewer.account_id,
        "target_id": target.account_id,
        "action": decision.action,
        "text": decision.text,
        "post_ids": msgspec.json.encode(post_ids).decode(),
        "report_id": decision.report_id,
    }
    db.execute(ADD_WARNING, row)
    if not decision.told:
        return
    notifications.notify(
        db,
        [target.account_id],
        "warning",
        now=now,
        from_account_id=target.account_id,
        warning_id=id,
        to_oneself=True,
    )
    link_id = one_time_links.add(db, "warning", now=now, account_id=target.account_id, detail=str(id))
    mails.add(
        db,
        "warning",
        now=now,
        address=target.email,
        account_id=target.account_id,
        action=decision.action,
        text=decision.text,
        link_id=link_id,
    )


def _found_waiting(db: Connection, viewer: Viewer, account_id: int) -> Credentials:
    permissions.check(viewer, "manage_users")
    target = _found(db, account_id)
    if target.approved_at is not None:
        raise NotAllowed(_("This account isn't pending approval."))
    return target


def _found_below(db: Connection, viewer: Viewer, account_id: int) -> Credentials:
    permissions.check(viewer, "manage_users")
    target = _found(db, account_id)
    if not permissions.is_above(viewer.role, target.role):
        raise NotAllowed(_("You can't do this to someone whose role is the same as yours or higher."))
    return target


def _found(db: Connection, account_id: int) -> Credentials:
    target = credential_queries.get(db, account_id)
    if target is None:
        raise NotFound(_("There is no such account."))
    return target
