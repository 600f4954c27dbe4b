"""Direct conversations, as each participant's list has them."""

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, select

from twite_common.queries.paging import Page, Pageable, StructPages
from twite_common.queries.timelines.timelines import PLAIN_ENTRY, Entry
from twite_common.tables import conversation, post
from twite_common.visibility import visible, wanted


class Conversation(msgspec.Struct, frozen=True):
    """A conversation in somebody's list; the last post in it is its place there."""

    id: int
    conversation_id: int
    last_post_id: int
    unread: bool


_COLUMNS = [conversation.c[name] for name in Conversation.__struct_fields__]
_OWN = conversation.c.account_id == bindparam("viewer_id", type_=BigInteger)
LIST = Pageable(
    select(*_COLUMNS)
    .join(post, post.c.id == conversation.c.last_post_id)
    .where(_OWN, visible(post), wanted(post.c.account_id)),
    conversation.c.last_post_id,
)
ONE = select(*_COLUMNS).where(_OWN, conversation.c.id == bindparam("id", type_=BigInteger))
WITH_LAST_POST = select(*_COLUMNS).where(_OWN, conversation.c.last_post_id == bindparam("post_id", type_=BigInteger))
_other = conversation.alias("other")
SHARED = (
    select(*_COLUMNS)
    .join(_other, _other.c.conversation_id == conversation.c.conversation_id)
    .where(_OWN, _other.c.account_id == bindparam("other_id", type_=BigInteger))
    .order_by(conversation.c.last_post_id.desc())
    .limit(bindparam("limit", type_=BigInteger))
)
MESSAGES = StructPages(
    Entry,
    select(*PLAIN_ENTRY).where(
        post.c.conversation_id == bindparam("the_conversation_id", type_=BigInteger),
        post.c.visibility == "mentioned",
        visible(post),
        wanted(post.c.account_id),
    ),
    post.c.id,
)


def of_account(db: Connection, page: Page, *, viewer_id: int, now: int) -> list[Conversation]:
    """Return the viewer's conversations, that with the latest post first; paged by that post."""
    return [Conversation(*row) for row in LIST.rows(db, page, {"viewer_id": viewer_id, "now": now})]


def get(db: Connection, id: int, *, viewer_id: int) -> Conversation | None:
    """Return one of the viewer's conversations."""
    row = db.execute(ONE, {"id": id, "viewer_id": viewer_id}).one_or_none()
    return Conversation(*row) if row else None


def with_last_post(db: Connection, post_id: int, *, viewer_id: int) -> Conversation | None:
    """Return the viewer's conversation that ends with a post."""
    row = db.execute(WITH_LAST_POST, {"post_id": post_id, "viewer_id": viewer_id}).one_or_none()
    return Conversation(*row) if row else None


def shared(db: Connection, account_id: int, *, viewer_id: int, limit: int) -> list[Conversation]:
    """Return the viewer's conversations that somebody else is in, too, that with the latest post first."""
    rows = db.execute(SHARED, {"viewer_id": viewer_id, "other_id": account_id, "limit": limit})
    return [Conversation(*row) for row in rows]


def messages(db: Connection, conversation_id: int, page: Page, *, viewer_id: int, now: int) -> list[Entry]:
    """Return the posts for those named in a conversation that the viewer may see, the latest first."""
    parameters = {"the_conversation_id": conversation_id, "viewer_id": viewer_id, "now": now}
    return MESSAGES.rows(db, page, parameters)
