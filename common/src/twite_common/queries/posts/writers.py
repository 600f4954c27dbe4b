"""Who wrote posts for accounts that aren't their own. Only whoever acts for such an account is told."""

from collections.abc import Collection

import msgspec
from sqlalchemy import BigInteger, Connection, and_, bindparam, literal_column, select, union_all

from twite_common import ids
from twite_common.sql.dialects import among
from twite_common.tables import account, post, post_edit_writer, post_writer


class Writer(msgspec.Struct, frozen=True, gc=False):
    """Who wrote a post for an account."""

    account_id: int
    username: str


OWNER = bindparam("viewer_id", type_=BigInteger)
OF_POSTS = (
    select(post_writer.c.post_id, account.c.id, account.c.username)
    .join(post, post.c.id == post_writer.c.post_id)
    .join(account, and_(account.c.id == post_writer.c.writer_id, ~account.c.pending))
    .where(among(post_writer.c.post_id, "ids"), post.c.account_id == OWNER)
)

_OWN = (post.c.id == bindparam("post_id", type_=BigInteger), post.c.account_id == OWNER)
OF_VERSIONS = union_all(
    select(literal_column("NULL", BigInteger), account.c.id, account.c.username)
    .select_from(post)
    .join(post_writer, post_writer.c.post_id == post.c.id)
    .join(account, and_(account.c.id == post_writer.c.writer_id, ~account.c.pending))
    .where(*_OWN),
    select(post_edit_writer.c.edited_at, account.c.id, account.c.username)
    .select_from(post)
    .join(post_edit_writer, post_edit_writer.c.post_id == post.c.id)
    .join(account, and_(account.c.id == post_edit_writer.c.writer_id, ~account.c.pending))
    .where(*_OWN),
)


def of_posts(db: Connection, post_ids: Collection[int], *, viewer_id: int) -> dict[int, Writer]:
    """Return who wrote those of the posts that are the viewer's own and were written by a member, by post."""
    rows = db.execute(OF_POSTS, {"ids": list(post_ids), "viewer_id": viewer_id})
    return {post_id: Writer(*columns) for post_id, *columns in rows}


def of_versions(db: Connection, post_id: int, *, viewer_id: int) -> dict[int, Writer]:
    """Return who wrote the versions of a post that is the viewer's own, by when these were written.

    Those that nobody but the account itself wrote are left out.
    """
    rows = db.execute(OF_VERSIONS, {"post_id": post_id, "viewer_id": viewer_id})
    return {edited_at or ids.created_at(post_id): Writer(*columns) for edited_at, *columns in rows}
