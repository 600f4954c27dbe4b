"""Feeds of accounts' own timelines, and whose a secret address is."""

import msgspec
from sqlalchemy import BigInteger, Connection, LargeBinary, bindparam, select

from twite_common import secret
from twite_common.tables import list_, private_feed

KINDS = ("home", "list", "notifications", "bookmarks")


class PrivateFeed(msgspec.Struct, frozen=True):
    """A feed of what an account would see. Of a list it has the id and the title; `used_at` is known to a day."""

    id: int
    account_id: int
    kind: str
    list_id: int | None
    used_at: int | None
    list_title: str | None


_COLUMNS = [*[private_feed.c[name] for name in PrivateFeed.__struct_fields__[:-1]], list_.c.title]
_ALL = select(*_COLUMNS).outerjoin(list_, list_.c.id == private_feed.c.list_id)
OF_ACCOUNT = _ALL.where(private_feed.c.account_id == bindparam("account_id", type_=BigInteger)).order_by(
    private_feed.c.id.desc()
)
BY_SECRET = _ALL.where(private_feed.c.secret_hash == bindparam("secret_hash", type_=LargeBinary))


def of_account(db: Connection, account_id: int) -> list[PrivateFeed]:
    """Return an account's feeds, the latest first."""
    return [PrivateFeed(*row) for row in db.execute(OF_ACCOUNT, {"account_id": account_id})]


def by_secret(db: Connection, feed_secret: str) -> PrivateFeed | None:
    """Return the feed that a secret address is of, while there is one."""
    row = db.execute(BY_SECRET, {"secret_hash": secret.digest(feed_secret)}).one_or_none()
    return PrivateFeed(*row) if row else None
