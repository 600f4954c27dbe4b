"""Several people for one account: inviting them, their roles, and acting for it.

What a role lets, `twite_common.acting` says; whether a membership is any good, `queries.viewers` asks with each
request. So whatever ends a membership ends at once what is done with it.
"""

from sqlalchemy import BigInteger, Connection, Text, bindparam, delete, insert, update

from twite_common import ids
from twite_common.acting import ROLES, Acting
from twite_common.errors import Conflict, Invalid, NotAllowed
from twite_common.queries.accounts import accounts as account_queries
from twite_common.queries.accounts import credentials, relationships
from twite_common.queries.identity import memberships as queries
from twite_common.queries.identity.memberships import Membership
from twite_common.queries.viewers import Viewer
from twite_common.services import locks
from twite_common.services.identity import security_events, tokens
from twite_common.services.notifications import mails
from twite_common.tables import membership, session
from twite_common.translations import gettext as _

MAX_COUNT = 20
"""Members of an account, with those who are invited."""
USED_EVERY_MS = 10 * 60 * 1000
"""How exactly it is known when a membership was last used; each finer step would be a write."""

_ID = bindparam("the_membership_id", type_=BigInteger)
_AT = bindparam("at", type_=BigInteger)
ADD = insert(membership)
ACCEPT = update(membership).where(membership.c.id == _ID, membership.c.accepted_at.is_(None)).values(accepted_at=_AT)
CHANGE_ROLE = update(membership).where(membership.c.id == _ID).values(role=bindparam("new_role", type_=Text))
USED = update(membership).where(membership.c.id == _ID).values(used_at=_AT)
END = delete(membership).where(membership.c.id == _ID)
END_OF_ACCOUNT = delete(membership).where(membership.c.account_id == bindparam("of_account_id", type_=BigInteger))
ACT = (
    update(session)
    .where(session.c.id == bindparam("session_id", type_=BigInteger))
    .values(acts_as=bindparam("acts_as_id", type_=BigInteger))
)


def invite(db: Connection, *, now: int, viewer: Viewer, name: str, role: str) -> int:
    """Invite somebody to act for the viewer's account, tell both by mail, and return the invitation's id.

    Raises NotAllowed for staff, whose accounts aren't shared, Invalid for a name that there isn't, or that is the
    account's own or a member's already, for a role that there isn't, and beyond `MAX_COUNT`.
    """
    if viewer.role or viewer.role_rests:
        raise NotAllowed(_("The account of somebody with a role on this site can't be shared."))
    _check_role(role)
    invited = account_queries.by_username(db, name.strip().removeprefix("@"))
    login = credentials.get(db, invited.id) if invited is not None else None
    # Of an account that blocks the inviter nobody learns so: it seems not to be there.
    if (
        invited is None
        or login is None
        or login.suspended_at is not None
        or login.confirmed_at is None
        or _blocks(db, invited.id, viewer.account_id, now)
    ):
        raise _wrong("username", _("There is no such account on this site."))
    if invited.id == viewer.account_id:
        raise _wrong("username", _("This is the account itself."))
    # Of two that are invited at the same moment, the second one waits and is counted with the first.
    locks.take(db, viewer.account_id)
    present = queries.of_account(db, viewer.account_id)
    if any(one.member_id == invited.id for one in present):
        raise _wrong("username", _("@%(name)s is a member or invited already.", name=invited.username))
    if len(present) >= MAX_COUNT:
        raise Invalid(_("An account can have up to %(limit)s members. Remove one first.", limit=MAX_COUNT))
    id = ids.new(now)
    db.execute(ADD, {"id": id, "account_id": viewer.account_id, "member_id": invited.id, "role": role})
    _record(db, "member_invited", now=now, account_id=viewer.account_id, name=invited.username)
    security_events.tell(db, "member_invited", now=now, account_id=viewer.account_id, name=invited.username, role=role)
    mails.add(
        db,
        "membership_offered",
        now=now,
        address=login.email,
        account_id=invited.id,
        cause_id=viewer.account_id,
        name=viewer.username,
        role=role,
    )
    return id


def accept(db: Connection, *, now: int, viewer: Viewer, membership_id: int) -> None:
    """Take an invitation; the account's owner is told. Raises NotFound unless the viewer was invited."""
    found = queries.existing_of_member(db, membership_id, member_id=viewer.account_id)
    if not db.execute(ACCEPT, {"the_membership_id": membership_id, "at": now}).rowcount:
        return
    _record(db, "membership_accepted", now=now, account_id=found.member_id, name=found.account_name)
    _record(db, "member_accepted", now=now, account_id=found.account_id, name=found.member_name)
    security_events.tell(
        db, "member_accepted", now=now, account_id=found.account_id, name=found.member_name, role=found.role
    )


def leave(db: Connection, *, now: int, viewer: Viewer, membership_id: int) -> None:
    """Decline an invitation, or act for an account no longer. Raises NotFound unless it is the viewer's own."""
    found = queries.existing_of_member(db, membership_id, member_id=viewer.account_id)
    _end(db, found, now=now)
    accepted = found.accepted_at is not None
    kind = "member_left" if accepted else "member_declined"
    _record(db, kind, now=now, account_id=found.account_id, name=found.member_name)
    if accepted:
        _record(db, "membership_left", now=now, account_id=found.member_id, name=found.account_name)


def change_role(db: Connection, *, now: int, account_id: int, membership_id: int, role: str) -> None:
    """Give a member another role. Raises NotFound unless it is the account's, Invalid for a role that there isn't."""
    _check_role(role)
    found = queries.existing_of_account(db, membership_id, account_id=account_id)
    if found.role == role:
        return
    db.execute(CHANGE_ROLE, {"the_membership_id": membership_id, "new_role": role})
    _record(db, "member_role_changed", now=now, account_id=account_id, name=found.member_name)


def remove(db: Connection, *, now: int, account_id: int, membership_id: int) -> None:
    """End a membership, or take an invitation back; the member is told. Raises NotFound unless it is the account's."""
    found = queries.existing_of_account(db, membership_id, account_id=account_id)
    _end(db, found, now=now)
    _record(db, "member_removed", now=now, account_id=account_id, name=found.member_name)
    login = credentials.get(db, found.member_id)
    if found.accepted_at is not None and login is not None:
        _record(db, "membership_ended", now=now, account_id=found.member_id, name=found.account_name)
        mails.add(
            db,
            "membership_ended",
            now=now,
            address=login.email,
            account_id=found.member_id,
            cause_id=account_id,
            name=found.account_name,
        )


def remove_all(db: Connection, *, now: int, account_id: int) -> None:
    """End all memberships of an account that somebody else may have invited people to."""
    for found in queries.of_account(db, account_id):
        tokens.revoke_of_membership(db, now=now, member_id=found.member_id, membership_id=found.id)
    db.execute(END_OF_ACCOUNT, {"of_account_id": account_id})


def act(db: Connection, *, viewer: Viewer, session_id: int | None, membership_id: int) -> Membership:
    """Have a session act for an account from now on, and return by which membership.

    Raises NotFound unless the viewer was invited, Conflict before they have accepted or while somebody else's account
    is acted for already.
    """
    if viewer.acting is not None:
        raise Conflict(_("Please go back to your own account first."))
    found = queries.accepted(db, membership_id, member_id=viewer.account_id)
    db.execute(ACT, {"session_id": session_id, "acts_as_id": membership_id})
    return found


def act_as_oneself(db: Connection, *, session_id: int | None) -> None:
    """Have a session act for the account that logged in, and no other."""
    db.execute(ACT, {"session_id": session_id, "acts_as_id": None})


def is_touched(acting: Acting, *, now: int) -> bool:
    """Say whether it is known well enough when a membership was last used."""
    return acting.used_at is not None and now - acting.used_at <= USED_EVERY_MS


def touch(db: Connection, acting: Acting, *, now: int) -> None:
    """Record that a membership is in use."""
    db.execute(USED, {"the_membership_id": acting.membership_id, "at": now})


def _end(db: Connection, found: Membership, *, now: int) -> None:
    tokens.revoke_of_membership(db, now=now, member_id=found.member_id, membership_id=found.id)
    db.execute(END, {"the_membership_id": found.id})


def _blocks(db: Connection, account_id: int, blocked_id: int, now: int) -> bool:
    [relationship] = relationships.load(db, [blocked_id], viewer_id=account_id, now=now)
    return relationship.blocking


def _record(db: Connection, kind: str, *, now: int, account_id: int, name: str) -> None:
    security_events.record(db, kind, now=now, account_id=account_id, detail=name)


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise _wrong("role", _("Please choose what they may do."))


def _wrong(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, {field: [("ERR_INVALID", sentence)]})
