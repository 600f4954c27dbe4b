"""Invitations: links that let others sign up on sites by invitation.

A code is a signature of its row's id, so the link can be shown again; the table has the code's hash.
"""

from sqlalchemy import BigInteger, Connection, bindparam, delete, insert

from twite_common import clock, ids, secret
from twite_common.errors import Invalid, NotAllowed, NotFound
from twite_common.queries.identity import invitations as invitation_queries
from twite_common.secret import Signer
from twite_common.services import locks
from twite_common.settings import Settings
from twite_common.tables import invitation
from twite_common.translations import gettext as _
from twite_common.translations import ngettext

LIFETIME_MS = 7 * clock.DAY
MAX_USES = 100
MAX_OPEN = 20
"""Invitations of one account that work at the same time."""

ADD = insert(invitation)
DROP = delete(invitation).where(
    invitation.c.id == bindparam("invitation_id", type_=BigInteger),
    invitation.c.account_id == bindparam("by_account_id", type_=BigInteger),
)


def invite(db: Connection, signer: Signer, settings: Settings, *, now: int, account_id: int, uses: int) -> int:
    """Make an invitation that lets `uses` people sign up within a week, and return its id.

    Raises NotAllowed where the site doesn't ask for invitations, Invalid for too many.
    """
    if settings.registration != "invitation":
        raise NotAllowed(_("This site doesn't use invitations."))
    if not 1 <= uses <= MAX_USES:
        sentence = _("An invitation can be for 1 to %(most)s people.", most=MAX_USES)
        raise Invalid(sentence, {"uses": [("ERR_INVALID", sentence)]})
    locks.take(db, account_id)
    if len(invitation_queries.of_account(db, account_id, now=now)) >= MAX_OPEN:
        raise Invalid(
            ngettext(
                "You have %(count)s open invitation. Please withdraw one first.",
                "You have %(count)s open invitations. Please withdraw one first.",
                MAX_OPEN,
            )
        )
    id = ids.new(now)
    row = {
        "id": id,
        "code_hash": secret.digest(code(signer, id)),
        "account_id": account_id,
        "uses_left": uses,
        "expires_at": now + LIFETIME_MS,
    }
    db.execute(ADD, row)
    return id


def code(signer: Signer, invitation_id: int) -> str:
    """Return what stands in an invitation's link."""
    return signer.sign("invitation", invitation_id)


def withdraw(db: Connection, *, account_id: int, invitation_id: int) -> None:
    """End one of an account's invitations.

    Raises NotFound when there is none.
    """
    if not db.execute(DROP, {"by_account_id": account_id, "invitation_id": invitation_id}).rowcount:
        raise NotFound(_("There is no such invitation."))
