"""Deleting an account: it is hidden and shut at once, and a task removes what it leaves, a chunk at a time.

An account that is being deleted has no credentials, is suspended and pending, and has no name: so nobody sees it, and
nobody but the task comes near it any more.
"""

from sqlalchemy import BigInteger, Connection, Text, bindparam, delete, literal_column, or_, select, update

from twite_common import outbox
from twite_common.errors import NotFound
from twite_common.services import locks
from twite_common.services.accounts import account_deletion_chunks, deleted_names
from twite_common.tables import (
    account,
    audit_entry,
    credentials,
    former_username,
    grant,
    invitation,
    mail,
    membership,
    passkey,
    session,
    token,
)
from twite_common.translations import gettext as _

EVENT = "account.deleted"
"""The event whose task removes the next of what an account leaves."""

_ID = bindparam("gone_id", type_=BigInteger)
NAME = select(account.c.username).where(account.c.id == _ID, ~account.c.pending)
"""The name of an account that others have seen."""
FORMER_NAMES = select(former_username.c.username).where(former_username.c.account_id == _ID)
SHUT = delete(credentials).where(credentials.c.account_id == _ID)
_NO_NAME = bindparam("no_name", type_=Text)
HIDE = (
    update(account)
    .where(account.c.id == _ID)
    .values(
        username=_NO_NAME,
        username_key=_NO_NAME,
        suspended_at=bindparam("at", type_=BigInteger),
        pending=True,
        role="",
        version=account.c.version + 1,
    )
)
END = (
    delete(token).where(token.c.account_id == _ID),
    delete(grant).where(grant.c.account_id == _ID),
    delete(session).where(session.c.account_id == _ID),
    delete(passkey).where(passkey.c.account_id == _ID),
    delete(invitation).where(invitation.c.account_id == _ID),
    delete(membership).where(or_(membership.c.account_id == _ID, membership.c.member_id == _ID)),
    delete(mail).where(mail.c.account_id == _ID, mail.c.state != literal_column("'sent'")),
)
"""What would let somebody in, or be sent."""
FORGET_NAME = (
    update(audit_entry)
    .where(audit_entry.c.target_kind == literal_column("'account'"), audit_entry.c.target_id == _ID)
    .values(target_id=None, target_name="")
)


def leave(db: Connection, *, now: int, account_id: int) -> None:
    """Delete an account as its owner wants it, so that nothing of it stays.

    What staff once did about it stays in their record, without its name. Raises NotFound like `delete_account`.
    """
    delete_account(db, now=now, account_id=account_id)
    db.execute(FORGET_NAME, {"gone_id": account_id})


def delete_account(db: Connection, *, now: int, account_id: int) -> None:
    """Hide an account from everybody, shut it, and have a task delete it with everything that it wrote.

    Its name can't be taken again, unless nobody has seen it yet. Raises NotFound when there is no such account, or it
    is being deleted already.
    """
    target = {"gone_id": account_id}
    locks.take_whole(db, account_id)
    name = db.scalar(NAME, target)
    if not db.execute(SHUT, target).rowcount:
        raise NotFound(_("There is no such account."))
    former_names = db.scalars(FORMER_NAMES, target).all()
    for seen_name in (*([] if name is None else [name]), *former_names):
        deleted_names.add(db, seen_name)
    # No name can have a dot.
    db.execute(HIDE, {**target, "at": now, "no_name": f".{account_id}"})
    for statement in END:
        db.execute(statement, target)
    outbox.add(db, EVENT, now=now, account_id=account_id)


def go_on(db: Connection, *, now: int, account_id: int) -> None:
    """Remove the next of what a deleted account leaves, and leave an event for the rest."""
    if not account_deletion_chunks.remove_some(db, now=now, account_id=account_id):
        outbox.add(db, EVENT, now=now, account_id=account_id)
