"""Deleting accounts at once, as tests want that look at what is left."""

from support.moment import NOW
from twite_common import outbox
from twite_common.database import Connection
from twite_common.services.accounts import account_deletion


def delete_whole_account(db: Connection, account_id: int, *, now: int = NOW) -> None:
    """Delete an account, and do what its task would do."""
    account_deletion.delete_account(db, now=now, account_id=account_id)
    finish_deletions(db, now=now)


def finish_deletions(db: Connection, *, now: int = NOW) -> int:
    """Do what the tasks of accounts that are being deleted would do, and return how many chunks that took."""
    chunks = 0
    while waiting := [event for event in outbox.pending(db) if event.kind == account_deletion.EVENT]:
        for event in waiting:
            outbox.take(db, event.id)
            account_deletion.go_on(db, now=now, account_id=event.account_id or 0)
            chunks += 1
    return chunks
