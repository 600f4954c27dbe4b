"""Appeals: the owner of a sanctioned account answers once, and a member of staff decides."""

from sqlalchemy import BigInteger, Connection, bindparam, update

from twite_common import ids, permissions, text
from twite_common.errors import Invalid, NotAllowed, NotFound
from twite_common.queries.accounts import credentials as credential_queries
from twite_common.queries.accounts.credentials import Credentials
from twite_common.queries.moderation import warnings as queries
from twite_common.queries.moderation.warnings import AccountWarning
from twite_common.queries.viewers import Viewer
from twite_common.secret import Signer
from twite_common.services import audit_log, one_time_links
from twite_common.services.moderation import account_actions
from twite_common.services.notifications import mails
from twite_common.tables import account_warning
from twite_common.translations import gettext as _

MAX_LENGTH = 2000

_ID = account_warning.c.id == bindparam("the_id", type_=BigInteger)
ADD = update(account_warning).where(_ID, account_warning.c.appeal.is_(None))
DECIDE = update(account_warning).where(_ID, account_warning.c.appeal_state == "pending")


def warning_of_link(db: Connection, signer: Signer, *, now: int, token: str) -> AccountWarning:
    """Return the warning that the link from a mail is about. Raises NotFound when the link doesn't work."""
    link = one_time_links.find(db, signer, token, "warning", now=now)
    warning = queries.get(db, ids.parse(link.detail) or 0)
    if warning is None or warning.target_id != link.account_id:
        raise _not_there()
    return warning


def add(db: Connection, *, now: int, account_id: int, warning_id: int, words: str) -> None:
    """Appeal against what was done about one's account, and tell those who decide about it.

    Raises NotFound when that is no warning of the account, NotAllowed when it is too late or was done before, Invalid
    for a text that can't be.
    """
    warning = queries.own(db, [warning_id], viewer_id=account_id).get(warning_id)
    if warning is None:
        raise _not_there()
    appeal = _checked(words)
    if not warning.may_be_appealed(now):
        raise NotAllowed(_("You can appeal once, and within 20 days."))
    result = db.execute(ADD.values(appeal=appeal, appeal_state="pending"), {"the_id": warning_id})
    if not result.rowcount:
        raise NotAllowed(_("You have already appealed."))
    for judge in credential_queries.with_role(db, permissions.roles_with("manage_appeals")):
        mails.add(db, "appeal", now=now, address=judge.email, account_id=judge.account_id, warning_id=warning_id)


def approve(db: Connection, *, now: int, viewer: Viewer, warning_id: int) -> None:
    """Grant an appeal: what was done is taken back, and its owner is told by mail.

    Raises NotAllowed without the permission, for those of one's own rank or above, and when somebody has decided
    already; NotFound for no such appeal.
    """
    warning, appellant = _decide(db, viewer, warning_id, "approved")
    if warning.action in account_actions.TAKEN_BACK:
        account_actions.lift(db, account_id=warning.target_id, action=warning.action)
    _tell(db, now, viewer, appellant, warning_id, "grant", "appeal_approved")


def reject(db: Connection, *, now: int, viewer: Viewer, warning_id: int) -> None:
    """Turn an appeal down, and tell its owner by mail. Raises like `approve`."""
    _, appellant = _decide(db, viewer, warning_id, "rejected")
    _tell(db, now, viewer, appellant, warning_id, "reject", "appeal_rejected")


def _decide(db: Connection, viewer: Viewer, warning_id: int, state: str) -> tuple[AccountWarning, Credentials]:
    permissions.check(viewer, "manage_appeals")
    warning = queries.get(db, warning_id)
    appellant = credential_queries.get(db, warning.target_id) if warning is not None else None
    if warning is None or warning.appeal is None or appellant is None:
        raise NotFound(_("There is no such appeal."))
    if not permissions.is_above(viewer.role, appellant.role):
        raise NotAllowed(_("You can't decide about someone whose role is the same as yours or higher."))
    if not db.execute(DECIDE.values(appeal_state=state), {"the_id": warning_id}).rowcount:
        raise NotAllowed(_("This appeal has already been decided."))
    return warning, appellant


def _tell(
    db: Connection, now: int, viewer: Viewer, appellant: Credentials, warning_id: int, action: str, letter: str
) -> None:
    audit_log.record(db, viewer, action, "appeal", now=now, target_id=warning_id, target_name=appellant.username)
    mails.add(db, letter, now=now, address=appellant.email, account_id=appellant.account_id)


def _checked(words: str) -> str:
    appeal = text.clean(words)
    sentence = ""
    if not appeal:
        sentence = _("Please say why you think this is wrong.")
    elif beyond := text.excess(appeal, MAX_LENGTH):
        sentence = _("An appeal can have at most %(limit)s.", limit=beyond)
    if sentence:
        raise Invalid(sentence, {"text": [("invalid", sentence)]})
    return appeal


def _not_there() -> NotFound:
    return NotFound(_("There is no such action against your account."))
