"""Who acts for an account, and for which accounts somebody acts."""

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, func, select

from twite_common.errors import Conflict, NotAllowed, NotFound
from twite_common.tables import account, membership
from twite_common.translations import gettext as _


class Membership(msgspec.Struct, frozen=True):
    """A membership, or the invitation to one. Times are milliseconds.

    `account_name` is what the account is called that somebody acts for, `member_name` what that is called who acts.
    """

    id: int
    account_id: int
    account_name: str
    member_id: int
    member_name: str
    role: str
    accepted_at: int | None
    used_at: int | None


_ID = bindparam("id", type_=BigInteger)
_ACCOUNT = bindparam("account_id", type_=BigInteger)
_owner, _member = account.alias("owner"), account.alias("member")
_SELECTED = (
    select(
        membership.c.id,
        membership.c.account_id,
        _owner.c.username,
        membership.c.member_id,
        _member.c.username,
        membership.c.role,
        membership.c.accepted_at,
        membership.c.used_at,
    )
    .join(_owner, _owner.c.id == membership.c.account_id)
    .join(_member, _member.c.id == membership.c.member_id)
)
OF_ACCOUNT = _SELECTED.where(membership.c.account_id == _ACCOUNT).order_by(membership.c.id)
OF_MEMBER = _SELECTED.where(membership.c.member_id == _ACCOUNT, _owner.c.suspended_at.is_(None)).order_by(
    membership.c.id
)
OFFERED = OF_MEMBER.where(_owner.c.role == "", _member.c.limited_at.is_(None))
TO_ACT_FOR = OFFERED.where(membership.c.accepted_at.is_not(None))
ONE_OF_ACCOUNT = _SELECTED.where(membership.c.id == _ID, membership.c.account_id == _ACCOUNT)
ONE_OF_MEMBER = _SELECTED.where(membership.c.id == _ID, membership.c.member_id == _ACCOUNT)
COUNT = select(func.count()).select_from(membership).where(membership.c.account_id == _ACCOUNT)


def of_account(db: Connection, account_id: int) -> list[Membership]:
    """Return who acts for an account or is invited to, who was invited first first."""
    return [Membership(*row) for row in db.execute(OF_ACCOUNT, {"account_id": account_id})]


def of_member(db: Connection, member_id: int) -> list[Membership]:
    """Return for which accounts somebody acts, or is invited to; suspended ones are left out."""
    return [Membership(*row) for row in db.execute(OF_MEMBER, {"account_id": member_id})]


def to_act_for(db: Connection, member_id: int) -> list[Membership]:
    """Return for which accounts somebody can act now."""
    return [Membership(*row) for row in db.execute(TO_ACT_FOR, {"account_id": member_id})]


def offered(db: Connection, member_id: int) -> list[Membership]:
    """Return for which accounts somebody can act now, or could once they have accepted the invitation."""
    return [Membership(*row) for row in db.execute(OFFERED, {"account_id": member_id})]


def count(db: Connection, account_id: int) -> int:
    """Return how many act for an account or are invited to."""
    return db.scalars(COUNT, {"account_id": account_id}).one()


def existing_of_account(db: Connection, membership_id: int, *, account_id: int) -> Membership:
    """Return one of those who act for an account. Raises NotFound where there is none."""
    row = db.execute(ONE_OF_ACCOUNT, {"id": membership_id, "account_id": account_id}).one_or_none()
    if row is None:
        raise NotFound(_("There is no such member."))
    return Membership(*row)


def existing_of_member(db: Connection, membership_id: int, *, member_id: int) -> Membership:
    """Return one of somebody's own memberships. Raises NotFound where there is none."""
    row = db.execute(ONE_OF_MEMBER, {"id": membership_id, "account_id": member_id}).one_or_none()
    if row is None:
        raise NotFound(_("There is no such invitation any more, or you have left."))
    return Membership(*row)


def accepted(db: Connection, membership_id: int, *, member_id: int) -> Membership:
    """Return one of somebody's own memberships, to act by.

    Raises NotFound like `existing_of_member`, Conflict for an invitation, and NotAllowed where they may not act by it
    now.
    """
    found = existing_of_member(db, membership_id, member_id=member_id)
    if found.accepted_at is None:
        raise Conflict(_("Please accept the invitation first."))
    if all(one.id != membership_id for one in to_act_for(db, member_id)):
        raise NotAllowed(_("You can't act for this account at present."))
    return found
