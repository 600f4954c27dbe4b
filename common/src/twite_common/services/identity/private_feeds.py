"""Making and revoking secret addresses of one's own timelines. Only hashes of the secrets are kept."""

from sqlalchemy import BigInteger, Connection, bindparam, delete, insert, update

from twite_common import clock, ids, secret
from twite_common.errors import Invalid, NotFound
from twite_common.queries.timelines import lists
from twite_common.queries.timelines import private_feeds as queries
from twite_common.services import locks
from twite_common.services.identity import security_events
from twite_common.tables import private_feed
from twite_common.translations import gettext as _

MAX_COUNT = 20
USED_EVERY_MS = clock.DAY
"""How precisely it is known when a feed was last read."""

_ID = bindparam("feed_id", type_=BigInteger)
ADD = insert(private_feed)
REMOVE = delete(private_feed).where(
    private_feed.c.id == _ID, private_feed.c.account_id == bindparam("of_account_id", type_=BigInteger)
)
REMOVE_ALL = delete(private_feed).where(private_feed.c.account_id == bindparam("of_account_id", type_=BigInteger))
TOUCH = update(private_feed).where(private_feed.c.id == _ID)


def add(db: Connection, *, now: int, account_id: int, kind: str, list_id: int | None = None) -> str:
    """Make a feed and return its secret, which nobody can read again.

    Raises Invalid for an unknown kind and beyond `MAX_COUNT`, NotFound unless the list is the account's own.
    """
    if kind not in queries.KINDS or (kind == "list") != (list_id is not None):
        raise Invalid(_("There is no such feed."))
    if list_id is not None and lists.get(db, list_id, account_id=account_id) is None:
        raise NotFound(_("There is no such list."))
    locks.take(db, account_id)
    if len(queries.of_account(db, account_id)) >= MAX_COUNT:
        raise Invalid(_("You can have up to %(limit)s feeds. Remove one first.", limit=MAX_COUNT))
    feed_secret = secret.new()
    row = {"id": ids.new(now), "account_id": account_id, "kind": kind, "list_id": list_id}
    db.execute(ADD, row | {"secret_hash": secret.digest(feed_secret)})
    security_events.record(db, "feed_made", now=now, account_id=account_id)
    security_events.tell(db, "feed_made", now=now, account_id=account_id)
    return feed_secret


def remove(db: Connection, *, account_id: int, feed_id: int) -> None:
    """Revoke a feed: its address shows nothing from now on. Raises NotFound unless it is the account's own."""
    if not db.execute(REMOVE, {"feed_id": feed_id, "of_account_id": account_id}).rowcount:
        raise NotFound(_("There is no such feed."))


def remove_all(db: Connection, *, account_id: int) -> None:
    """Revoke all of an account's feeds."""
    db.execute(REMOVE_ALL, {"of_account_id": account_id})


def touch(db: Connection, *, now: int, feed_id: int) -> None:
    """Note that a feed was read."""
    db.execute(TOUCH.values(used_at=now), {"feed_id": feed_id})
