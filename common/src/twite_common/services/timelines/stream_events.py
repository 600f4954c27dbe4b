"""Recording what listeners must hear, in the transaction that causes it; `twite_web.streaming` sends it.

| kind | subject | account | payload |
| --- | --- | --- | --- |
| `post.published` | the post or boost | | `{"in_chunks": …}`: more home timelines have it later |
| `post.delivered` | the same, when more home timelines have it | | |
| `post.edited` | a post whose text, poll, quote or card changed | | |
| `post.deleted` | the post or boost; see `add_deletion` | its author | `Deletion` |
| `notifications.created` | | | `[[account id, notification id], …]` |
| `notifications.merged` | | who accepted them | |
| `conversation.changed` | the account's row of `conversation` | whose it is | |
| `filters.changed` | | whose they are | |
| `announcement.published` | the announcement, also when its text changed | | |
| `announcement.reacted` | the announcement | | `{"name": …, "count": …}` |
| `announcement.deleted` | the announcement | | |
"""

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, delete, insert, select

from twite_common import clock
from twite_common.database import mark_streamed
from twite_common.queries.timelines.stream_events import CHANNEL, Deletion
from twite_common.sql import dialects
from twite_common.tables import post, post_tag, stream_event, tag

KEEP_MS = 2 * clock.MINUTE
"""How long listeners have to read what was written down."""

MAX_BOOSTS = 200
"""How many boosts that go with a post are told of: the latest, which stand where somebody looks."""

_ID = bindparam("the_post_id", type_=BigInteger)
ADD = insert(stream_event)
GONE = (
    select(post.c.merged, post.c.visibility, tag.c.name_key)
    .select_from(
        post.outerjoin(post_tag, post_tag.c.post_id == post.c.id).outerjoin(tag, tag.c.id == post_tag.c.tag_id)
    )
    .where(post.c.id == _ID)
)
BOOSTS = select(post.c.id).where(post.c.boost_of_id == _ID).order_by(post.c.id.desc()).limit(MAX_BOOSTS)
FORGET_OLD = delete(stream_event).where(stream_event.c.made_at < bindparam("before", type_=BigInteger))


def add(
    db: Connection,
    kind: str,
    *,
    now: int,
    account_id: int | None = None,
    subject_id: int | None = None,
    payload: object = None,
) -> None:
    """Write down something that listeners hear once this transaction is committed; `payload` becomes JSON."""
    row = {
        "kind": kind,
        "account_id": account_id,
        "subject_id": subject_id,
        "payload": None if payload is None else msgspec.json.encode(payload).decode(),
        "made_at": now,
    }
    db.execute(ADD, row)
    if mark_streamed(db):
        dialects.notify(db, CHANNEL)


def add_deletion(db: Connection, *, now: int, author_id: int, post_id: int) -> None:
    """Write down that a post or boost is about to be deleted, and where it stood, while that can still be seen."""
    rows = db.execute(GONE, {"the_post_id": post_id}).all()
    if not rows:
        return
    merged, visibility, _ = rows[0]
    tags = [name for *_, name in rows if name is not None]
    boost_ids = list(db.scalars(BOOSTS, {"the_post_id": post_id}))
    deletion = Deletion(public=visibility == "public", merged=merged, tags=tags, boost_ids=boost_ids)
    add(db, "post.deleted", now=now, account_id=author_id, subject_id=post_id, payload=deletion)


def forget_old(db: Connection, *, now: int) -> None:
    """Remove what every listener has been told."""
    db.execute(FORGET_OLD, {"before": now - KEEP_MS})
