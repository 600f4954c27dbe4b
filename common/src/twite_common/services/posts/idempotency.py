"""Names that applications give to what they publish, so that a request which is sent twice publishes once."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, Connection, Text, bindparam, delete, select

from twite_common import clock
from twite_common.sql.dialects import among, upsert
from twite_common.tables import idempotency_key

KEPT_MS = clock.HOUR
MAX_LENGTH = 255

_AUTHOR_ID = bindparam("author_id", type_=BigInteger)
BY_KEY = select(idempotency_key.c.post_id).where(
    idempotency_key.c.account_id == _AUTHOR_ID,
    idempotency_key.c.name == bindparam("key", type_=Text),
    idempotency_key.c.expires_at > bindparam("now", type_=BigInteger),
)
FORGET_KEY = delete(idempotency_key).where(
    idempotency_key.c.account_id == _AUTHOR_ID,
    idempotency_key.c.name == bindparam("key", type_=Text),
    idempotency_key.c.expires_at <= bindparam("now", type_=BigInteger),
)
DROP_KEYS = delete(idempotency_key).where(
    idempotency_key.c.account_id == _AUTHOR_ID, among(idempotency_key.c.name, "keys")
)
CLAIM_KEY = upsert(idempotency_key).on_conflict_do_nothing()


def claim(db: Connection, *, now: int, author_id: int, name: str, post_ids: Sequence[int]) -> list[int]:
    """Take a name for new posts, which are published together, or return those that have it.

    Whoever comes second waits for the first here.
    """
    for place, post_id in enumerate(post_ids):
        key = _key(name, place)
        db.execute(FORGET_KEY, {"author_id": author_id, "key": key, "now": now})
        row = {"account_id": author_id, "name": key, "post_id": post_id, "expires_at": now + KEPT_MS}
        if not db.execute(CLAIM_KEY, row).rowcount:
            return published(db, now=now, author_id=author_id, name=name)
    return []


def published(db: Connection, *, now: int, author_id: int, name: str) -> list[int]:
    """Return the ids of what was published under a name within the hour, in order."""
    post_ids: list[int] = []
    while True:
        key = _key(name, len(post_ids))
        post_id = db.scalar(BY_KEY, {"author_id": author_id, "key": key, "now": now})
        if post_id is None:
            return post_ids
        post_ids.append(post_id)


def give_back(db: Connection, *, author_id: int, name: str, number: int) -> None:
    """Give back a name that was taken for so many posts which aren't published after all."""
    db.execute(DROP_KEYS, {"author_id": author_id, "keys": [_key(name, place) for place in range(number)]})


def _key(name: str, place: int) -> str:
    """Return the name of one of several posts: no name from outside has a line break."""
    return f"{name[:MAX_LENGTH]}\n{place}" if place else name[:MAX_LENGTH]
