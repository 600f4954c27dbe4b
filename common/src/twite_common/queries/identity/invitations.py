"""Valid invitations."""

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, select

from twite_common.tables import invitation
from twite_common.visibility import NOW


class Invitation(msgspec.Struct, frozen=True):
    """An open invitation; its code follows from its id (`twite_common.services.identity.invitations`)."""

    id: int
    uses_left: int
    expires_at: int


OF_ACCOUNT = (
    select(invitation.c.id, invitation.c.uses_left, invitation.c.expires_at)
    .where(
        invitation.c.account_id == bindparam("id", type_=BigInteger),
        invitation.c.uses_left > 0,
        invitation.c.expires_at > NOW,
    )
    .order_by(invitation.c.id.desc())
)


def of_account(db: Connection, account_id: int, *, now: int) -> list[Invitation]:
    """Return an account's invitations that still work, the latest first."""
    return [Invitation(*row) for row in db.execute(OF_ACCOUNT, {"id": account_id, "now": now})]
