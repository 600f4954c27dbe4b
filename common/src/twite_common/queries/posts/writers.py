"""Who wrote posts for accounts that aren't their own. Only whoever acts for such an account is told."""

from collections.abc import Collection

import msgspec
from sqlalchemy import BigInteger, Connection, and_, bindparam, select

from twite_common.sql.dialects import among
from twite_common.tables import account, post, post_writer


class Writer(msgspec.Struct, frozen=True, gc=False):
    """Who wrote a post for an account."""

    account_id: int
    username: str


OF_POSTS = (
    select(post_writer.c.post_id, account.c.id, account.c.username)
    .join(post, post.c.id == post_writer.c.post_id)
    .join(account, and_(account.c.id == post_writer.c.writer_id, ~account.c.pending))
    .where(among(post_writer.c.post_id, "ids"), post.c.account_id == bindparam("viewer_id", type_=BigInteger))
)


def of_posts(db: Connection, post_ids: Collection[int], *, viewer_id: int) -> dict[int, Writer]:
    """Return who wrote those of the posts that are the viewer's own and were written by a member, by post."""
    rows = db.execute(OF_POSTS, {"ids": list(post_ids), "viewer_id": viewer_id})
    return {post_id: Writer(*columns) for post_id, *columns in rows}
