"""Maintaining people's lists of conversations, and muting conversations."""

from collections.abc import Collection

from sqlalchemy import BigInteger, Connection, and_, bindparam, delete, exists, func, or_, select, update

from twite_common import ids, post_details
from twite_common.errors import NotFound
from twite_common.queries.posts import posts
from twite_common.queries.posts.posts import Post
from twite_common.queries.timelines import conversations as conversation_queries
from twite_common.queries.timelines.conversations import Conversation
from twite_common.services.timelines import stream_events
from twite_common.sql.dialects import upsert
from twite_common.tables import conversation, conversation_mute, mention, post
from twite_common.translations import gettext as _

LOOKED_THROUGH = 20
"""Conversations with somebody among which one with certain people is looked for, the latest first."""
_ACCOUNT = bindparam("of_account_id", type_=BigInteger)
_POST = bindparam("the_post_id", type_=BigInteger)
_add = upsert(conversation)
ADD = _add.on_conflict_do_update(
    index_elements=[conversation.c.account_id, conversation.c.conversation_id],
    set_={"last_post_id": _add.excluded.last_post_id, "unread": _add.excluded.unread},
)
LISTED = select(conversation.c.id, conversation.c.account_id).where(conversation.c.last_post_id == _POST)
_earlier = (
    select(func.max(post.c.id))
    .where(
        post.c.conversation_id == conversation.c.conversation_id,
        post.c.id != _POST,
        post.c.visibility == "mentioned",
        or_(
            post.c.account_id == conversation.c.account_id,
            exists().where(mention.c.post_id == post.c.id, mention.c.account_id == conversation.c.account_id),
        ),
    )
    .correlate(conversation)
    .scalar_subquery()
)
GO_BACK = (
    update(conversation)
    .where(and_(conversation.c.last_post_id == _POST, _earlier.is_not(None)))
    .values(last_post_id=_earlier)
)
MARK = update(conversation).where(
    conversation.c.id == bindparam("the_id", type_=BigInteger), conversation.c.account_id == _ACCOUNT
)
DROP = delete(conversation).where(
    conversation.c.id == bindparam("the_id", type_=BigInteger), conversation.c.account_id == _ACCOUNT
)
MUTE = upsert(conversation_mute).on_conflict_do_nothing()
UNMUTE = delete(conversation_mute).where(
    conversation_mute.c.account_id == _ACCOUNT,
    conversation_mute.c.conversation_id == bindparam("the_conversation_id", type_=BigInteger),
)


def add(
    db: Connection, *, now: int, post_id: int, conversation_id: int, author_id: int, named_ids: Collection[int]
) -> None:
    """Put a post for those named into its conversation, for all who are in it; it is new for all but its author."""
    rows = [
        {
            "id": ids.new(now),
            "account_id": account_id,
            "conversation_id": conversation_id,
            "last_post_id": post_id,
            "unread": account_id != author_id,
        }
        for account_id in sorted({author_id, *named_ids})
    ]
    db.execute(ADD, rows)
    for id, account_id in db.execute(LISTED, {"the_post_id": post_id}).all():
        stream_events.add(db, "conversation.changed", now=now, account_id=account_id, subject_id=id)


def with_people(db: Connection, account_ids: Collection[int], *, viewer_id: int, now: int) -> Conversation | None:
    """Return the conversation in which the viewer can go on writing to these people and to nobody else."""
    others = set(account_ids) - {viewer_id}
    if not others:
        return None
    rows = conversation_queries.shared(db, min(others), viewer_id=viewer_id, limit=LOOKED_THROUGH)
    loaded = posts.load(db, [row.last_post_id for row in rows], viewer_id=viewer_id, now=now)
    for row in rows:
        last = loaded.get(row.last_post_id)
        if last and last.can_be_answered_by(viewer_id) and _people_of(last) - {viewer_id} == others:
            return row
    return None


def _people_of(post: Post) -> set[int]:
    return {post.account_id, *(mention.account_id for mention in post_details.decode(post.details).mentions)}


def go_back(db: Connection, *, post_id: int) -> None:
    """Let conversations end with the post before one that is about to be deleted; those without one go with it."""
    db.execute(GO_BACK, {"the_post_id": post_id})


def mark(db: Connection, *, account_id: int, id: int, unread: bool) -> None:
    """Note that somebody has read a conversation, or wants to read it again. Raises NotFound unless it is theirs."""
    changed = db.execute(MARK.values(unread=unread), {"the_id": id, "of_account_id": account_id})
    if not changed.rowcount:
        raise NotFound(_("There is no such conversation."))


def remove(db: Connection, *, account_id: int, id: int) -> None:
    """Take a conversation out of somebody's list; its posts stay. Raises NotFound unless it is theirs."""
    if not db.execute(DROP, {"the_id": id, "of_account_id": account_id}).rowcount:
        raise NotFound(_("There is no such conversation."))


def mute(db: Connection, *, account_id: int, post_id: int) -> None:
    """Have no more notifications from the conversation that a post is in. Raises NotFound for one that isn't seen."""
    post = posts.existing_original(db, post_id, viewer_id=account_id)
    db.execute(MUTE, {"account_id": account_id, "conversation_id": post.conversation_id})


def unmute(db: Connection, *, account_id: int, post_id: int) -> None:
    """Have notifications from a conversation again. Raises NotFound for a post that isn't seen."""
    post = posts.existing_original(db, post_id, viewer_id=account_id)
    db.execute(UNMUTE, {"of_account_id": account_id, "the_conversation_id": post.conversation_id})
